"""Usage: billable events as rows of the caller's transaction, display counters in memory until the next flush.

A display counter may lose what one process counted since its last flush (LEASEHOLD_USAGE_FLUSH_SECONDS) when that
process is killed. A billable event is lost or kept together with the thing that it counts.
"""

import atexit
import logging
import os
import threading
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models import F, Sum
from django.utils import timezone

from billing import exceptions
from billing.models import UsageCount, UsageEvent, UsageHour
from tenants import context, ids

log = logging.getLogger(__name__)
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


class Counters:
    """Display counters of this process: one dictionary step per count, one statement per flush."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()
        self._flusher: threading.Thread | None = None
        self._pid = 0

    def count(self, tenant_id: UUID, meter: str, quantity: int = 1) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[tenant_id, meter, hour] += quantity
        if self._pid != os.getpid():
            self._start_flusher()

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

    def _start_flusher(self) -> None:
        # A thread does not survive a fork, so each process starts its own at its first count.
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
        self._flusher = threading.Thread(target=self._flush_for_ever, name="usage-flush", daemon=True)
        self._flusher.start()
        atexit.register(self._flush_quietly)

    def _flush_for_ever(self) -> None:
        pause = threading.Event()
        while not pause.wait(settings.LEASEHOLD_USAGE_FLUSH_SECONDS):
            self._flush_quietly()

    def _flush_quietly(self) -> None:
        try:
            self.flush()
        except Exception:  # The border of this thread: the counts are kept for the next try.
            log.exception("usage counters could not be flushed")
            connections.close_all()


counters = Counters()
count = counters.count
flush = counters.flush


def roll_up() -> int:
    """Add all flushed counts to their hours and delete them, in the operator's transaction. Returns the hours changed.

    Killed at any point it leaves either the counts or the hours, never both.
    """
    taken = list(UsageCount.objects.select_for_update(skip_locked=True).values_list("id", flat=True))
    sums = (
        UsageCount.objects.filter(id__in=taken)
        .values("tenant_id", "meter", "hour")
        .annotate(total=Sum("quantity"))
        .order_by("tenant_id", "meter", "hour")
    )
    changed = 0
    for row in sums:
        _add(row["tenant_id"], row["meter"], row["hour"], row["total"])
        changed += 1
    UsageCount.objects.filter(id__in=taken).delete()
    return changed


def _add(tenant_id: UUID, meter: str, hour: datetime, quantity: int) -> None:
    hour_row, new = UsageHour.objects.get_or_create(
        tenant_id=tenant_id, meter=meter, hour=hour, defaults={"quantity": quantity}
    )
    if not new:
        UsageHour.objects.filter(pk=hour_row.pk).update(quantity=F("quantity") + quantity)
