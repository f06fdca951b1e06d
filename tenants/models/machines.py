"""Keys with which programs act."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.people import Membership
from tenants.models.tenant import Tenant


class ApiKey(models.Model):
    """A key with which a program acts as a member. The secret itself is shown once; its digest is ApiKeyDigest."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="api_keys", db_constraint=False
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    revoked_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_apikey_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class ApiKeyDigest(models.Model):
    """SHA-256 of a key's secret (256 random bits, so no slow hash is needed); readable by `identity` alone."""

    ON_CLONE = None

    key = models.OneToOneField(ApiKey, primary_key=True, on_delete=models.CASCADE, related_name="digest")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_apikeydigest_digest")
        ]

    def __str__(self) -> str:
        return f"digest of {self.key_id}"
