"""Groups of a tenant: what a group gives, every member in it may do. Nobody gives what they do not hold."""

from uuid import UUID

from tenants import audit_log, context
from tenants.models import Group, GroupMembership, Role
from tenants.people import exceptions as errors
from tenants.people import memberships, permissions, roles
from tenants.people.memberships import Member


def create(
    tenant: context.HasId, name: str, *, by: Member, role: str = "", custom_role_id: UUID | None = None
) -> Group:
    """Make a group that gives a built-in role (not the owner's), a custom role, both or nothing yet.

    Raises Refused, InvalidRole, RoleTaken, UnknownRole.
    """
    name = roles.valid_name(name)
    with memberships.changing(tenant, by=by) as actor:
        _refuse_taken(tenant, name)
        group = Group(tenant_id=tenant.id, name=name)
        _give(group, tenant, role, custom_role_id)
        memberships.require_held(actor, given_by(group))
        group.save(force_insert=True)
        audit_log.record(tenant.id, "group.created", by=actor.user, subject=name, after=_facts(group))
    return group


def update(
    group_id: UUID, tenant: context.HasId, *, by: Member, name: str, role: str, custom_role_id: UUID | None
) -> Group:
    """Change a group for all who are in it. Raises Refused, InvalidRole, RoleTaken, UnknownRole."""
    name = roles.valid_name(name)
    with memberships.changing(tenant, by=by) as actor:
        group = find(group_id, tenant)
        before, former = _facts(group), given_by(group)
        _refuse_taken(tenant, name, other_than=(group_id,))
        group.name = name
        _give(group, tenant, role, custom_role_id)
        memberships.require_held(actor, former | given_by(group))
        group.save(update_fields=["name", "role", "custom_role"])
        memberships.refresh(tenant)
        audit_log.record(
            tenant.id, "group.changed", by=actor.user, subject=name, before=before, after=_facts(group)
        )
    return group


def delete(group_id: UUID, tenant: context.HasId, *, by: Member) -> None:
    """Delete a group; its members stay members. Raises Refused, UnknownRole."""
    with memberships.changing(tenant, by=by) as actor:
        group = find(group_id, tenant)
        memberships.require_held(actor, given_by(group))
        before = {**_facts(group), "members": _addresses(group)}
        GroupMembership.objects.filter(tenant_id=tenant.id, group=group).delete()
        group.delete()
        memberships.refresh(tenant)
        audit_log.record(tenant.id, "group.deleted", by=actor.user, subject=group.name, before=before)


def put_in(membership_id: UUID, group_id: UUID, tenant: context.HasId, *, by: Member) -> None:
    """Put a member into a group; who is in it stays in it. Raises Refused, UnknownMember, UnknownRole."""
    with memberships.changing(tenant, by=by) as actor:
        group, membership = find(group_id, tenant), memberships.find(membership_id, tenant)
        memberships.require_held(actor, given_by(group))
        _, added = GroupMembership.objects.get_or_create(
            tenant_id=tenant.id, group=group, membership=membership
        )
        if added:
            memberships.refresh(tenant)
            after = {"member": membership.user.email}
            audit_log.record(tenant.id, "group.member_added", by=actor.user, subject=group.name, after=after)


def take_out(membership_id: UUID, group_id: UUID, tenant: context.HasId, *, by: Member) -> None:
    """Take a member out of a group. Raises Refused, UnknownMember (also when they are not in it), UnknownRole."""
    with memberships.changing(tenant, by=by) as actor:
        group, membership = find(group_id, tenant), memberships.find(membership_id, tenant)
        memberships.require_held(actor, given_by(group))
        rows = GroupMembership.objects.filter(tenant_id=tenant.id, group=group, membership=membership)
        if not rows.delete()[0]:
            raise errors.UnknownMember("This member is not in the group.")
        memberships.refresh(tenant)
        before = {"member": membership.user.email}
        audit_log.record(tenant.id, "group.member_removed", by=actor.user, subject=group.name, before=before)


def find(group_id: UUID, tenant: context.HasId) -> Group:
    """Return a group of the tenant. Raises UnknownRole."""
    group = Group.objects.filter(tenant_id=tenant.id, id=group_id).select_related("custom_role").first()
    if group is None:
        raise errors.UnknownRole("The tenant has no such group.")
    return group


def given_by(group: Group) -> frozenset[str]:
    """Return what a group gives to those who are in it."""
    given = permissions.of_role(group.role) if group.role else frozenset()
    return given | (roles.granted_by(group.custom_role) if group.custom_role else frozenset())


def _give(group: Group, tenant: context.HasId, role: str, custom_role_id: UUID | None) -> None:
    if role and (role not in Role.values or role == Role.OWNER):
        raise errors.InvalidRole(f"A group gives no role {role!r}. Roles: admin, editor, viewer.")
    group.role = role
    group.custom_role = None if custom_role_id is None else roles.find(custom_role_id, tenant)


def _refuse_taken(tenant: context.HasId, name: str, *, other_than: tuple[UUID, ...] = ()) -> None:
    if Group.objects.filter(tenant_id=tenant.id, name__iexact=name).exclude(id__in=other_than).exists():
        raise errors.RoleTaken()


def _addresses(group: Group) -> list[str]:
    rows = GroupMembership.objects.filter(tenant_id=group.tenant_id, group=group)
    return sorted(rows.values_list("membership__user__email", flat=True))


def _facts(group: Group) -> dict[str, object]:
    custom = group.custom_role
    return {"name": group.name, "role": group.role, "custom_role": custom.name if custom else None}
