"""Asks the record: which entries there are, newest first, for the API, the export and nobody's change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Filters:
    """What an entry must fit. action is a prefix; actor is an address, also of an operator who acted as somebody."""

    action: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not included


def listing(filters: Filters) -> QuerySet[AuditEntry]:
    """Return the entries of the current tenant that fit, newest first."""
    found = AuditEntry.objects.order_by("-at", "-id")
    if filters.action:
        found = found.filter(action__startswith=filters.action)
    if filters.actor:
        found = found.filter(Q(actor__iexact=filters.actor) | Q(impersonator__iexact=filters.actor))
    if filters.since:
        found = found.filter(at__gte=filters.since)
    if filters.until:
        found = found.filter(at__lt=filters.until)
    return found


def older_than(found: QuerySet[AuditEntry], at: datetime, entry_id: UUID) -> QuerySet[AuditEntry]:
    """Return what a listing holds after the entry of this place."""
    return found.filter(Q(at=at, id__lt=entry_id) | Q(at__lt=at))


def plain(entry: AuditEntry) -> dict[str, Any]:
    """Return the columns of an entry for export."""
    return {name: getattr(entry, name) for name in EXPORTED}


EXPORTED = (
    "id",
    "at",
    "actor_id",
    "actor",
    "impersonator_id",
    "impersonator",
    "action",
    "subject",
    "before",
    "after",
    "source",
    "request_id",
    "address",
)
