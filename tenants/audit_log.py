"""Writes the record of who did what, in the transaction of the change itself."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address

from tenants import requests
from tenants.models import AuditEntry

MASKED = "***"
SECRET_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "digest",
    "hash",
    "private_key",
    "credential",
)

# Set by the middleware, a command or a task: which request, command or task the work comes from.
source: ContextVar[str] = ContextVar("leasehold_source", default="")
# The operator who acts under another person's name: entries hold both.
on_behalf: ContextVar[object | None] = ContextVar("leasehold_on_behalf", default=None)


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
    request, operator = requests.current.get(), on_behalf.get()
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
                request_id=getattr(request, "id", ""),
                address=_address(request.META.get("REMOTE_ADDR")) if request else None,
                impersonator_id=getattr(operator, "pk", None),
                impersonator="" if operator is None else str(operator)[:254],
            )
        ]
    )


def _address(text: str | None) -> str | None:
    """Return what the server says of the caller, or None for a socket without an address."""
    try:
        validate_ipv46_address(text or "")
    except ValidationError:
        return None
    return text


def _mask(value: Any) -> Any:
    """Return a copy in which whatever a secret's name leads to, at any depth, is gone."""
    if isinstance(value, Mapping):
        return {name: MASKED if _is_secret(name) else _mask(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mask(inner) for inner in value]
    return value


def _is_secret(name: object) -> bool:
    plain = str(name).lower().replace("-", "_")
    return any(word in plain for word in SECRET_WORDS)
