"""What a tenant's role could use to step out, reach others or watch them: privileges read back, not those intended."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from tenants import queries
from tenants.audit.findings import Finding, Severity

SQL = queries.load(Path(__file__).parents[1] / "sql" / "audit_privileges.sql")
# Extensions that show other sessions, or reach files and servers; deploy/roles.sql closes the same.
WATCHING = (
    "pg_stat_statements pg_buffercache pgstattuple pgrowlocks pageinspect pg_visibility pg_walinspect pg_freespacemap"
    " pg_prewarm amcheck adminpack dblink postgres_fdw file_fdw xml2 lo"
).split()
AS_SUPERUSER = "Run deploy/roles.sql as a superuser."
ACCEPT = "Where there is none, {}. LEASEHOLD_MANAGED_POSTGRES=true accepts what is left, as a warning."
STRICT = ACCEPT.format("strict mode closes it for the tenants that need it")
NOTHING = ACCEPT.format("nothing closes it")


@dataclass(frozen=True, slots=True)
class Attack:
    """What functions of pg_catalog allow, whose names match a pattern, and what helps where none can be revoked."""

    rule: str
    functions: str
    allows: str
    otherwise: str = NOTHING


# deploy/roles.sql revokes what matches; a test compares the two.
ATTACKS = (
    Attack(
        "open-set-config",
        "set_config",
        "A single SELECT can change role inside the transaction, and so leave its tenant and become any other, or"
        " identity, which reads credentials.",
        STRICT,
    ),
    Attack(
        "open-session-state",
        "setseed|pg_prepared_statement",
        "A tenant sets what random() gives the next tenant on the connection, and reads the text of statements that"
        " others prepared on it.",
        STRICT,
    ),
    Attack(
        "open-locks",
        "pg_(try_)?advisory_.*",
        "A tenant can take any other's advisory lock and keep it when its transaction ends, so that others wait.",
    ),
    Attack(
        "open-notify",
        "pg_notify|pg_notification_queue_usage",
        "A tenant can send to every session that listens, and fill the queue until commits fail.",
    ),
    Attack("open-sleep", "pg_sleep(_for|_until)?", "One statement can hold a connection until its timeout."),
    Attack(
        "open-large-objects",
        "lo_.*|loread|lowrite",
        "A tenant can store large objects: no quota counts them, no backup holds them, destroying it leaves them.",
    ),
    Attack(
        "open-wal-messages",
        "pg_logical_emit_message",
        "A tenant can write to the log and to logical replication without a limit, also when it rolls back.",
    ),
    Attack(
        "open-snapshots",
        "pg_export_snapshot",
        "A tenant can write a file of the server and hand its snapshot to another session.",
    ),
    Attack(
        "open-sizes",
        "pg_(database|tablespace|total_relation|relation|table|indexes)_size",
        "A tenant can read how large another tenant's tables are.",
    ),
    Attack(
        "open-statistics",
        "pg_stat_.*",
        "A tenant can see which others are active (application_name in pg_stat_activity), and count the rows that they"
        " read and write.",
    ),
    Attack(
        "open-lock-list",
        "pg_lock_status|pg_(safe_snapshot_)?blocking_pids|pg_isolation_test_session_is_blocked|pg_prepared_xact",
        "A tenant can see which tables of others are in use at this moment.",
    ),
    Attack(
        "open-cluster",
        "pg_current_wal_.*|pg_last_(wal|xact|committed)_.*|pg_xact_commit_timestamp.*|pg_control_.*"
        "|pg_available_wal_summaries|pg_wal_summary_contents|pg_get_wal_summarizer_state|pg_get_replication_slots"
        "|pg_get_multixact_members",
        "A tenant can see how much the whole server writes, its replicas and when it made checkpoints.",
    ),
    # They refuse sessions of a login whose rights the caller lacks, as a tenant's role lacks those of app: a wall that
    # is missing, and with set_config the sessions of every tenant.
    Attack(
        "open-signals",
        "pg_cancel_backend|pg_terminate_backend",
        "A tenant that has become app (see open-set-config) can end every session of app.",
        STRICT,
    ),
)


def find(cursor: Any) -> Iterator[Finding]:
    """Yield one finding for each class of attack that privileges leave open. It changes nothing and reads no rows."""
    yield from _functions(cursor)
    yield from _languages(cursor)
    yield from _estimates(cursor)
    yield from _extensions(cursor)
    yield from _never_acceptable(cursor)


def _functions(cursor: Any) -> Iterator[Finding]:
    cursor.execute(SQL["functions"], {"patterns": [f"^({attack.functions})$" for attack in ATTACKS]})
    for number, names in cursor.fetchall():
        attack = ATTACKS[number - 1]
        yield _left_open(
            attack.rule, f"function pg_catalog.{', '.join(names)}", attack.allows, attack.otherwise
        )


def _languages(cursor: Any) -> Iterator[Finding]:
    cursor.execute(SQL["languages"], {})
    for (name,) in cursor.fetchall():
        yield _left_open(
            "open-language",
            f"language {name}",
            "Tenant roles may write code in it. DO is not among the allowed first words and they may create no"
            " function, so that one wall of two is missing.",
            ACCEPT.format("the list of first words stands alone"),
        )


def _estimates(cursor: Any) -> Iterator[Finding]:
    cursor.execute(SQL["estimates"], {})
    if cursor.fetchone()[0]:
        yield _left_open(
            "open-row-estimates",
            "column pg_catalog.pg_class.reltuples",
            "A tenant can read about how many rows each table of another tenant has.",
            NOTHING,
        )


def _extensions(cursor: Any) -> Iterator[Finding]:
    cursor.execute(SQL["extensions"], {"watching": WATCHING})
    for name, members in cursor.fetchall():
        yield Finding(
            "open-extension",
            f"extension {name}",
            f"Tenant roles may use {', '.join(members)}: it shows other sessions, or reaches files and servers.",
            "Run deploy/roles.sql as the owner of the extension, or move it to a schema that tenants may not use"
            " (ALTER EXTENSION ... SET SCHEMA).",
        )


def _never_acceptable(cursor: Any) -> Iterator[Finding]:
    """Yield what the owner of a database can close on every PostgreSQL, managed or not."""
    cursor.execute(SQL["superuser_functions"], {})
    for name, roles in cursor.fetchall():
        yield Finding(
            "superuser-function",
            f"function {name}",
            f"It is the superuser's alone, and {roles} may execute it: it can reach the server's files or settings.",
            "As a superuser: REVOKE EXECUTE on it from these roles, or run deploy/roles.sql.",
        )
    cursor.execute(SQL["places"], {})
    for kind, name, privilege in cursor.fetchall():
        yield Finding(
            "may-create",
            f"{kind} {name}",
            f"Tenant-facing roles have {privilege} there: what they make outlives the transaction, or hides a name.",
            "As the administrator: run deploy/roles.sql, after each copy of the database too.",
        )
    cursor.execute(SQL["ways_out"], {})
    for name, roles in cursor.fetchall():
        yield Finding(
            "way-out",
            f"role {name}",
            f"It is a member of {roles}, and can become what no tenant-facing process may be.",
            "As the administrator: REVOKE them from this role.",
        )
    cursor.execute(SQL["new_functions"], {})
    if cursor.fetchone()[0]:
        yield Finding(
            "open-new-functions",
            "default privileges of owner",
            "Every role may execute what a later migration makes, also when it runs as owner.",
            "As owner: ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC.",
        )


def _left_open(rule: str, name: str, problem: str, otherwise: str) -> Finding:
    severity = Severity.WARNING if settings.LEASEHOLD_MANAGED_POSTGRES else Severity.ERROR
    return Finding(rule, name, problem, f"{AS_SUPERUSER} {otherwise}", severity)
