"""The rows that say which backups are wanted, running and done; the truth that a worker starts from."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from tenants import audit_log, context
from tenants.models import Backup, Tenant

# How long a request may wait, and a started backup may take, before it is sent to a worker again; a backup that is
# only slow is left alone by the second worker.
PATIENCE = timedelta(seconds=20)
PATIENCE_STARTED = timedelta(seconds=60)
NIGHTLY_AGE = timedelta(hours=20)
OPEN = Q(finished_at__isnull=True, failed_at__isnull=True)


def request(tenant: context.HasId, *, by: object) -> Backup:
    """Ask for a backup of a tenant, in the current operator's context."""
    backup = Backup.objects.create(tenant_id=tenant.id, requested_by=str(by))
    audit_log.record(tenant.id, "backup.requested", by=by, subject=backup.id)
    return backup


def due() -> list[Tenant]:
    """Return the tenants without a backup asked for in the last 20 h."""
    recent = Backup.objects.filter(requested_at__gt=timezone.now() - NIGHTLY_AGE, failed_at__isnull=True)
    tenants = Tenant.objects.filter(destroyed_at__isnull=True, archived_at__isnull=True)
    return list(tenants.exclude(id__in=recent.values("tenant_id")))


def waiting() -> list[Backup]:
    """Return the backups that were asked for a while ago and are not done: lost messages and killed workers."""
    now = timezone.now()
    unsent = Q(started_at__isnull=True, requested_at__lt=now - PATIENCE)
    stuck = Q(started_at__lt=now - PATIENCE_STARTED)
    rows = Backup.objects.filter(OPEN).filter(unsent | stuck).select_related("tenant")
    return list(rows.order_by("requested_at"))
