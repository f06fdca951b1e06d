"""Invitations to a tenant, and what proves that somebody was sent one."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tenants import ids
from tenants.models.people import Membership, Role
from tenants.models.tenant import Tenant

OPEN = models.Q(accepted_at__isnull=True, revoked_at__isnull=True)


class Invitation(models.Model):
    """An address that may become a member once. Its token is shown to nobody; the digest is InvitationDigest."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, choices=Role)
    invited_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="invitations", db_constraint=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    accepted_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    revoked_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("tenant", Lower("email"), condition=OPEN, name="tenants_invitation_open"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_invitation_tenant_id"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="tenants_invitation_role"),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"


class InvitationDigest(models.Model):
    """SHA-256 of the one token of an invitation that is good; readable by `identity` alone."""

    ON_CLONE = None

    invitation = models.OneToOneField(
        Invitation, primary_key=True, on_delete=models.CASCADE, related_name="digest", db_constraint=False
    )
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"digest of {self.invitation_id}"
