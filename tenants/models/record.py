"""The record of who changed what."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.tenant import Tenant


class AuditEntry(models.Model):
    """Who changed what, in the same transaction as the change. Rows are added, never changed."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="audit_entries")
    at = models.DateTimeField(default=timezone.now)
    actor_id: UUID | None = models.UUIDField(null=True)  # type: ignore[assignment]
    actor = models.CharField(max_length=254, help_text="The actor's address then, or the command or task.")
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    source = models.CharField(max_length=200, blank=True, help_text="Request, command or task it came from.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-at"], name="tenants_auditentry_recent"),
            models.Index(fields=["-at"], name="tenants_auditentry_at"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"
