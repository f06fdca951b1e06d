"""Tenants that demand a login of their own: which they are, and the password that this process derives for each."""

import base64
import hashlib
import hmac
import threading
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connections

from tenants import context, exceptions, names
from tenants.db import logins

MAX_AGE = timedelta(seconds=1)
STRICT = "SELECT id, strict_since FROM tenants_tenant WHERE strict_since IS NOT NULL AND destroyed_at IS NULL"


def password(tenant_id: UUID, since: datetime) -> str:
    """Return the password of a tenant's role as of `since`: nothing secret is stored. Raises NoStrictKey."""
    key: str = getattr(settings, "LEASEHOLD_STRICT_KEY", "")
    if not key:
        raise exceptions.NoStrictKey()
    message = f"leasehold strict {tenant_id.hex} {int(since.timestamp())} {since.microsecond}"
    digest = hmac.digest(key.encode(), message.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Directory:
    """The strict tenants and their logins as of at most MAX_AGE ago; a change closes what no longer holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logins: dict[UUID, logins.Login] = {}
        self._checked = float("-inf")

    def find(self, tenant_id: UUID) -> logins.Login | None:
        now = time.monotonic()
        if now - self._checked >= MAX_AGE.total_seconds():
            found = _read()
            with self._lock:
                self._logins, self._checked = found, now
            logins.keep_only(set(found.values()))
        return self._logins.get(tenant_id)

    def clear(self) -> None:
        with self._lock:
            self._logins, self._checked = {}, float("-inf")


def login_of(tenant_id: UUID) -> logins.Login | None:
    """Return the login of a strict tenant, None for others. A process without the key asks nobody, and a strict
    tenant's entry fails there: `app` cannot become its role."""
    return directory.find(tenant_id) if getattr(settings, "LEASEHOLD_STRICT_KEY", "") else None


def _read() -> dict[UUID, logins.Login]:
    with context.public() as entered, connections[entered.alias].cursor() as cursor:
        cursor.execute(STRICT)
        rows: list[tuple[UUID, datetime]] = cursor.fetchall()
    return {
        tenant_id: logins.Login(names.schema_of(tenant_id), password(tenant_id, since))
        for tenant_id, since in rows
    }


directory = Directory()
clear = directory.clear
