"""Programs that act in a tenant, the keys they act with, and the keys that sign their tokens."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.people import Membership, Role
from tenants.models.tenant import LIVE, Tenant


class ServiceAccount(models.Model):
    """A member that is no person: it has no address, no password and no session, and is never an owner."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="service_accounts")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=20, choices=Role)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_serviceaccount_tenant_id"),
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=LIVE, name="tenants_serviceaccount_name"
            ),
            models.CheckConstraint(condition=~models.Q(role=Role.OWNER), name="tenants_serviceaccount_role"),
        ]

    def __str__(self) -> str:
        return f"service account {self.name}"


class ApiKey(models.Model):
    """A key with which a program acts, as a member or as a service account; its secret's digest is ApiKeyDigest.

    It may do what its member may and its scopes name; without scopes, all that its member may.
    """

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="api_keys", db_constraint=False, null=True
    )
    service_account = models.ForeignKey(
        ServiceAccount, on_delete=models.CASCADE, related_name="api_keys", db_constraint=False, null=True
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    scopes: list[str] | None = ArrayField(models.CharField(max_length=100), null=True)  # type: ignore[assignment]
    created_at = models.DateTimeField(default=timezone.now)
    expires_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    revoked_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    last_used_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    replaces = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="replaced_by", db_constraint=False, null=True
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_apikey_tenant_id"),
            models.UniqueConstraint(fields=["tenant", "replaces"], name="tenants_apikey_replaced_once"),
            models.CheckConstraint(
                condition=models.Q(membership=None) ^ models.Q(service_account=None),
                name="tenants_apikey_one_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(scopes=None) | models.Q(scopes__len__gt=0), name="tenants_apikey_scopes"
            ),
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


class SigningKey(models.Model):
    """A pair of keys that signs tokens for a while and verifies them a little longer; `identity` alone reads it.

    The private half is encrypted with a key that is derived from SECRET_KEY and is wiped when it signs no more.
    """

    ON_CLONE = None

    kid = models.CharField(primary_key=True, max_length=32)
    public_key = models.CharField(max_length=64, help_text="Ed25519, 32 bytes in base64url.")
    private_key = models.BinaryField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now)
    signs_from = models.DateTimeField()
    signs_until: datetime | None = models.DateTimeField(null=True)  # type: ignore[assignment]
    verifies_until: datetime | None = models.DateTimeField(null=True)  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.kid
