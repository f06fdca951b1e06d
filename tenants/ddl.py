"""One schema: build, drop, retire, with its role and its grants; the only place that composes identifiers for that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InternalError, connections, transaction
from psycopg import sql
from psycopg.errors import DependentObjectsStillExist

from tenants import context, names
from tenants.fleet.script import Script, parse

DML = sql.SQL("SELECT, INSERT, UPDATE, DELETE")
LEDGER = "django_migrations"
LOCK_TIMEOUT_MS = 5_000


@cache
def script() -> Script:
    """Return the committed script that builds a tenant's schema, as LEASEHOLD_SCHEMA_SCRIPT names it."""
    return parse(Path(settings.LEASEHOLD_SCHEMA_SCRIPT).read_text(encoding="utf-8"))


def build(tenant_id: UUID) -> None:
    """Make role, schema, tables and grants of a tenant in the current owner's transaction: all of it or nothing."""
    create_empty(tenant_id)
    run_before(tenant_id)
    run_after(tenant_id)


def create_empty(tenant_id: UUID) -> None:
    """Make the tenant's role and its empty schema, with grants that also cover tables of later migrations."""
    name = sql.Identifier(names.schema_of(tenant_id))
    _run(
        sql.SQL("CREATE ROLE {} NOLOGIN INHERIT").format(name),
        sql.SQL("CREATE SCHEMA {}").format(name),
        _may_become(name),
        *_grants(name),
    )


def grant(tenant_id: UUID) -> None:
    """Make the role and the grants of a schema that lost them, as after a dump that came to another cluster.

    Who may become the role is left to `give_login` and `take_login`.
    """
    name = sql.Identifier(names.schema_of(tenant_id))
    if not _role_exists(tenant_id):
        _run(sql.SQL("CREATE ROLE {} NOLOGIN INHERIT").format(name))
    _run(
        *_grants(name),
        sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA {} TO {}").format(DML, name, name),
        sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(name, name),
        sql.SQL("GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {} TO {}").format(name, name),
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO backup").format(name),
        *_close_ledger(name),
    )


def run_before(tenant_id: UUID) -> None:
    """Make the tables, without keys and indexes: rows load faster that way."""
    with inside(tenant_id):
        _run(*(sql.SQL(line) for line in (*script().before, *script().rows)))


def run_after(tenant_id: UUID) -> None:
    """Add keys, indexes and triggers to loaded tables; the migrations' own ledger is closed to the tenant."""
    with inside(tenant_id):
        _run(
            *(sql.SQL(line) for line in script().after),
            *_close_ledger(sql.Identifier(names.schema_of(tenant_id))),
        )


def drop(tenant_id: UUID) -> None:
    """Remove a tenant's schema and role. Raises OperationalError when a running request holds a lock for too long.

    A role that another database of the cluster uses as well (a copy of this one) stays there; it owns nothing here.
    """
    name = sql.Identifier(names.schema_of(tenant_id))
    _run(
        sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT_MS)),
        sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name),
    )
    drop_role(tenant_id)


def drop_role(tenant_id: UUID) -> bool:
    """Remove a tenant's role, and return whether it is gone: another database, or a grant here, may still need it."""
    if not _role_exists(tenant_id):
        return True
    try:
        with transaction.atomic(using=context.ALIAS[context.Kind.OWNER]):
            _run(sql.SQL("DROP ROLE {}").format(sql.Identifier(names.schema_of(tenant_id))))
    except InternalError as error:
        if not isinstance(error.__cause__, DependentObjectsStillExist):
            raise
        return False
    return True


def filled_tables(tenant_id: UUID) -> list[str]:
    """Return the tables of a schema that hold a row, apart from the migrations' ledger."""
    schema = names.schema_of(tenant_id)
    with cursor() as c:
        c.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'",
            [schema],
        )
        found = sorted(name for (name,) in c.fetchall() if name != LEDGER)
        return [name for name in found if _holds_a_row(c, sql.Identifier(schema, name))]


def empty(tenant_id: UUID, tables: Sequence[str]) -> None:
    """Remove every row of these tables. Raises OperationalError when a running request holds a lock for too long.

    No trigger asks anything: what may be added alone goes, too. Tables that refer to these must be empty; they are
    emptied with them.
    """
    names_ = sql.SQL(", ").join(sql.Identifier(names.schema_of(tenant_id), table) for table in tables)
    _run(
        sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT_MS)),
        sql.SQL("TRUNCATE {} CASCADE").format(names_),
    )


@contextmanager
def untriggered(tenant_id: UUID, tables: Sequence[str]) -> Iterator[None]:
    """Have no trigger of these tables run until the block ends; foreign keys are checked then, and the planner told.

    Locks the tables against whoever else writes. For whole histories that come with their counters.
    """
    found = [sql.Identifier(names.schema_of(tenant_id), table) for table in tables]
    off, on = sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER"), sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER")
    _run(
        sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT_MS)),
        *(off.format(table) for table in found),
    )
    yield
    _run(
        sql.SQL("SET CONSTRAINTS ALL IMMEDIATE"),
        *(on.format(table) for table in found),
        sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(found)),
    )


def retire(tenant_id: UUID) -> str:
    """Put a schema that belongs to no tenant aside under its retired name, out of every role's reach but the owner's.

    Every table is locked first: a rename alone waits for nobody and would split a running transaction in two.
    """
    schema, kept = names.schema_of(tenant_id), names.retired_of(tenant_id)
    name = sql.Identifier(schema)
    with cursor() as c:
        c.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'",
            [schema],
        )
        tables = [sql.Identifier(schema, table) for (table,) in c.fetchall()]
    roles = [name, sql.Identifier("backup")] if _role_exists(tenant_id) else [sql.Identifier("backup")]
    of_schema = (
        "REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA {} FROM {}",
        "REVOKE ALL ON ALL ROUTINES IN SCHEMA {} FROM {}",
        "REVOKE ALL ON SCHEMA {} FROM {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {} REVOKE ALL ON ROUTINES FROM {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {} REVOKE ALL ON TABLES FROM {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {} REVOKE ALL ON SEQUENCES FROM {}",
    )
    _run(
        sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT_MS)),
        *([sql.SQL("LOCK TABLE {}").format(sql.SQL(", ").join(tables))] if tables else []),
        *(sql.SQL(statement).format(name, role) for role in roles for statement in of_schema),
        sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(name, sql.Identifier(kept)),
    )
    drop_role(tenant_id)
    return kept


def give_login(tenant_id: UUID, password: str) -> None:
    """Let a tenant's role log in with password, and let `app` become it no more."""
    role = names.schema_of(tenant_id)
    name, owner = sql.Identifier(role), connections[context.ALIAS[context.Kind.OWNER]]
    owner.ensure_connection()
    # The server sees the verifier only, and so does its log.
    verifier = owner.connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    _run(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(verifier.decode())),
        sql.SQL("ALTER ROLE {} SET search_path = ''").format(name),
        sql.SQL("ALTER ROLE {} SET timezone = 'UTC'").format(name),
        sql.SQL("REVOKE {} FROM app").format(name),
    )


def take_login(tenant_id: UUID) -> None:
    """Undo `give_login`."""
    name = sql.Identifier(names.schema_of(tenant_id))
    _run(
        sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD NULL").format(name),
        sql.SQL("ALTER ROLE {} RESET ALL").format(name),
        _may_become(name),
    )


class inside:  # noqa: N801  reads as a verb phrase: `with ddl.inside(tenant_id):`
    """Unqualified names mean the tenant's schema, then `public`, until the block ends."""

    def __init__(self, tenant_id: UUID) -> None:
        self.schema = names.schema_of(tenant_id)

    def __enter__(self) -> None:
        _run(
            sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(self.schema)),
            sql.SQL("SET LOCAL check_function_bodies = off"),
        )

    def __exit__(self, exc_type: type[BaseException] | None, *_: object) -> None:
        if exc_type is None:
            _run(sql.SQL("SET LOCAL search_path = public"), sql.SQL("SET LOCAL check_function_bodies = on"))


def cursor() -> Any:
    """Return a cursor of the owner's connection."""
    return connections[context.ALIAS[context.Kind.OWNER]].cursor()


def _grants(name: sql.Identifier) -> list[sql.Composed]:
    """Return what a tenant's role and backup may do in its schema; all of it may be run again."""
    return [
        sql.SQL("GRANT tenant TO {}").format(name),
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}, backup").format(name, name),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT {} ON TABLES TO {}").format(name, DML, name),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT USAGE ON SEQUENCES TO {}").format(name, name),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT EXECUTE ON ROUTINES TO {}").format(name, name),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO backup").format(name),
    ]


def _close_ledger(name: sql.Identifier) -> list[sql.Composed]:
    return [sql.SQL("REVOKE ALL ON {}.{} FROM {}").format(name, sql.Identifier(LEDGER), name)]


def _holds_a_row(c: Any, table: sql.Identifier) -> bool:
    c.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table))
    return bool(c.fetchone()[0])


def _role_exists(tenant_id: UUID) -> bool:
    with cursor() as c:
        c.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [names.schema_of(tenant_id)])
        return bool(c.fetchone()[0])


def _may_become(role: sql.Identifier) -> sql.Composed:
    """Return the grant that lets `app` become role, and inherit nothing of it."""
    # On 15 there are no such options, and NOINHERIT of the login does the same.
    options = " WITH INHERIT FALSE, SET TRUE" if _server_version() >= 160000 else ""
    return sql.SQL("GRANT {} TO app{}").format(role, sql.SQL(options))


def _server_version() -> int:
    return connections[context.ALIAS[context.Kind.OWNER]].pg_version  # type: ignore[attr-defined, no-any-return]


def _run(*statements: sql.Composable) -> None:
    """Send all statements in one round trip."""
    with cursor() as c:
        c.execute(sql.SQL(";\n").join(statements))
