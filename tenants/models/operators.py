"""Operators: what they may do, what they did and read, and when they act under the name of a tenant's member."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from tenants import ids
from tenants.models.people import Membership, User
from tenants.models.tenant import Tenant

LONGEST = timedelta(minutes=60)
REASON_LENGTH = 10  # characters, so that a reason says something


class OperatorEntry(models.Model):
    """What an operator did or read; rows are added, never changed. Only the console reads it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    at = models.DateTimeField(default=timezone.now)
    operator_id: UUID | None = models.UUIDField(null=True)  # type: ignore[assignment]
    operator = models.CharField(max_length=254, help_text="The address then, or what somebody typed as one.")
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    tenant_ids = ArrayField(models.UUIDField(), default=list, help_text="Whose rows a page showed.")
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["operator_id", "action", "-at"], name="tenants_operatorentry_recent")
        ]
        verbose_name_plural = "operator entries"

    def __str__(self) -> str:
        return f"{self.action} by {self.operator}"


class ImpersonationGrant(models.Model):
    """An operator acts as a member for a while, for a reason; read-only unless it says otherwise.

    Who the operator was stands here as text: a tenant cannot read the row of a person who is no member.
    """

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="impersonations")
    operator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    operator_name = models.CharField(max_length=254)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    reason = models.CharField(max_length=500)
    read_only = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    started_at: datetime | None = models.DateTimeField(null=True)  # type: ignore[assignment]
    ended_at: datetime | None = models.DateTimeField(null=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_impersonation_tenant_id"),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length(Trim("reason")), REASON_LENGTH),
                name="tenants_impersonation_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at"))
                & models.Q(expires_at__lte=models.F("created_at") + LONGEST),
                name="tenants_impersonation_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at"], name="tenants_impersonation_recent")
        ]

    def __str__(self) -> str:
        return f"{self.operator_name} as {self.membership_id}"


class ImpersonationCode(models.Model):
    """SHA-256 of the code that hands an operator over to the tenant's host; used once, readable by `identity` alone."""

    ON_CLONE = None

    grant = models.OneToOneField(ImpersonationGrant, primary_key=True, on_delete=models.CASCADE)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    used_at: datetime | None = models.DateTimeField(null=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_impersonationcode_digest")
        ]

    def __str__(self) -> str:
        return f"code of {self.grant_id}"


class ImpersonationBan(models.Model):
    """The tenant does not want operators to act as its members; while the row is there, none can.

    A restored tenant keeps it, so it names who wrote it as text: memberships get new ids there.
    """

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    set_by = models.CharField(max_length=254)

    def __str__(self) -> str:
        return f"no impersonation in {self.tenant_id}"
