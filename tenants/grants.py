"""Migration operations for what each database role may do with a shared table, and the one call that protects it."""

from django.db.migrations.operations.base import Operation
from psycopg import sql

from tenants import rls

VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})


class Grant(rls.SharedTableOperation):
    """Grant verbs (a comma list of SELECT, INSERT, UPDATE, DELETE) on a model's table to a role.

    columns narrows one verb to these columns of the table.
    """

    def __init__(self, model_name: str, role: str, verbs: str, columns: tuple[str, ...] = ()) -> None:
        super().__init__(model_name)
        self.role = role
        self.verbs = verbs
        self.columns = columns
        if unknown := {verb.strip() for verb in verbs.split(",")} - VERBS:
            raise ValueError(
                f"Grant takes SELECT, INSERT, UPDATE and DELETE, not {', '.join(sorted(unknown))}."
            )
        if columns and ("," in verbs or "DELETE" in verbs):
            raise ValueError("Columns narrow one verb, and no DELETE.")

    def forwards(self, table: sql.Identifier) -> list[sql.Composed]:
        return [sql.SQL("GRANT {} ON {} TO {}").format(self._what(), table, sql.Identifier(self.role))]

    def backwards(self, table: sql.Identifier) -> list[sql.Composed]:
        return [sql.SQL("REVOKE {} ON {} FROM {}").format(self._what(), table, sql.Identifier(self.role))]

    def describe(self) -> str:
        of = f" {', '.join(self.columns)}" if self.columns else ""
        return f"{self.role} may {self.verbs}{of} on {self.model_name}"

    def _what(self) -> sql.Composable:
        verbs = sql.SQL(self.verbs)
        if not self.columns:
            return verbs
        return sql.SQL("{} ({})").format(verbs, sql.SQL(", ").join(map(sql.Identifier, self.columns)))


def protect(
    model_name: str, *, tenant_column: str = "tenant_id", using: dict[str, str] | None = None, **verbs: str
) -> list[Operation]:
    """Return the operations that close a shared table and open it to the named roles.

    verbs maps a role to its comma list. A tenant role sees only its own rows; every other role sees all rows unless
    `using` gives it a rule.
    """
    rules = using or {}
    operations: list[Operation] = [rls.EnableRLS(model_name)]
    for role, granted in verbs.items():
        if role == "tenant" and role not in rules:
            operations.append(rls.TenantPolicy(model_name, tenant_column))
        else:
            operations.append(rls.RolePolicy(model_name, role, rules.get(role, "true")))
        operations.append(Grant(model_name, role, granted))
    return operations
