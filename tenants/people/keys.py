"""API keys of a tenant: made, shown once, found again by their digest, revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from tenants import audit_log, caching, context
from tenants.models import ApiKey, ApiKeyDigest
from tenants.people.memberships import Member

MARK = "lh_"
SECRET_BYTES = 32
CACHE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and its secret, which nothing can show a second time."""

    key: ApiKey
    secret: str


def create(member: Member, tenant: context.HasId, *, name: str, expires_at: datetime | None = None) -> NewKey:
    """Make a key that acts as member. Runs in `context.identity()`, the only role that may write digests."""
    secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey.objects.create(
        tenant_id=tenant.id,
        membership_id=member.membership_id,
        name=name,
        prefix=secret[: len(MARK) + 6],
        expires_at=expires_at,
    )
    ApiKeyDigest.objects.create(key=key, tenant_id=tenant.id, digest=_digest(secret))
    audit_log.record(tenant.id, "key.created", by=member.user, subject=key.prefix, after={"name": name})
    return NewKey(key, secret)


def revoke(key_id: UUID, tenant: context.HasId, *, by: object) -> bool:
    """Revoke a key at once. Returns False when the tenant has no such live key. Runs in `context.identity()`."""
    changed = ApiKey.objects.filter(id=key_id, tenant_id=tenant.id, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )
    if changed:
        audit_log.record(tenant.id, "key.revoked", by=by, subject=key_id)
    return bool(changed)


def identify(secret: str, tenant: context.HasId) -> UUID | None:
    """Return the id of the tenant's key with this secret, or None.

    That a secret belongs to a key of a tenant never changes, so it may be cached; whether the key is still live is
    read in the tenant's transaction (`memberships.by_key`).
    """
    if not secret.startswith(MARK):
        return None
    digest = _digest(secret)
    name = f"{tenant.id.hex}:key:{digest.hex()}"
    found: str | None = caching.shared.get(name)
    if found is None:
        with context.identity():
            key_id = ApiKeyDigest.objects.filter(tenant_id=tenant.id, digest=digest).values_list(
                "key_id", flat=True
            )
            found = next((pk.hex for pk in key_id), None)
        if found is not None:
            caching.shared.set(name, found, CACHE_SECONDS)
    return None if found is None else UUID(found)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
