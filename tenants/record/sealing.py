"""Puts entries into the chain of their tenant, after the fact: who writes an entry never waits for a chain's head."""

import logging
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from tenants import context
from tenants.models import AuditCheckpoint, AuditEntry, AuditSeal, AuditSealedEntry
from tenants.record import chain, keys, rows

ENTRIES_PER_SEAL = 1_000

log = logging.getLogger(__name__)


def seal_all() -> int:
    """Seal what is not sealed yet of every tenant; return the number of entries. Call it outside of any context.

    One transaction for each seal. An entry is found by not being sealed, not by its time or id: one that was committed
    late is sealed late.
    """
    with context.owner():
        found = list(unsealed().order_by().values_list("tenant_id", flat=True).distinct())
    return each(found, seal)


def each(found: Iterable[UUID], verb: Callable[[UUID], int]) -> int:
    """Return the sum over tenants. One that fails is logged, keeps no other back, and raises afterwards."""
    total, failed = 0, None
    for tenant_id in found:
        try:
            total += verb(tenant_id)
        except Exception as error:
            log.exception("%s of %s failed", verb.__name__, tenant_id)
            failed = error
    if failed is not None:
        raise failed
    return total


def seal(tenant_id: UUID) -> int:
    """Seal the entries of one tenant; return their number. 0 as well when somebody else is at it."""
    total = 0
    while True:
        with context.owner():
            count = _next(tenant_id) if lock(tenant_id, wait=False) else 0
        total += count
        if count < ENTRIES_PER_SEAL:
            return total


def unsealed() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(~Exists(AuditSealedEntry.objects.filter(entry_id=OuterRef("id"))))


def lock(tenant_id: UUID, *, wait: bool) -> bool:
    """Hold a tenant's chain until the owner's transaction ends: sealing, pruning, verifying exclude each other."""
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connections[context.ALIAS[context.Kind.OWNER]].cursor() as cursor:
        cursor.execute(LOCK[function], [f"tenants.record:{tenant_id.hex}"])
        row = cursor.fetchone()
    return wait or bool(row and row[0])


LOCK = {
    "pg_advisory_xact_lock": "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
    "pg_try_advisory_xact_lock": "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
}


def head(tenant_id: UUID) -> tuple[int, str]:
    """Return number and hash of the last seal, of the checkpoint when all were pruned, or (0, FIRST)."""
    for model in (AuditSeal, AuditCheckpoint):
        last = model.objects.filter(tenant_id=tenant_id).order_by("-number").first()
        if last is not None:
            return last.number, last.hash
    return 0, chain.FIRST


def _next(tenant_id: UUID) -> int:
    """Make the next seal of the oldest entries. The order inside is that of time; across seals it need not be."""
    waiting = unsealed().filter(tenant_id=tenant_id).order_by("at", "id")
    entries = list(rows.read(waiting[:ENTRIES_PER_SEAL]))
    if not entries:
        return 0
    number, previous = head(tenant_id)
    key_id, key = keys.current()
    digests = [(entry["id"], chain.digest(key, entry)) for entry in entries]
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "number": number + 1,
        "format": chain.FORMAT,
        "previous_hash": previous,
        "key_id": key_id,
        "entry_count": len(entries),
        "first_at": entries[0]["at"],
        "last_at": entries[-1]["at"],
        "sealed_at": timezone.now(),
    }
    AuditSeal.objects.create(**values, hash=chain.seal_hash(key, values, digests))
    AuditSealedEntry.objects.bulk_create(
        AuditSealedEntry(entry_id=entry_id, tenant_id=tenant_id, number=number + 1, position=n, digest=digest)
        for n, (entry_id, digest) in enumerate(digests)
    )
    return len(entries)
