"""The record of who changed what, and the seals that show whether somebody changed the record."""

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
    request_id = models.CharField(
        max_length=32, blank=True, help_text="As the response said in X-Request-ID."
    )
    address = models.GenericIPAddressField(null=True, help_text="Where the request came from.")
    impersonator_id: UUID | None = models.UUIDField(null=True)  # type: ignore[assignment]
    impersonator = models.CharField(
        max_length=254, blank=True, help_text="The operator who acted under the actor's name."
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-at"], name="tenants_auditentry_recent"),
            models.Index(fields=["-at"], name="tenants_auditentry_at"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"


class AuditSeal(models.Model):
    """A link of a tenant's chain: its hash covers the entries of one batch and the hash of the seal before."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="audit_seals")
    number = models.BigIntegerField(help_text="From 1, without gaps.")
    format = models.SmallIntegerField(help_text="Which columns the hash covers.")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    key_id = models.CharField(
        max_length=16, help_text="Which key made the hash; the key is not in the database."
    )
    entry_count = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="tenants_auditseal_number")
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"


class AuditSealedEntry(models.Model):
    """Says which seal holds an entry, and its digest: the entry itself is never updated. It outlives the entry."""

    ON_CLONE = "skip"

    entry_id = models.UUIDField(primary_key=True, db_column="id")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField(help_text="The seal's.")
    position = models.IntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "number", "position"], name="tenants_auditsealedentry_position"
            )
        ]

    def __str__(self) -> str:
        return f"entry {self.entry_id} in seal {self.number}"


class AuditCheckpoint(models.Model):
    """Where a chain begins since older seals went by the retention: the last one that went, and its hash."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)
    proof = models.CharField(
        max_length=64, help_text="Made with the key, so that nobody else can move the beginning."
    )
    pruned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="tenants_auditcheckpoint_number")
        ]

    def __str__(self) -> str:
        return f"pruned up to seal {self.number}"
