"""A migration operation that gives a third-party table in `public` to tenants, without a change of its model."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from psycopg import sql

from tenants import exceptions, grants, queries, rls

SQL = queries.load(Path(__file__).parent / "sql" / "rls.sql")
COLUMN = "tenant_id"
USE = sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}")
USE_NO_MORE = sql.SQL("REVOKE USAGE ON SEQUENCE {} FROM {}")


class AdoptTable(Operation):
    """Give each row of a table the tenant that writes it, and show it to nobody else.

    The column `tenant_id` is filled by its default, so that the app which owns the table need not know of it. `verbs`
    are as in `grants.protect`. Rows that are there already need `existing`, an SQL expression that says whose each is;
    a unique index without tenant_id must be named in `unique`, since its violation tells a tenant what others have.
    Raises NotAdoptable. The app's own models say nothing of backups: a table that is adopted is in none.
    """

    reversible = True
    reduces_to_sql = True
    atomic = True

    def __init__(
        self, table: str, verbs: dict[str, str], existing: str = "", unique: tuple[str, ...] = ()
    ) -> None:
        self.table = table
        self.verbs = verbs
        self.existing = existing
        self.unique = unique

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The model stays as its app wrote it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if not router.allow_migrate(schema_editor.connection.alias, app_label):
            return
        if not schema_editor.collect_sql:
            self._refuse(schema_editor)
        _run(schema_editor, self._own())
        for operation in self._protection():
            _run(schema_editor, operation.forwards(self._identifier))
        if not schema_editor.collect_sql:
            _run(schema_editor, self._for_sequences(schema_editor, USE))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if not router.allow_migrate(schema_editor.connection.alias, app_label):
            return
        if not schema_editor.collect_sql:
            _run(schema_editor, self._for_sequences(schema_editor, USE_NO_MORE))
        for operation in reversed(self._protection()):
            _run(schema_editor, operation.backwards(self._identifier))
        drop = sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(self._identifier, sql.Identifier(COLUMN))
        _run(schema_editor, [drop])

    def describe(self) -> str:
        return f"Each row of {self.table} belongs to the tenant that wrote it"

    @property
    def _identifier(self) -> sql.Identifier:
        return sql.Identifier("public", self.table)

    def _protection(self) -> list[rls.SharedTableOperation]:
        operations = grants.protect(self.table, tenant_column=COLUMN, using=None, **self.verbs)
        return [operation for operation in operations if isinstance(operation, rls.SharedTableOperation)]

    def _refuse(self, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            names = {"table": self._identifier.as_string(None), "column": COLUMN}
            cursor.execute(SQL["unique_without"], names)
            across = [name for (name,) in cursor.fetchall() if name not in self.unique]
            if across:
                raise exceptions.NotAdoptable(
                    f"{self.table} has unique indexes without {COLUMN}: {', '.join(across)}. A violation tells a"
                    " tenant what others have: drop them before, or accept them by name in unique=."
                )
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(self._identifier))
            if cursor.fetchone()[0] and not self.existing:
                raise exceptions.NotAdoptable(
                    f"{self.table} has rows that belong to no tenant. Say whose each is in existing=, or delete them."
                )

    def _own(self) -> Iterator[sql.Composed]:
        table, column = self._identifier, sql.Identifier(COLUMN)
        yield sql.SQL("ALTER TABLE {} ADD COLUMN {} uuid").format(table, column)
        if self.existing:
            whose = sql.SQL(self.existing)
            yield sql.SQL("UPDATE {} SET {} = ({})").format(table, column, whose)
        yield sql.SQL(
            "ALTER TABLE {} ALTER COLUMN {} SET NOT NULL, ALTER COLUMN {} SET DEFAULT public.current_tenant(),"
            " ADD FOREIGN KEY ({}) REFERENCES public.tenants_tenant (id) ON DELETE CASCADE"
        ).format(table, column, column, column)
        yield sql.SQL("CREATE INDEX ON {} ({})").format(table, column)

    def _for_sequences(self, editor: BaseDatabaseSchemaEditor, words: sql.SQL) -> Iterator[sql.Composed]:
        """A serial key's sequence is used by all tenants: its numbers tell each how many rows the others add."""
        with editor.connection.cursor() as cursor:
            cursor.execute(SQL["serial_sequences"], {"table": self._identifier.as_string(None)})
            sequences = [sql.Identifier(*name) for name in cursor.fetchall()]
        for role in (role for role, verbs in self.verbs.items() if "INSERT" in verbs):
            for sequence in sequences:
                yield words.format(sequence, sql.Identifier(role))


def _run(editor: BaseDatabaseSchemaEditor, statements: Iterable[sql.Composed]) -> None:
    for statement in statements:
        editor.execute(statement.as_string(None), params=None)
