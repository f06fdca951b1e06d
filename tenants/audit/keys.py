"""Whether relations between shared tables stay inside their tenant, as their models say they do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model

from tenants import guard, queries
from tenants.audit.findings import Finding

SQL = queries.load(Path(__file__).parents[1] / "sql" / "audit_keys.sql")
RULE = "composite-key-missing"


def find(cursor: Any) -> Iterator[Finding]:
    """Yield each relation between two models with a `tenant_id` that no composite foreign key holds.

    Policies do not see what a foreign key checks, and a relation without any key may point at another tenant's row.
    """
    cursor.execute("SET LOCAL search_path = public")  # as regclass shows names
    cursor.execute(SQL["composite"], {})
    held = set(cursor.fetchall())
    for model, field in relations():
        table, column, target = model._meta.db_table, field.column, field.related_model._meta.db_table
        if (table, column, target) not in held:
            yield Finding(
                RULE,
                f"column public.{table}.{column}",
                f"No foreign key keeps it inside the tenant: it may name a row of {target} of another one.",
                f'CompositeForeignKey("{model.__name__}", "{column}", "{target}") in a migration.',
            )


def relations() -> Iterator[tuple[type[Model], Any]]:
    """Yield the foreign keys from a shared model with a `tenant_id` to another one with it."""
    for config in apps.get_app_configs():
        for model in () if guard.is_tenant_app(config) else config.get_models():
            for field in model._meta.local_fields if _has_tenant(model) else ():
                if isinstance(field, ForeignKey) and _has_tenant(field.related_model):
                    yield model, field


def _has_tenant(model: Any) -> bool:
    return any(field.column == "tenant_id" for field in model._meta.local_fields)
