"""tenants.audit.catalog: a fresh database breaks no rule, and each rule finds what was planted for it and nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tenants.audit import allowed, catalog
from tenants.audit.findings import Finding, Severity
from tests import databases
from tests.tenants.audit.planted import FROM_16, PLANTED, Plant, definer

DIGEST = re.compile(r" as of [0-9a-f]{8}\Z")  # of what an exception is for

Cursor = psycopg.Cursor[tuple[Any, ...]]


@pytest.fixture
def admin(module_db: str) -> Iterator[Cursor]:
    """A superuser's cursor in a transaction that is rolled back; the audit itself runs in it as the owner."""
    with psycopg.connect(databases.servers().admin_url(module_db)) as connection:
        cursor = connection.cursor()
        cursor.execute("SET LOCAL search_path = public")
        yield cursor
        connection.rollback()


def audit(cursor: Cursor) -> set[Finding]:
    """Return what the owner finds, declared exceptions left out."""
    cursor.execute("SET LOCAL ROLE owner")
    exceptions = {known: why for known, why in allowed.declared().items() if known[0] in catalog.RULES}
    found = set(allowed.remaining(catalog.find(cursor), exceptions))
    cursor.execute("RESET ROLE")
    return found


def names(cursor: Cursor) -> dict[str, str]:
    cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-f]{32}$' ORDER BY 1")
    a, b, *_ = (name for (name,) in cursor.fetchall())
    return {"a": a, "b": b, "database": cursor.connection.info.dbname}


def fill(text: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        text = text.replace("{" + name + "}", value)
    return text


def test_a_fresh_database_breaks_no_rule(admin: Cursor) -> None:
    assert audit(admin) == set()


@pytest.mark.parametrize("planted", [*PLANTED, *FROM_16], ids=str)
def test_what_is_planted_is_found_and_nothing_else(admin: Cursor, planted: Plant) -> None:
    if planted in FROM_16 and admin.connection.info.server_version < 160000:
        pytest.skip("a membership has no such option before PostgreSQL 16")
    places = names(admin)
    admin.execute(fill(planted.statement, places).encode())
    found = audit(admin)
    mine = [finding for finding in found if finding.rule == planted.rule]
    assert [DIGEST.sub("", finding.object) for finding in mine] == [fill(planted.object, places)]
    assert {finding.rule for finding in found} == {planted.rule, *planted.also}
    assert all(finding.problem and finding.repair for finding in found)


def test_every_rule_has_a_planted_violation() -> None:
    assert {planted.rule for planted in (*PLANTED, *FROM_16)} == set(catalog.RULES)


def test_every_rule_gives_its_reason() -> None:
    assert [rule for rule, query in catalog.RULES.items() if not query.startswith("-- ")] == []


def test_only_what_the_design_accepts_is_a_warning(admin: Cursor) -> None:
    assert set(catalog.RULES) >= catalog.WARNINGS
    admin.execute("GRANT SELECT ON SEQUENCE django_admin_log_id_seq TO tenant; ALTER ROLE app SUPERUSER")
    severities = {finding.rule: finding.severity for finding in audit(admin)}
    assert severities == {"sequence-reachable": Severity.WARNING, "role-attribute": Severity.ERROR}


def test_the_path_of_the_session_is_as_it_was(admin: Cursor) -> None:
    audit(admin)
    admin.execute("SELECT current_setting('search_path')")
    assert admin.fetchone() == ("public",)


def test_a_tenant_in_strict_mode_may_log_in(admin: Cursor) -> None:
    strict = (
        "SET LOCAL ROLE owner; REVOKE {a} FROM app; RESET ROLE; ALTER ROLE {a} LOGIN; GRANT CONNECT ON DATABASE {database} TO tenant;"
        "ALTER ROLE {a} SET search_path = ''; ALTER ROLE {a} SET timezone = 'UTC'"
    )
    admin.execute(fill(strict, names(admin)).encode())
    assert audit(admin) == set()


def test_a_membership_that_may_be_passed_on_is_kept_and_cannot_be(admin: Cursor) -> None:
    admin.execute("GRANT identity TO app WITH ADMIN OPTION")
    (finding,) = audit(admin)
    admin.execute(finding.repair.encode())
    admin.execute("SELECT pg_has_role('app', 'identity', 'MEMBER')")
    assert admin.fetchone() == (True,)


REPAIRED = [
    "ALTER TABLE billing_usageevent DISABLE ROW LEVEL SECURITY",
    "DROP POLICY owner_rows ON tenants_domain",
    "ALTER TABLE billing_usagehour ALTER tenant_id DROP NOT NULL",
    "GRANT UPDATE ON billing_plan TO tenant",
    "GRANT DELETE ON {a}.django_migrations TO {a}",
    "ALTER TABLE {a}.commerce_variant OWNER TO {a}",
    "GRANT CREATE ON SCHEMA {a} TO {a}",
    "GRANT TEMP ON DATABASE {database} TO PUBLIC",
    "ALTER ROLE app SUPERUSER",
    "GRANT console TO app",
    "SET LOCAL ROLE owner; GRANT {a} TO {b}; RESET ROLE",
    "GRANT identity TO app WITH ADMIN OPTION",
    "GRANT TRUNCATE ON {a}.commerce_variant TO {a}",
    "GRANT SELECT ON billing_plan TO {a}",
    "GRANT TRUNCATE ON tenants_auditentry TO tenant",
    "GRANT SELECT ON billing_plan TO tenant WITH GRANT OPTION",
    "GRANT UPDATE (name) ON tenants_tenant TO tenant",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {a} GRANT SELECT ON TABLES TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {a} REVOKE SELECT ON TABLES FROM backup",
    "ALTER ROLE console SET role = tenant",
    "GRANT SET ON PARAMETER session_replication_role TO app",
    "CREATE VIEW {a}.v AS SELECT 1 AS one; ALTER VIEW {a}.v OWNER TO owner",
    definer("public.f"),
    "CREATE RULE r AS ON INSERT TO billing_usageevent DO ALSO DELETE FROM billing_usagehour",
    "SELECT lo_create(4711)",
    "ALTER TABLE {a}.commerce_cartline SET UNLOGGED",
    "CREATE EXTENSION pg_trgm SCHEMA {a}",
    "ALTER TABLE billing_usagecount DISABLE TRIGGER ALL",
    "ALTER DATABASE {database} SET session_replication_role = replica",
    "ALTER ROLE ALL SET session_replication_role = replica",
    "GRANT SELECT (rolpassword) ON pg_authid TO PUBLIC",
    "CREATE VIEW information_schema.v AS SELECT 1 AS one",
    'CREATE COLLATION public.c FROM "C"; ALTER COLLATION public.c OWNER TO {a}',
    "CREATE TYPE public.pair AS (one int); ALTER TYPE public.pair OWNER TO tenant",
]


@pytest.mark.parametrize("statement", REPAIRED)
def test_a_repair_that_is_a_statement_repairs(admin: Cursor, statement: str) -> None:
    admin.execute(fill(statement, names(admin)).encode())
    (finding,) = audit(admin)
    # Default privileges belong to a role: the owner pastes that repair, an administrator the others.
    admin.execute("SET LOCAL ROLE owner" if finding.rule == "default-privileges" else "RESET ROLE")
    admin.execute(finding.repair.encode())
    admin.execute("RESET ROLE")
    assert audit(admin) == set()
