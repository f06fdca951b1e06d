"""The ledger of backups."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.tenant import Tenant


class Backup(models.Model):
    """A backup asked for, running, done or failed; a worker finds those asked for here and not in the broker."""

    ON_CLONE = None

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="backups")
    requested_at = models.DateTimeField(default=timezone.now)
    requested_by = models.CharField(max_length=254)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    rows: int | None = models.BigIntegerField(null=True, blank=True)  # type: ignore[assignment]
    bytes: int | None = models.BigIntegerField(null=True, blank=True)  # type: ignore[assignment]
    manifest_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-requested_at"], name="tenants_backup_recent"),
            models.Index(
                fields=["requested_at"],
                condition=models.Q(finished_at__isnull=True, failed_at__isnull=True),
                name="tenants_backup_open",
            ),
        ]

    def __str__(self) -> str:
        return f"backup {self.id}"

    @property
    def state(self) -> str:
        """Return requested, running, finished or failed."""
        if self.failed_at:
            return "failed"
        if self.finished_at:
            return "finished"
        return "running" if self.started_at else "requested"
