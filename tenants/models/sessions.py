"""Signed-in browsers: of a tenant's host, of the apex, of the console; and the code that takes one to another host."""

from typing import ClassVar
from uuid import UUID

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.people import Membership, User
from tenants.models.tenant import Tenant


class Session(AbstractBaseSession):
    """A signed-in browser on the host of one tenant; readable by the role `identity` alone."""

    ON_CLONE = None

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    user_id: UUID | None = models.UUIDField(null=True, db_index=True)  # type: ignore[assignment]
    created_at = models.DateTimeField(default=timezone.now)


class OperatorSession(AbstractBaseSession):
    """A signed-in browser on the console; no login of a tenant-facing process can read it."""


class PersonSession(AbstractBaseSession):
    """A signed-in browser on the apex host, which no tenant has; readable by the role `identity` alone."""

    user_id: UUID | None = models.UUIDField(null=True, db_index=True)  # type: ignore[assignment]
    created_at = models.DateTimeField(default=timezone.now)


class FamiliarMark(models.Model):
    """A browser or a network from which a person has signed in, as a keyed hash; readable by `identity` alone."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    mark = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "mark"], name="tenants_familiarmark_once")
        ]

    def __str__(self) -> str:
        return f"mark {self.id}"


class OneTimeCode(models.Model):
    """Takes one browser of one member from the apex to a tenant's host, once; readable by the role `identity` alone."""

    ON_CLONE = None

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False)
    digest = models.BinaryField(max_length=32)
    binding = models.BinaryField(max_length=32, help_text="SHA-256 of the nonce in the browser's cookie.")
    session_hash = models.CharField(max_length=64, help_text="Of the person, in the tenant's epoch.")
    methods = models.JSONField(
        default=list, help_text="How the person proved who they are, for the new session."
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_onetimecode_digest")
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="tenants_onetimecode_expires")]

    def __str__(self) -> str:
        return f"one-time code {self.id}"
