"""What a tenant asks of everybody who signs in to it."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants import ids
from tenants.models.tenant import Tenant

SESSION_MINUTES = (5, 43_200)  # 30 days
NETWORKS = 100


class SecurityPolicy(models.Model):
    """How members of a tenant must sign in, how long that holds, and from where they may come."""

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="security_policy")
    mfa_required_since: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    session_minutes: int | None = models.PositiveIntegerField(null=True, blank=True)  # type: ignore[assignment]
    networks = ArrayField(models.CharField(max_length=43), default=list, size=NETWORKS)

    class Meta:
        verbose_name_plural = "security policies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(session_minutes__isnull=True)
                | models.Q(session_minutes__range=SESSION_MINUTES),
                name="tenants_securitypolicy_session_minutes",
            )
        ]

    def __str__(self) -> str:
        return f"security policy of {self.tenant_id}"
