"""Migration operations for row-level security: which rows of a shared table a database role sees and writes."""

import re
from pathlib import Path
from typing import Any

from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from psycopg import sql

from tenants import exceptions, queries

SQL = queries.load(Path(__file__).parent / "sql" / "rls.sql")
OWN_ROWS = sql.SQL("{} = (SELECT public.current_tenant())")


class SharedTableOperation(Operation):
    """An operation on the table of one model in `public`; a tenant's schema skips it like the model itself.

    A model of another app is named with its app: `account.EmailAddress`.
    """

    reversible = True
    reduces_to_sql = True
    atomic = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The model's state does not change: policies and grants live in the database alone."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(self.forwards, app_label, schema_editor, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(self.backwards, app_label, schema_editor, to_state)

    def model_of(self, app_label: str) -> tuple[str, str]:
        """Return app and name of the model, for an operation that stands in a migration of app_label."""
        label, _, name = self.model_name.rpartition(".")
        return label or app_label, name

    def forwards(self, table: sql.Identifier) -> list[sql.Composed]:
        raise NotImplementedError

    def backwards(self, table: sql.Identifier) -> list[sql.Composed]:
        raise NotImplementedError

    def _run(
        self, compose: Any, app_label: str, editor: BaseDatabaseSchemaEditor, state: ProjectState
    ) -> None:
        model = state.apps.get_model(*self.model_of(app_label))
        if self.allow_migrate_model(editor.connection.alias, model):
            for statement in compose(sql.Identifier("public", model._meta.db_table)):
                editor.execute(statement.as_string(None), params=None)


class EnableRLS(SharedTableOperation):
    """Switch row-level security on and force it on the owner, who gets a policy of its own for data migrations."""

    def forwards(self, table: sql.Identifier) -> list[sql.Composed]:
        return [
            sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table),
            sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(table),
            sql.SQL("CREATE POLICY owner_rows ON {} TO owner USING (true) WITH CHECK (true)").format(table),
        ]

    def backwards(self, table: sql.Identifier) -> list[sql.Composed]:
        return [
            sql.SQL("DROP POLICY owner_rows ON {}").format(table),
            sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(table),
            sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(table),
        ]

    def describe(self) -> str:
        return f"Force row-level security on {self.model_name}"


class RolePolicy(SharedTableOperation):
    """Let a role see and write the rows for which `using` holds; a grant still says which verbs it has.

    `using` is a literal of a migration, never of a user. The policy is named `<role>_rows`.
    """

    def __init__(self, model_name: str, role: str, using: str = "true") -> None:
        super().__init__(model_name)
        self.role = role
        self.using = using

    def forwards(self, table: sql.Identifier) -> list[sql.Composed]:
        rule = self.rule()
        statement = sql.SQL("CREATE POLICY {} ON {} TO {} USING ({}) WITH CHECK ({})")
        return [statement.format(self._policy(), table, sql.Identifier(self.role), rule, rule)]

    def backwards(self, table: sql.Identifier) -> list[sql.Composed]:
        return [sql.SQL("DROP POLICY {} ON {}").format(self._policy(), table)]

    def describe(self) -> str:
        return f"Policy of {self.role} on {self.model_name}"

    def rule(self) -> sql.Composable:
        return sql.SQL(self.using)

    def _policy(self) -> sql.Identifier:
        return sql.Identifier(f"{self.role}_rows")


class TenantPolicy(RolePolicy):
    """Let each tenant role see and write the rows whose column holds its own id, told by `current_user`."""

    def __init__(self, model_name: str, column: str = "tenant_id") -> None:
        super().__init__(model_name, "tenant")
        self.column = column

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model_name, self.column], {}

    def rule(self) -> sql.Composable:
        return OWN_ROWS.format(sql.Identifier(self.column))


class CompositeForeignKey(SharedTableOperation):
    """Reference (tenant_id, id) of another shared table, so that a row can only point at its own tenant's rows.

    on_delete is CASCADE, or NO ACTION where a row that is still pointed at must stay.
    """

    ON_DELETE = frozenset({"CASCADE", "NO ACTION"})

    def __init__(self, model_name: str, column: str, to: str, on_delete: str = "CASCADE") -> None:
        super().__init__(model_name)
        self.column = column
        self.to = to
        self.on_delete = on_delete
        if on_delete not in self.ON_DELETE:
            raise ValueError(f"on_delete is CASCADE or NO ACTION, not {on_delete!r}.")

    def forwards(self, table: sql.Identifier) -> list[sql.Composed]:
        statement = sql.SQL(
            "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY (tenant_id, {})"
            " REFERENCES {} (tenant_id, id) ON DELETE {}"
        )
        target = sql.Identifier("public", self.to)
        column, action = sql.Identifier(self.column), sql.SQL(self.on_delete)
        return [statement.format(table, self._name(), column, target, action)]

    def backwards(self, table: sql.Identifier) -> list[sql.Composed]:
        return [sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, self._name())]

    def describe(self) -> str:
        return f"{self.model_name}.{self.column} stays inside its tenant"

    def _name(self) -> sql.Identifier:
        return sql.Identifier(f"{self.model_name.lower()}_{self.column}_same_tenant")


class SecurityInvokerView(Operation):
    """Make a view that reads with the rights and the policies of whoever asks, and let roles read it.

    A view reads as its owner otherwise, past every grant and policy. `query` is a literal of a migration: one SELECT,
    whose tables the roles may read themselves. Raises UnsafeView when what it reads is not safe to be read through.
    """

    reversible = True
    reduces_to_sql = True
    atomic = True
    QUERY = re.compile(r"\s*(SELECT|WITH|VALUES)\b[^;]*\Z", re.IGNORECASE)

    def __init__(self, name: str, query: str, roles: tuple[str, ...] = ()) -> None:
        self.name = name
        self.query = query
        self.roles = roles
        if not self.QUERY.match(query):
            raise exceptions.UnsafeView(f"The view {name} is not made of one SELECT: {query!r}.")

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """No model's state changes; a model that reads the view is `managed = False`."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if not router.allow_migrate(schema_editor.connection.alias, app_label):
            return
        view = self._identifier(schema_editor)
        head = sql.SQL("CREATE VIEW {} WITH (security_invoker = true) AS ").format(view)
        statements = [head + sql.SQL(self.query)]
        statements += [
            sql.SQL("GRANT SELECT ON {} TO {}").format(view, sql.Identifier(role)) for role in self.roles
        ]
        for statement in statements:
            schema_editor.execute(statement.as_string(None), params=None)
        if not schema_editor.collect_sql:
            self._refuse_unsafe(schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if router.allow_migrate(schema_editor.connection.alias, app_label):
            drop = sql.SQL("DROP VIEW {}").format(self._identifier(schema_editor))
            schema_editor.execute(drop.as_string(None), params=None)

    def describe(self) -> str:
        return f"View {self.name}, read with the rights of whoever asks"

    def _identifier(self, editor: BaseDatabaseSchemaEditor) -> sql.Identifier:
        return sql.Identifier(editor.connection.schema_name, self.name)  # type: ignore[attr-defined]

    def _refuse_unsafe(self, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(SQL["read_past_policies"], {"view": self._identifier(editor).as_string(None)})
            found = [name for (name,) in cursor.fetchall()]
        if found:
            raise exceptions.UnsafeView(
                f"The view {self.name} reads {', '.join(found)} past grants and policies."
            )
