"""People who are about to join: an address that is not proven yet, and a tenant that is not built yet."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.people import User


class PendingSignUp(models.Model):
    """What somebody typed who says that an address is theirs; nothing else is made before they prove it.

    Readable by the role `identity` alone.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    password_hash = models.CharField(max_length=200)
    tenant_name = models.CharField(max_length=200)
    slug = models.CharField(max_length=41)
    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the token in the mail.")
    requested_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"sign-up {self.id}"


class TenantRequest(models.Model):
    """A tenant that a person asked for; the worker of the queue `ddl` finds it here and not in the broker."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tenant_requests")
    slug = models.CharField(max_length=41)
    name = models.CharField(max_length=200)
    requested_at = models.DateTimeField(default=timezone.now)
    started_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    built_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    failed_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=100, blank=True, help_text="The code of what went wrong last.")
    # No foreign key: the request outlives the tenant that came of it.
    built_id: UUID | None = models.UUIDField(null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["requested_at"],
                condition=models.Q(built_at__isnull=True, failed_at__isnull=True),
                name="tenants_tenantrequest_open",
            )
        ]

    def __str__(self) -> str:
        return f"request for {self.slug}"

    @property
    def state(self) -> str:
        """Return requested, running, finished or failed."""
        if self.failed_at:
            return "failed"
        if self.built_at:
            return "finished"
        return "running" if self.started_at else "requested"
