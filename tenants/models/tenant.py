"""Who a tenant is and on which hosts it answers."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tenants import ids, names
from tenants.db import skeleton

LIVE = models.Q(ended_at__isnull=True)
HOSTNAME_FORM = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$"


class Tenant(models.Model):
    """A customer. Its schema and its database role are named after its id, so renaming it moves no data."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    slug = models.CharField(max_length=41)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=500, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    script_digest = models.CharField(max_length=64, help_text="Which schema script built the schema.")
    epoch = models.CharField(max_length=32, default=ids.new_epoch, help_text="Salts what this tenant signs.")
    strict_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when its role logs in by itself, with its present password."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("slug"), condition=models.Q(destroyed_at__isnull=True), name="tenants_tenant_slug"
            ),
            models.CheckConstraint(
                condition=models.Q(slug__regex=r"^[a-z][a-z0-9-]{1,40}$"), name="tenants_tenant_slug_form"
            ),
        ]
        indexes: ClassVar = [
            models.Index(skeleton.of("slug"), name="tenants_tenant_looks"),
            models.Index(
                fields=["strict_since"],
                condition=models.Q(strict_since__isnull=False),
                name="tenants_tenant_strict",
            ),
        ]
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def schema_name(self) -> str:
        return names.schema_of(self.id)

    @property
    def state(self) -> str:
        """Return active, suspended, archived or destroyed."""
        if self.destroyed_at:
            return "destroyed"
        if self.archived_at:
            return "archived"
        return "suspended" if self.suspended_at else "active"


class Domain(models.Model):
    """A host name on which a tenant answers, lower-case ASCII and without a port."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    hostname = models.CharField(max_length=253, unique=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_primary=True), name="tenants_domain_one_primary"
            ),
            models.CheckConstraint(
                condition=models.Q(hostname=Lower("hostname")), name="tenants_domain_lower_case"
            ),
            # Two labels or more, each as DNS writes it: what `names.check_hostname` returns, whoever inserts it.
            models.CheckConstraint(
                condition=models.Q(hostname__regex=HOSTNAME_FORM), name="tenants_domain_form"
            ),
        ]
        indexes: ClassVar = [models.Index(skeleton.of("hostname"), name="tenants_domain_looks")]

    def __str__(self) -> str:
        return self.hostname


class DirectoryVersion(models.Model):
    """One row that a trigger counts up when a tenant or a domain changes; processes drop their cached hosts then."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="tenants_directoryversion_one")
        ]

    def __str__(self) -> str:
        return str(self.version)
