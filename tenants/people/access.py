"""Explains a decision: may this person do that in this tenant, and what makes it so. It asks, and changes nothing."""

from dataclasses import dataclass
from uuid import UUID

from tenants.models import CustomRole, GroupMembership, Membership, Tenant, User
from tenants.people import groups, memberships, permissions, roles


@dataclass(frozen=True, slots=True)
class Decision:
    """allowed is the answer of the one door (`memberships.by_user`); reasons say why, in order of weight."""

    allowed: bool
    reasons: tuple[str, ...]


def explain(email: str, tenant: Tenant, permission: str) -> Decision:
    """Return whether the person with this address may, and why. Runs in `context.identity()`. A few queries.

    Raises ValueError for a permission that nobody declared.
    """
    permissions.require_known(permission)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return Decision(allowed=False, reasons=("Nobody has this address.",))
    found = memberships.by_user(user.pk, tenant)
    if found is None:
        return Decision(allowed=False, reasons=tuple(_no_member(user, tenant)))
    membership = memberships.find(found.membership_id, tenant)
    reasons = tuple(_granted(membership, permission))
    if found.may(permission):
        return Decision(
            allowed=True, reasons=reasons or ("It was computed from a role that is gone: refresh it.",)
        )
    return Decision(allowed=False, reasons=tuple(_not_granted(membership, permission)))


def _no_member(user: User, tenant: Tenant) -> list[str]:
    """Return what keeps somebody from acting as a member."""
    reasons = []
    for what, at in (
        ("The tenant is destroyed", tenant.destroyed_at),
        ("The tenant is archived", tenant.archived_at),
        ("The tenant is suspended", tenant.suspended_at),
        ("The person is deactivated", user.deactivated_at),
    ):
        if at is not None:
            reasons.append(f"{what} since {at:%Y-%m-%d %H:%M} UTC.")
    rows = Membership.objects.filter(tenant_id=tenant.id, user=user).order_by("-created_at")
    last = rows.first()
    if last is None:
        reasons.append("The person was never a member of the tenant.")
    elif last.ended_at is not None:
        reasons.append(f"The membership ended at {last.ended_at:%Y-%m-%d %H:%M} UTC.")
    return reasons


def _granted(membership: Membership, permission: str) -> list[str]:
    """Return each way by which a live member holds the permission."""
    ways = []
    if permission in permissions.of_role(membership.role):
        ways.append(f"The role {membership.role} includes it.")
    custom = _custom_role(membership.tenant_id, membership.custom_role_id)
    if custom and permission in roles.granted_by(custom):
        ways.append(f"The custom role {custom.name} includes it.")
    ways += [
        f"The group {one.group.name} gives it."
        for one in _groups(membership)
        if permission in groups.given_by(one.group)
    ]
    return ways


def _not_granted(membership: Membership, permission: str) -> list[str]:
    """Return what a live member has that does not include the permission, and which roles would."""
    having = [f"The role {membership.role} does not include it."]
    custom = _custom_role(membership.tenant_id, membership.custom_role_id)
    having += [f"The custom role {custom.name} does not include it."] if custom else []
    having += [f"The group {one.group.name} does not give it." for one in _groups(membership)]
    declared = next(one for one in permissions.declared() if one.code == permission)
    return [*having, f"Roles that include it: {', '.join(sorted(declared.roles))}."]


def _groups(membership: Membership) -> list[GroupMembership]:
    rows = GroupMembership.objects.filter(tenant_id=membership.tenant_id, membership=membership)
    return list(rows.select_related("group__custom_role").order_by("group__name"))


def _custom_role(tenant_id: UUID, role_id: UUID | None) -> CustomRole | None:
    return None if role_id is None else CustomRole.objects.filter(tenant_id=tenant_id, id=role_id).first()
