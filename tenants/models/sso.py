"""How a tenant's people prove who they are elsewhere: its e-mail domains, its identity provider, whom that means."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.people import Role, User
from tenants.models.tenant import Tenant

JOIN_ROLES = [Role.ADMIN.value, Role.EDITOR.value, Role.VIEWER.value]  # nobody becomes an owner unasked
PROVEN = models.Q(verified_at__isnull=False, lost_at__isnull=True)


class EmailDomain(models.Model):
    """A domain of mail addresses that a tenant claims; proven by a DNS record, and lost when that record goes."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="email_domains")
    domain = models.CharField(max_length=253)
    token = models.CharField(max_length=64)
    join_role: str | None = models.CharField(max_length=20, null=True, blank=True)  # type: ignore[assignment]
    created_at = models.DateTimeField(default=timezone.now)
    verified_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    checked_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    lost_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "domain"], name="tenants_emaildomain_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_emaildomain_tenant_id"),
            models.UniqueConstraint(fields=["domain"], condition=PROVEN, name="tenants_emaildomain_proven"),
            models.CheckConstraint(
                condition=models.Q(join_role__isnull=True) | models.Q(join_role__in=JOIN_ROLES),
                name="tenants_emaildomain_join_role",
            ),
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def proven(self) -> bool:
        return self.verified_at is not None and self.lost_at is None

    @property
    def record(self) -> str:
        """Return the name of the TXT record that proves the domain."""
        return f"_leasehold-challenge.{self.domain}"


class IdentityProvider(models.Model):
    """The OpenID provider that a tenant brings. Its secret is IdentityProviderSecret."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="identity_providers")
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=255)
    default_role = models.CharField(max_length=20, default=Role.VIEWER)
    session_minutes = models.PositiveIntegerField(default=480, help_text="How long a sign-in holds.")
    created_at = models.DateTimeField(default=timezone.now)
    jit_since: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    enforced_since: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="tenants_identityprovider_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_identityprovider_tenant_id"),
            models.CheckConstraint(
                condition=models.Q(default_role__in=JOIN_ROLES), name="tenants_identityprovider_role"
            ),
            models.CheckConstraint(
                condition=models.Q(session_minutes__gte=5, session_minutes__lte=1440),
                name="tenants_identityprovider_minutes",
            ),
        ]

    def __str__(self) -> str:
        return self.issuer


class IdentityProviderSecret(models.Model):
    """The client secret, encrypted with a key of this tenant; readable by `identity` alone."""

    ON_CLONE = None

    provider = models.OneToOneField(
        IdentityProvider, primary_key=True, on_delete=models.CASCADE, related_name="secret"
    )
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"secret of {self.provider_id}"


class SsoAccount(models.Model):
    """Whom (issuer, subject) means in this tenant, and in no other one; readable by `identity` alone."""

    ON_CLONE = None

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sso_accounts")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "issuer", "subject"], name="tenants_ssoaccount_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"
