"""Deletes what a tenant's plan keeps no longer: whole seals from the beginning of the chain, and nothing else."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from tenants import audit_log, context, hooks
from tenants.models import AuditCheckpoint, AuditEntry, AuditSeal, AuditSealedEntry, Tenant
from tenants.record import chain, keys, sealing, verifying

RETENTION_DAYS = 365  # where no floor above answers
ACTOR = "audit retention"

log = logging.getLogger(__name__)


def prune_all() -> int:
    """Prune every tenant's record; return the number of entries. Call it outside of any context."""
    with context.owner():
        tenants = list(AuditSeal.objects.order_by().values_list("tenant_id", flat=True).distinct())
    return sealing.each(tenants, prune)


def prune(tenant_id: UUID) -> int:
    """Delete the seals that are older than the retention, with their entries; return the number of entries.

    The age is that of the seal, which no tenant can set, and not that of the entry. A chain that does not verify stays
    as it is: what is wrong with it is evidence.
    """
    with context.owner():
        sealing.lock(tenant_id, wait=True)
        before = timezone.now() - timedelta(days=days(Tenant.objects.get(id=tenant_id)))
        seals = _prefix(tenant_id, before=before)
        if not seals:
            return 0
        if findings := verifying.walk(tenant_id).findings:
            log.error("the record of %s does not verify and is not pruned: %s", tenant_id, findings[0])
            return 0
        return _delete(tenant_id, seals)


def days(tenant: Tenant) -> int:
    """Return how long entries of the tenant are kept: the longest that any floor above asks for."""
    answers = [answer for _, answer in hooks.retention.send(Tenant, tenant=tenant)]
    return max((int(answer) for answer in answers if answer is not None), default=RETENTION_DAYS)


def _prefix(tenant_id: UUID, *, before: datetime) -> list[AuditSeal]:
    found: list[AuditSeal] = []
    for seal in AuditSeal.objects.filter(tenant_id=tenant_id).order_by("number").iterator(chunk_size=200):
        if seal.sealed_at >= before:
            break
        found.append(seal)
    return found


def _delete(tenant_id: UUID, seals: list[AuditSeal]) -> int:
    last = seals[-1]
    key_id, key = keys.current()
    AuditCheckpoint.objects.create(
        tenant_id=tenant_id,
        number=last.number,
        hash=last.hash,
        key_id=key_id,
        proof=chain.proof(key, tenant_id, last.number, last.hash),
    )
    members = AuditSealedEntry.objects.filter(tenant_id=tenant_id, number__lte=last.number)
    count, _ = AuditEntry.objects.filter(id__in=members.values("entry_id")).delete()
    members.delete()
    AuditSeal.objects.filter(tenant_id=tenant_id, number__lte=last.number).delete()
    audit_log.record(
        tenant_id,
        "audit.pruned",
        by=ACTOR,
        after={"entries": count, "last_seal": last.number, "sealed_before": last.sealed_at.isoformat()},
    )
    return count
