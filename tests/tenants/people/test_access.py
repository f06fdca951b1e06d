"""A decision explains itself, and the explanation is the decision of the one door."""

import pytest
from django.utils import timezone

from tenants import context, lifecycle
from tenants.directory import Entry
from tenants.models import Membership, Role, Tenant, User
from tenants.people import access, groups, memberships, permissions, roles
from tenants.people.memberships import Member
from tests.tenants.people.test_memberships import member

TwoTenants = tuple[Entry, Entry]


def why(one: Member, tenant: Entry, permission: str) -> access.Decision:
    return access.explain(one.user.email, Tenant.objects.get(id=tenant.id), permission)


@pytest.mark.parametrize("role", Role.values)
def test_it_answers_as_the_door_does(two_tenants: TwoTenants, role: str) -> None:
    acme, _ = two_tenants
    with context.identity():
        one = member(acme, role)
        for permission in permissions.known():
            assert why(one, acme, permission).allowed == one.may(permission)


def test_each_way_to_a_permission_is_named(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        packer = roles.create(acme, "Packer", ["products.write"], by=owner)
        group = groups.create(acme, "Packers", by=owner, role=Role.EDITOR)
        empty = groups.create(acme, "Readers", by=owner, role=Role.VIEWER)
        refused = why(viewer, acme, "products.write")
        roles.assign(viewer.membership_id, acme, packer.id, by=owner)
        for one in (group, empty):
            groups.put_in(viewer.membership_id, one.id, acme, by=owner)
        allowed = why(viewer, acme, "products.write")
        both = why(viewer, acme, "keys.manage")
    assert refused == access.Decision(
        False,
        ("The role viewer does not include it.", "Roles that include it: admin, editor, owner."),
    )
    assert allowed == access.Decision(
        True, ("The custom role Packer includes it.", "The group Packers gives it.")
    )
    assert both.reasons == (
        "The role viewer does not include it.",
        "The custom role Packer does not include it.",
        "The group Packers does not give it.",
        "The group Readers does not give it.",
        "Roles that include it: admin, owner.",
    )


def test_who_is_no_member_is_told_apart(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        gone, stranger, off = member(acme, Role.EDITOR), member(globex, Role.OWNER), member(acme, Role.ADMIN)
        memberships.end(Membership.objects.get(id=gone.membership_id), by="test")
        User.objects.filter(pk=off.user.pk).update(deactivated_at=timezone.now())
    with context.identity():
        reasons = {one.user.email: why(one, acme, "products.read") for one in (gone, stranger, off)}
        nobody = access.explain("nobody@example.com", Tenant.objects.get(id=acme.id), "products.read")
    assert not any(found.allowed for found in (*reasons.values(), nobody))
    assert [found.reasons[0][:26] for found in (*reasons.values(), nobody)] == [
        "The membership ended at 20",
        "The person was never a mem",
        "The person is deactivated ",
        "Nobody has this address.",
    ]
    lifecycle.suspend("acme", by="test")
    with context.identity():
        found = why(gone, acme, "products.read").reasons
    assert found[0].startswith("The tenant is suspended since ")
    assert found[1].startswith("The membership ended at ")


def test_a_permission_that_nobody_declared_is_a_mistake(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity(), pytest.raises(ValueError, match=r"products\.wirte"):
        why(member(acme, Role.OWNER), acme, "products.wirte")
