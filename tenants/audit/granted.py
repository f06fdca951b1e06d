"""Whether tenant-facing roles may do with shared tables what migrations say, and no more."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tenants import queries
from tenants.adoption import AdoptTable
from tenants.audit.findings import Finding
from tenants.grants import Grant
from tenants.rls import SecurityInvokerView

SQL = queries.load(Path(__file__).parents[1] / "sql" / "audit_privileges.sql")
RULE = "grant-not-migrated"

Granted = dict[tuple[str, str], set[str]]  # what a role may do with a table of `public`


def find(cursor: Any) -> Iterator[Finding]:
    """Yield each grant of a tenant-facing role that no operation of a migration makes.

    Policies say which rows, grants what may be done with them: a tenant that may write its own membership could show
    itself any person, and a table that only the console reads needs no policies.
    """
    wanted = in_migrations()
    cursor.execute(SQL["grants"], {})
    for table, role, verbs in cursor.fetchall():
        if more := sorted(set(verbs) - wanted.get((table, role), set())):
            yield Finding(
                RULE,
                f"table public.{table}",
                f"{role} may {', '.join(more)}, which no migration grants.",
                f"Take it from {role} as owner, or give it with tenants.grants.Grant in a migration.",
            )


def in_migrations() -> Granted:
    """Return what the migrations of the installed apps grant, whether they have run or not."""
    found: Granted = {}
    for migration in MigrationLoader(None).disk_migrations.values():
        for table, role, verbs in _grants(migration.app_label, migration.operations):
            found.setdefault((table, role), set()).update(verb.strip() for verb in verbs.split(","))
    return found


def _grants(label: str, operations: Iterable[Operation]) -> Iterator[tuple[str, str, str]]:
    for operation in operations:
        match operation:
            case Grant() if _exists(*operation.model_of(label)):
                model = apps.get_model(*operation.model_of(label))
                yield model._meta.db_table, operation.role, operation.verbs
            case AdoptTable():
                yield from ((operation.table, role, verbs) for role, verbs in operation.verbs.items())
            case SecurityInvokerView():
                yield from ((operation.name, role, "SELECT") for role in operation.roles)


def _exists(label: str, name: str) -> bool:
    return name.lower() in apps.all_models[label]
