"""API keys of a tenant: made, shown once, found again by their digest, rotated, revoked."""

import hashlib
import secrets
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from tenants import audit_log, context, exceptions
from tenants.models import ApiKey, ApiKeyDigest, ServiceAccount
from tenants.people import exceptions as errors
from tenants.people import permissions
from tenants.people.memberships import Member, within

MARK = "lh_"
SECRET_BYTES = 32
REMEMBERED = timedelta(minutes=5)
OVERLAP_MAX = timedelta(days=30)
EVERYTHING = "*"
CAPACITY = 10_000  # keys, about 3 MB

Name = tuple[UUID, bytes]  # a tenant and a digest; the secret itself is never kept
_known: dict[Name, tuple[UUID, float]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and its secret, which nothing can show a second time."""

    key: ApiKey
    secret: str


def create(
    member: Member,
    tenant: context.HasId,
    *,
    name: str,
    expires_at: datetime | None = None,
    scopes: Collection[str] | None = None,
    account: ServiceAccount | None = None,
) -> NewKey:
    """Make a key that acts as member, or as a service account that may do no more than member may.

    Its scopes are at most member's own. Runs in `context.identity()`, the only role that may write digests. Raises
    InvalidKeyScopes, InvalidExpiry, Refused.
    """
    if expires_at is not None and expires_at <= timezone.now():
        raise errors.InvalidExpiry()
    wanted = parse_scopes(scopes)
    if wanted is None and account is None:
        wanted = member.scopes
    require_reach(member, permissions.of_role(account.role) if account else member.held, wanted)
    holder = account.id if account else member.service_account_id
    key = ApiKey(
        tenant_id=tenant.id,
        membership_id=None if holder else member.membership_id,
        service_account_id=holder,
        name=name,
        scopes=None if wanted is None else sorted(wanted),
        expires_at=expires_at,
    )
    secret = _store(key)
    after = {"name": name, "scopes": key.scopes, "expires_at": _text(expires_at)}
    after |= {"service_account": account.name} if account else {}
    audit_log.record(
        tenant.id,
        "key.created",
        by=member.user,
        subject=key.prefix,
        after={label: value for label, value in after.items() if value is not None},
    )
    return NewKey(key, secret)


def rotate(key_id: UUID, tenant: context.HasId, *, by: Member | str, overlap: timedelta) -> NewKey:
    """Make the successor of a key, with the same holder, scopes and lifetime; the old one stays valid for overlap.

    A member rotates their own keys and those of service accounts that may do no more than they may: the new secret
    acts as the key's holder. Runs in `context.identity()`. Raises NotRotatable, InvalidExpiry, Refused, and django's
    DoesNotExist for a key of another tenant.
    """
    if not timedelta(0) <= overlap <= OVERLAP_MAX:
        raise errors.InvalidExpiry()
    now = timezone.now()
    old = ApiKey.objects.select_for_update(of=("self",)).get(id=key_id, tenant_id=tenant.id)
    if isinstance(by, Member):
        _require_holder(by, old)
    if old.revoked_at or (old.expires_at and old.expires_at <= now) or old.replaced_by.exists():
        raise errors.NotRotatable()
    new = ApiKey(
        tenant_id=tenant.id,
        membership_id=old.membership_id,
        service_account_id=old.service_account_id,
        name=old.name,
        scopes=old.scopes,
        expires_at=now + (old.expires_at - old.created_at) if old.expires_at else None,
        replaces=old,
    )
    secret = _store(new)
    before = {"prefix": old.prefix, "expires_at": _text(old.expires_at)}
    old.expires_at = min(old.expires_at or now + overlap, now + overlap)
    old.save(update_fields=["expires_at"])
    audit_log.record(
        tenant.id,
        "key.rotated",
        by=by.user if isinstance(by, Member) else by,
        subject=old.id,
        before=before,
        after={"prefix": new.prefix, "old_expires_at": _text(old.expires_at)},
    )
    return NewKey(new, secret)


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


def parse_scopes(scopes: Collection[str] | None) -> frozenset[str] | None:
    """Return scopes as permissions, None for all. Raises InvalidKeyScopes when there is none, or an unknown one."""
    if scopes is None or set(scopes) == {EVERYTHING}:
        return None
    if not scopes or set(scopes) - permissions.known():
        raise errors.InvalidKeyScopes()
    return frozenset(scopes)


def require_reach(member: Member, held: frozenset[str], scopes: frozenset[str] | None) -> None:
    """Raise Refused where a credential of held, within scopes, could do more than member, or outlive member's token."""
    if member.token_id:
        raise exceptions.Refused("A token makes no lasting credential.", permission="keys.manage")
    beyond = within(held, scopes) - member.held
    if member.scopes is not None:
        # Also what the role lacks today: it may grow, and the caller's scopes do not.
        beyond |= (permissions.known() if scopes is None else scopes) - member.scopes
    if beyond:
        raise exceptions.Refused(
            f"You may not give what you may not do: {', '.join(sorted(beyond))}.", permission="keys.manage"
        )


def _require_holder(member: Member, key: ApiKey) -> None:
    if key.service_account is not None:
        held = permissions.of_role(key.service_account.role)
    elif key.membership_id == member.membership_id:
        held = member.held
    else:
        raise exceptions.Refused("Only its member rotates a key.", permission="keys.manage")
    require_reach(member, held, None if key.scopes is None else frozenset(key.scopes))


def _store(key: ApiKey) -> str:
    """Give the key a secret, keep both it and the digest, and return the secret."""
    secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
    key.prefix = secret[: len(MARK) + 6]
    key.save(force_insert=True)
    ApiKeyDigest.objects.create(key=key, tenant_id=key.tenant_id, digest=_digest(secret))
    return secret


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


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
