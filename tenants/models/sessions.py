"""Signed-in browsers: of a tenant's host, and of the console."""

from uuid import UUID

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from tenants.models.tenant import Tenant


class Session(AbstractBaseSession):
    """A signed-in browser on the host of one tenant; readable by the role `identity` alone."""

    ON_CLONE = None

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    user_id: UUID | None = models.UUIDField(null=True, db_index=True)  # type: ignore[assignment]
    created_at = models.DateTimeField(default=timezone.now)


class OperatorSession(AbstractBaseSession):
    """A signed-in browser on the console; no login of a tenant-facing process can read it."""
