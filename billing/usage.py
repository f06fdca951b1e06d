"""Usage: billable events as rows of the caller's transaction, display counters in memory until the next flush.

A display counter may lose what one process counted since its last flush (LEASEHOLD_USAGE_FLUSH_SECONDS) when that
process is killed. A billable event is lost or kept together with the thing that it counts.
"""

import json
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.utils import timezone

from billing import exceptions
from billing.models import UsageCount, UsageEvent
from tenants import context, flushing, ids, queries

EVENT_ID_LENGTH = 255
SQL = queries.load(Path(__file__).with_name("sql") / "usage.sql")

Key = tuple[UUID, str, datetime]


def record(
    meter: str,
    quantity: int = 1,
    *,
    properties: dict[str, Any] | None = None,
    id: str | None = None,  # noqa: A002  the promised signature
) -> bool:
    """Record something billable for the current tenant, in the current transaction. Returns whether it was new.

    id names the event (at most 255 characters): the same id again is the same event and changes nothing; with
    another meter or quantity it raises EventConflict. Raises InvalidQuantity, NoTenant.
    """
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise exceptions.InvalidQuantity(f"{quantity!r} is no quantity. It is a whole number above 0.")
    if id is not None and not 1 <= len(id) <= EVENT_ID_LENGTH:
        raise exceptions.InvalidEventId()
    tenant_id, event_id = context.tenant_id(), id or str(ids.new())
    event = UsageEvent(
        tenant_id=tenant_id, meter=meter, quantity=quantity, properties=properties or {}, event_id=event_id
    )
    UsageEvent.objects.bulk_create([event], ignore_conflicts=True)
    if id is None:
        return True
    kept = UsageEvent.objects.get(tenant_id=tenant_id, event_id=event_id)
    if (kept.meter, kept.quantity) != (meter, quantity):
        raise exceptions.EventConflict(f"The event {id!r} was recorded as {kept.quantity} {kept.meter}.")
    return kept.id == event.id


def _pause() -> float:
    return float(settings.LEASEHOLD_USAGE_FLUSH_SECONDS)


class Counters:
    """Display counters of this process: one dictionary step per count, one statement per flush."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()
        self._flusher = flushing.Flusher("usage counters", self.flush, seconds=_pause)

    def count(self, tenant_id: UUID, meter: str, quantity: int = 1) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[tenant_id, meter, hour] += quantity
        self._flusher.start()

    def flush(self) -> int:
        """Write what was counted, for all tenants in one statement. Returns the number of rows written."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return 0
        rows = [
            UsageCount(tenant_id=key[0], meter=key[1], hour=key[2], quantity=n) for key, n in counts.items()
        ]
        try:
            with context.public():
                UsageCount.objects.bulk_create(rows)
        except Exception:
            with self._lock:
                self._counts.update(counts)
            raise
        return len(rows)


counters = Counters()
count = counters.count
flush = counters.flush


def roll_up() -> int:
    """Add all flushed counts to their hours and delete them, in the operator's transaction. Returns the hours changed.

    Killed at any point it leaves either the counts or the hours, never both.
    """
    with connections[context.ALIAS[context.Kind.OPERATOR]].cursor() as cursor:
        cursor.execute(SQL["take_counts"])
        sums = [
            {
                "id": str(ids.new()),
                "tenant_id": str(tenant),
                "meter": meter,
                "hour": hour.isoformat(),
                "quantity": n,
            }
            for tenant, meter, hour, n in cursor.fetchall()
        ]
        cursor.execute(SQL["add_hours"], {"hours": json.dumps(sums)})
    return len(sums)
