"""Who may do what in a tenant: `require` is the one door, and the answer comes from the membership alone."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connections, router
from django.utils import timezone

from tenants import audit_log, context, exceptions, queries
from tenants.models import Membership, Role, User

SQL = queries.load(Path(__file__).parent.parent / "sql" / "members.sql")
PERSON = ("id", "email", "name", "created_at", "deactivated_at", "session_epoch")

READ = frozenset({"products.read", "tenant.read", "usage.read"})
WRITE = READ | {"products.write"}
ADMINISTER = WRITE | {"keys.manage", "backups.manage", "audit.read", "members.read"}
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.VIEWER: READ,
    Role.EDITOR: WRITE,
    Role.ADMIN: ADMINISTER,
    Role.OWNER: ADMINISTER | {"members.manage", "security.manage"},
}
KNOWN = PERMISSIONS[Role.OWNER]
# What lets somebody in, or keeps them out; see `is_withheld`.
WITHHELD = frozenset(
    "apps domains email_domains groups invitations keys members ownership roles security service_accounts sessions sso"
    " tokens".split()
)


@dataclass(frozen=True, slots=True)
class Member:
    """The person who calls, as a member of the current tenant, and the key if a program calls for them."""

    membership_id: UUID
    user: User
    role: str
    api_key_id: UUID | None = None

    def may(self, permission: str) -> bool:
        """Whether the role includes permission. Raises ValueError for a permission that nobody declared."""
        if permission not in KNOWN:
            raise ValueError(f"{permission!r} is no permission. Known: {', '.join(sorted(KNOWN))}.")
        return permission in PERMISSIONS[self.role]


def require(user: User | None, tenant: context.HasId, permission: str) -> Member:
    """Return the person's membership in tenant. Raises NotAMember or Refused. One query, in the tenant's context."""
    found = None if user is None else by_user(user.pk, tenant)
    return require_member(found, permission)


def require_member(member: Member | None, permission: str) -> Member:
    """Like `require`, for a membership that this request has already read."""
    if member is None:
        raise exceptions.NotAMember(permission=permission)
    if audit_log.on_behalf.get() is not None and is_withheld(permission):
        raise exceptions.ImpersonationWithheld(permission=permission)
    if not member.may(permission):
        raise exceptions.Refused(
            f"The role {member.role} does not include {permission}.", permission=permission
        )
    return member


def is_withheld(permission: str) -> bool:
    """Whether an operator never gets the permission of the member whom they act as: it gives access to others."""
    subject, _, verb = permission.partition(".")
    return subject in WITHHELD and verb != "read"


def by_user(user_id: UUID, tenant: context.HasId) -> Member | None:
    """Return the live membership of a person, or None: also when the tenant is not active any more."""
    return _read("by_user", tenant, user_id=user_id)


def by_key(key_id: UUID, tenant: context.HasId) -> Member | None:
    """Return the membership that an API key acts for, or None when the key is revoked or past its date."""
    return _read("by_key", tenant, key_id=key_id, now=timezone.now())


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


def _read(query: str, tenant: context.HasId, **params: UUID | datetime) -> Member | None:
    connection = connections[router.db_for_read(Membership)]
    with connection.cursor() as cursor:
        cursor.execute(SQL[query], {"tenant_id": tenant.id, **params})
        row = cursor.fetchone()
    if row is None:
        return None
    membership_id, role, key_id, epoch, *person = row
    user = User.from_db(connection.alias, PERSON, person)
    # The row's epoch and not the directory's, which may be a second old: a rotation ends sessions at once.
    user.session_scope = f"{tenant.id.hex}:{epoch}"
    return Member(membership_id, user, role, key_id)
