"""Handing the ownership of a tenant over; both owners are told by mail."""

from uuid import UUID

from tenants import audit_log, exceptions, links, mail
from tenants.models import Membership, Role, Tenant
from tenants.people import memberships
from tenants.people.memberships import Member
from tenants.signing import HasEpoch


def transfer(membership_id: UUID, tenant: HasEpoch, *, by: Member) -> Membership:
    """Make another member an owner, and the owner who asks an admin. Runs in `context.identity()`.

    Raises Refused, UnknownMember.
    """
    with memberships.changing(tenant, by=by) as actor:
        if actor.role != Role.OWNER or membership_id == actor.membership_id:
            raise exceptions.Refused(
                "Only an owner hands the ownership over, and to another member.", permission="tenant.transfer"
            )
        memberships.require_held(actor, ["tenant.transfer"])
        new = memberships.set_role(memberships.find(membership_id, tenant), Role.OWNER, by=actor.user)
        memberships.set_role(memberships.find(actor.membership_id, tenant), Role.ADMIN, by=actor.user)
        audit_log.record(
            tenant.id,
            "ownership.transferred",
            by=actor.user,
            subject=new.user.email,
            before={"owner": actor.user.email},
            after={"owner": new.user.email},
        )
        _tell(tenant, former=actor.user.email, new=new.user.email)
    return new


def _tell(tenant: HasEpoch, *, former: str, new: str) -> None:
    values = {
        "tenant_name": Tenant.objects.values_list("name", flat=True).get(id=tenant.id),
        "former_owner": former,
        "new_owner": new,
        "link": links.absolute("/", tenant),
    }
    for address in (former, new):
        mail.send("ownership_transferred", address, values, tenant=tenant)
