"""One schema: build and drop, with its role and its grants; the only place that composes identifiers for that."""

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
        sql.SQL("GRANT tenant TO {}").format(name),
        _may_become(name),
        sql.SQL("CREATE SCHEMA {}").format(name),
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}, backup").format(name, name),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT {} ON TABLES TO {}").format(name, DML, name),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT USAGE ON SEQUENCES TO {}").format(name, name),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO backup").format(name),
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
            sql.SQL("REVOKE ALL ON django_migrations FROM {}").format(
                sql.Identifier(names.schema_of(tenant_id))
            ),
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
    with cursor() as c:
        c.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [names.schema_of(tenant_id)])
        if not c.fetchone()[0]:
            return
    try:
        with transaction.atomic(using=context.ALIAS[context.Kind.OWNER]):
            _run(sql.SQL("DROP ROLE {}").format(name))
    except InternalError as error:
        if not isinstance(error.__cause__, DependentObjectsStillExist):
            raise


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
