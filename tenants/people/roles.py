"""Roles that a tenant defines: made, changed, given to members, deleted. Nobody grants what they do not hold."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError

from tenants import audit_log, context
from tenants.models import CustomRole, Group, Membership, Role
from tenants.people import exceptions as errors
from tenants.people import memberships, permissions
from tenants.people.memberships import Member

NAME_LENGTH = 100


def create(tenant: context.HasId, name: str, granted: Iterable[str], *, by: Member) -> CustomRole:
    """Define a role. Raises Refused, InvalidRole, RoleTaken."""
    name, codes = valid_name(name), _valid(granted)
    with memberships.changing(tenant, by=by) as actor:
        memberships.require_held(actor, codes)
        _refuse_taken(tenant, name)
        role = CustomRole.objects.create(tenant_id=tenant.id, name=name, permissions=codes)
        audit_log.record(tenant.id, "role.created", by=actor.user, subject=name, after=_facts(role))
    return role


def update(
    role_id: UUID,
    tenant: context.HasId,
    *,
    by: Member,
    name: str | None = None,
    granted: Iterable[str] | None = None,
) -> CustomRole:
    """Change a role for all who have it. Raises Refused, InvalidRole, RoleTaken, UnknownRole."""
    with memberships.changing(tenant, by=by) as actor:
        role = find(role_id, tenant)
        before = _facts(role)
        memberships.require_held(actor, granted_by(role))
        if name is not None:
            role.name = valid_name(name)
            _refuse_taken(tenant, role.name, other_than=(role_id,))
        if granted is not None:
            role.permissions = _valid(granted)
            memberships.require_held(actor, role.permissions)
        role.save(update_fields=["name", "permissions"])
        memberships.refresh(tenant)
        audit_log.record(
            tenant.id, "role.changed", by=actor.user, subject=role.name, before=before, after=_facts(role)
        )
    return role


def delete(role_id: UUID, tenant: context.HasId, *, by: Member) -> None:
    """Delete a role that nobody has. Raises Refused, RoleInUse, UnknownRole."""
    with memberships.changing(tenant, by=by) as actor:
        role = find(role_id, tenant)
        memberships.require_held(actor, granted_by(role))
        if memberships.live(tenant).filter(custom_role=role).exists():
            raise errors.RoleInUse()
        if Group.objects.filter(tenant_id=tenant.id, custom_role=role).exists():
            raise errors.RoleInUse()
        # Those who have left may still name it.
        Membership.objects.filter(tenant_id=tenant.id, custom_role=role).update(custom_role=None)
        before = _facts(role)
        try:
            role.delete()
        except IntegrityError as error:
            raise errors.RoleInUse() from error
        audit_log.record(tenant.id, "role.deleted", by=actor.user, subject=role.name, before=before)


def assign(membership_id: UUID, tenant: context.HasId, role_id: UUID | None, *, by: Member) -> Membership:
    """Give a member a role of the tenant beside the built-in one. Raises Refused, UnknownMember, UnknownRole."""
    with memberships.changing(tenant, by=by) as actor:
        membership = memberships.find(membership_id, tenant)
        role = None if role_id is None else find(role_id, tenant)
        wanted = frozenset() if role is None else granted_by(role)
        memberships.require_held(actor, memberships.held_by(membership, tenant) | wanted)
        before, membership.custom_role = membership.custom_role, role
        membership.save(update_fields=["custom_role"])
        memberships.refresh(tenant)
        audit_log.record(
            tenant.id,
            "membership.custom_role_changed",
            by=actor.user,
            subject=membership.user.email,
            before={"custom_role": before and before.name},
            after={"custom_role": role and role.name},
        )
    return membership


def find(role_id: UUID, tenant: context.HasId) -> CustomRole:
    """Return a role of the tenant. Raises UnknownRole."""
    role = CustomRole.objects.filter(tenant_id=tenant.id, id=role_id).first()
    if role is None:
        raise errors.UnknownRole()
    return role


def granted_by(role: CustomRole) -> frozenset[str]:
    """Return what a role grants today: a permission whose app is gone grants nothing."""
    return frozenset(role.permissions) & permissions.known()


def valid_name(name: str) -> str:
    """Return a name for a role or a group. Raises InvalidRole."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise errors.InvalidRole(f"A name has 1 to {NAME_LENGTH} printable characters.")
    if name.casefold() in Role.values:
        raise errors.InvalidRole(f"{name} is the name of a built-in role. Choose another one.")
    return name


def _valid(granted: Iterable[str]) -> list[str]:
    codes = sorted(set(granted))
    unknown = [code for code in codes if code not in permissions.known()]
    if unknown or not codes:
        raise errors.InvalidRole(
            f"There is no permission {unknown[0]!r}." if unknown else "A role grants at least one permission."
        )
    return codes


def _refuse_taken(tenant: context.HasId, name: str, *, other_than: tuple[UUID, ...] = ()) -> None:
    if CustomRole.objects.filter(tenant_id=tenant.id, name__iexact=name).exclude(id__in=other_than).exists():
        raise errors.RoleTaken()


def _facts(role: CustomRole) -> dict[str, object]:
    return {"name": role.name, "permissions": list(role.permissions)}
