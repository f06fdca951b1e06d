"""Who may do what in a tenant: `require` is the one door, and the answer comes from the membership alone."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections, router
from django.utils import timezone

from tenants import audit_log, context, exceptions, queries
from tenants.models import Membership, Role, User

SQL = queries.load(Path(__file__).parent.parent / "sql" / "members.sql")
log = logging.getLogger(__name__)
PERSON = ("id", "email", "name", "created_at", "deactivated_at", "session_epoch")

READ = frozenset({"products.read", "tenant.read", "usage.read"})
WRITE = READ | {"products.write"}
ADMINISTER = WRITE | {
    "keys.manage",
    "service_accounts.manage",
    "backups.manage",
    "audit.read",
    "members.read",
}
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.VIEWER: READ,
    Role.EDITOR: WRITE,
    Role.ADMIN: ADMINISTER,
    Role.OWNER: ADMINISTER | {"members.manage", "security.manage"},
}
KNOWN = PERMISSIONS[Role.OWNER]


@dataclass(frozen=True, slots=True)
class Member:
    """Who calls, as a member of the current tenant, and the key or token if a program calls.

    Of a service account membership_id is the account's id, and user a stand-in that no table holds.
    """

    membership_id: UUID
    user: User
    role: str
    api_key_id: UUID | None = None
    scopes: frozenset[str] | None = None
    service_account_id: UUID | None = None
    token_id: str = ""

    @property
    def permissions(self) -> frozenset[str]:
        """What the role includes and the scopes of the key or token, if there is one, let through."""
        return effective(self.role, self.scopes)

    def may(self, permission: str) -> bool:
        """Whether permission is among them. Raises ValueError for a permission that nobody declared."""
        if permission not in KNOWN:
            raise ValueError(f"{permission!r} is no permission. Known: {', '.join(sorted(KNOWN))}.")
        return permission in self.permissions


def effective(role: str, scopes: frozenset[str] | None) -> frozenset[str]:
    """Return the permissions of a role within scopes; None is no limit."""
    granted = PERMISSIONS[role]
    return granted if scopes is None else granted & scopes


def require(user: User | None, tenant: context.HasId, permission: str) -> Member:
    """Return the person's membership in tenant. Raises NotAMember or Refused. One query, in the tenant's context."""
    found = None if user is None else by_user(user.pk, tenant)
    return require_member(found, permission)


def require_member(member: Member | None, permission: str) -> Member:
    """Like `require`, for a membership that this request has already read."""
    if member is None:
        raise exceptions.NotAMember(permission=permission)
    if not member.may(permission):
        scoped = permission in PERMISSIONS[member.role]
        limit = "The scopes of this key or token do" if scoped else f"The role {member.role} does"
        raise exceptions.Refused(f"{limit} not include {permission}.", permission=permission)
    return member


def by_user(user_id: UUID, tenant: context.HasId) -> Member | None:
    """Return the live membership of a person, or None: also when the tenant is not active any more."""
    row = _read("by_user", tenant, user_id=user_id)
    return _member(tenant, row) if row else None


def by_key(key_id: UUID, tenant: context.HasId) -> Member | None:
    """Return for whom an API key acts, or None when it or they may not any more; the log says why. One query."""
    row = _read("by_key", tenant, key_id=key_id, now=timezone.now())
    if row is None:
        return None
    refused, prefix, *rest = row
    if refused:
        log.warning("key %s… refused: %s", prefix, refused)
        return None
    return _member(tenant, rest)


def by_subject(subject: UUID, tenant: context.HasId, *, key_id: UUID | None) -> Member | None:
    """Return the member or service account that a token names, or None; key_id is the key that asked for the token."""
    row = _read("by_subject", tenant, subject=subject, key_id=key_id, now=timezone.now())
    return _member(tenant, row) if row else None


def add(user: User, tenant: context.HasId, role: str, *, by: object) -> Membership:
    """Make user a member. Raises django's IntegrityError when they are one already."""
    membership = Membership.objects.create(tenant_id=tenant.id, user=user, role=Role(role))
    audit_log.record(
        tenant.id, "membership.added", by=by, subject=user.email, after={"role": membership.role}
    )
    return membership


def end(membership: Membership, *, by: object) -> None:
    """End a membership by a date; the row stays, since other rows name it."""
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    audit_log.record(membership.tenant_id, "membership.ended", by=by, subject=membership.user.email)


def _read(query: str, tenant: context.HasId, **params: UUID | datetime | None) -> Sequence[Any] | None:
    with connections[router.db_for_read(Membership)].cursor() as cursor:
        cursor.execute(SQL[query], {"tenant_id": tenant.id, **params})
        row: Sequence[Any] | None = cursor.fetchone()
    return row


def _member(tenant: context.HasId, row: Sequence[Any]) -> Member:
    membership_id, role, key_id, scopes, account_id, epoch, *person = row
    user = User.from_db(router.db_for_read(User), PERSON, person)
    # The row's epoch and not the directory's, which may be a second old: a rotation ends sessions at once.
    user.session_scope = f"{tenant.id.hex}:{epoch}"
    if account_id is not None:
        user.service_account = user.name
    return Member(
        membership_id, user, role, key_id, None if scopes is None else frozenset(scopes), account_id
    )
