"""API keys of a tenant: made, shown once, found again by their digest, revoked."""

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from tenants import audit_log, context
from tenants.models import ApiKey, ApiKeyDigest
from tenants.people.memberships import Member

MARK = "lh_"
SECRET_BYTES = 32
REMEMBERED = timedelta(minutes=5)
CAPACITY = 10_000  # keys, about 3 MB

Name = tuple[UUID, bytes]  # a tenant and a digest; the secret itself is never kept
_known: dict[Name, tuple[UUID, float]] = {}
_lock = threading.Lock()


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
    """Return the id of the tenant's key with this secret, or None. Costs a transaction of `identity` at a miss.

    That a secret belongs to a key of a tenant never changes, so this process may remember it; whether the key is still
    live is read in the tenant's transaction (`memberships.by_key`).
    """
    if not secret.startswith(MARK):
        return None
    name = tenant.id, _digest(secret)
    found, until = _known.get(name, (None, 0.0))
    if found is None or until < time.monotonic():
        found = _read(*name)
        if found is not None:
            _remember(name, found)
    return found


def forget_all() -> None:
    """Have this process read every key again."""
    with _lock:
        _known.clear()


def _read(tenant_id: UUID, digest: bytes) -> UUID | None:
    with context.identity():
        rows = ApiKeyDigest.objects.filter(tenant_id=tenant_id, digest=digest)
        return rows.values_list("key_id", flat=True).first()


def _remember(name: Name, key_id: UUID) -> None:
    with _lock:
        _known[name] = key_id, time.monotonic() + REMEMBERED.total_seconds()
        if len(_known) > CAPACITY:
            del _known[next(iter(_known))]  # the one that was read first


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
