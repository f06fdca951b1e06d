"""Writes the record of who did what, in the transaction of the change itself."""

from contextvars import ContextVar
from typing import Any
from uuid import UUID

from tenants.models import AuditEntry

MASKED = "***"
SECRET_WORDS = ("password", "secret", "token", "digest", "hash")

# Set by the middleware, a command or a task: which request, command or task the work comes from.
source: ContextVar[str] = ContextVar("leasehold_source", default="")


def record(
    tenant_id: UUID,
    action: str,
    *,
    by: object,
    subject: object = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add an entry to the tenant's record. `by` is a User, or the name of a command or a task."""
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                tenant_id=tenant_id,
                actor_id=getattr(by, "pk", None),
                actor=str(by)[:254],
                action=action,
                subject=str(subject)[:200],
                before=_mask(before),
                after=_mask(after),
                source=source.get()[:200],
            )
        ]
    )


def _mask(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        name: MASKED if any(word in name.lower() for word in SECRET_WORDS) else value
        for name, value in values.items()
    }
