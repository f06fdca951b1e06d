"""Which tables a backup reads and how: a tenant's schema in COPY text ordered by primary key, `public` as JSON."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from psycopg import sql

from tenants import queries

SQL = queries.load(Path(__file__).with_name("tables.sql"))
LEDGER = "django_migrations"  # Its rows come from the schema script.


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a tenant's schema: its columns that can be written, and its primary key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def select(self, schema: str) -> sql.Composed:
        return sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
            _list(self.columns), sql.Identifier(schema, self.name), _list(self.key)
        )

    def load(self, schema: str) -> sql.Composed:
        return sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(schema, self.name), _list(self.columns)
        )


def of_schema(cursor: Any, schema: str) -> list[Table]:
    """Return the tables of a schema by name, without the migrations' ledger."""
    cursor.execute(SQL["tables"], {"schema": schema})
    return [
        Table(name, tuple(columns), tuple(key)) for name, columns, key in cursor.fetchall() if name != LEDGER
    ]


def sequences(cursor: Any, schema: str) -> dict[str, int]:
    """Return the last value of each sequence of a schema that has handed one out, except the ledger's."""
    cursor.execute(SQL["sequences"], {"schema": schema})
    return {name: value for name, value in cursor.fetchall() if not name.startswith(LEDGER)}


def copy_out(cursor: Any, statement: sql.Composed) -> Iterator[bytes]:
    with cursor.copy(statement) as copy:
        for chunk in copy:
            yield bytes(chunk)


def digest(cursor: Any, table: Table, schema: str) -> str:
    """Return the SHA-256 of a table's rows, as a backup of it would have."""
    sha = hashlib.sha256()
    for chunk in copy_out(cursor, table.select(schema)):
        sha.update(chunk)
    return sha.hexdigest()


def shared() -> list[type[models.Model]]:
    """Return the models in `public` whose rows belong to a tenant and that say what a backup does with them."""
    installed = {config.name for config in apps.get_app_configs()} & set(settings.SHARED_APPS)
    found = [
        model
        for model in apps.get_models()
        if apps.get_app_config(model._meta.app_label).name in installed and on_clone(model) is not None
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def on_clone(model: type[models.Model]) -> str | None:
    """Return copy (a clone gets the rows, with new ids), skip (kept in the backup only), or None: not in a backup."""
    return getattr(model, "ON_CLONE", None)


def rows_of(cursor: Any, model: type[models.Model], tenant_id: str) -> Iterator[str]:
    """Yield the tenant's rows of a shared table as JSON, in order of their ids."""
    statement = sql.SQL("SELECT to_jsonb(r)::text FROM {} r WHERE tenant_id = %s ORDER BY id")
    cursor.execute(statement.format(sql.Identifier("public", model._meta.db_table)), [tenant_id])
    for (row,) in cursor:
        yield row


def _list(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
