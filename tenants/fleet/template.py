"""A schema made by Django's own migrate: the original that the schema script is read from and compared with."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.routers import TenantSyncRouter

from tenants import context, ddl, names


@contextmanager
def schema(tenant_id: UUID) -> Iterator[str]:
    """Make a tenant's role and migrated schema, in a transaction of the owner that is rolled back at the end."""
    connection = connections[context.ALIAS[context.Kind.OWNER]]
    name = names.schema_of(tenant_id)
    with context.owner():
        ddl.create_empty(tenant_id)
        with migrating(name), ddl.inside(tenant_id):
            _own_ledger(name)
            executor = MigrationExecutor(connection)
            targets = [key for key in executor.loader.graph.leaf_nodes() if _belongs_here(key[0])]
            executor.migrate(targets)
        yield name
        context.roll_back()


@contextmanager
def migrating(name: str) -> Iterator[None]:
    """Have the router split migrations for the schema of this name instead of `public`."""
    connection = connections[context.ALIAS[context.Kind.OWNER]]
    connection.set_schema(name)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]


def _own_ledger(name: str) -> None:
    """Make the schema's own django_migrations; while `public` is on the path Django would take that one for it."""
    connection = connections[context.ALIAS[context.Kind.OWNER]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', %s, true)", [name])
        MigrationRecorder(connection).ensure_schema()
        cursor.execute("SELECT set_config('search_path', %s, true)", [f"{name}, public"])


def _belongs_here(app_label: str) -> bool:
    return bool(TenantSyncRouter().app_in_list(app_label, settings.TENANT_APPS))
