"""Roles that a tenant defines: they add to what a member may do, and nobody grants what they do not hold."""

from uuid import UUID

import pytest

from tenants import context, exceptions, ids
from tenants.directory import Entry
from tenants.models import AuditEntry, CustomRole, Membership, Role, User
from tenants.people import exceptions as errors
from tenants.people import keys, memberships, permissions, roles
from tenants.people.memberships import Member
from tests import factories

TwoTenants = tuple[Entry, Entry]


def member(tenant: Entry, role: str) -> Member:
    """Return a new member, as a request reads them; inside of `context.identity()`."""
    user = factories.UserFactory()
    factories.MembershipFactory(tenant_id=tenant.id, user=user, role=role)
    return again(user, tenant)


def again(user: User, tenant: Entry) -> Member:
    found = memberships.by_user(user.pk, tenant)
    assert found is not None
    return found


def test_a_custom_role_adds_to_the_built_in_one(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        role = roles.create(acme, "Packer", ["products.write"], by=owner)
        assert not viewer.may("products.write")
        roles.assign(viewer.membership_id, acme, role.id, by=owner)
        key = keys.create(viewer, acme, name="x").key
    with context.use(acme):
        assert memberships.require(viewer.user, acme, "products.write").held == viewer.held | {
            "products.write"
        }
        by_key = memberships.by_key(key.id, acme)
        assert by_key is not None
        assert by_key.may("products.write")
        with pytest.raises(exceptions.Refused):
            memberships.require(viewer.user, acme, "keys.manage")
    with context.identity():
        roles.assign(viewer.membership_id, acme, None, by=owner)
        assert again(viewer.user, acme).held == viewer.held


def test_it_reaches_no_other_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        owner, stranger = member(acme, Role.OWNER), member(globex, Role.OWNER)
        role = roles.create(acme, "Packer", ["products.write"], by=owner)
        theirs = member(globex, Role.VIEWER)
        for verb in (
            lambda: roles.assign(theirs.membership_id, globex, role.id, by=stranger),
            lambda: roles.update(role.id, globex, by=stranger, name="Mine"),
            lambda: roles.delete(role.id, globex, by=stranger),
        ):
            with pytest.raises(errors.UnknownRole):
                verb()
        with pytest.raises(errors.UnknownMember):
            roles.assign(theirs.membership_id, acme, role.id, by=owner)
        with pytest.raises(exceptions.NotAMember):
            roles.create(acme, "Spy", ["products.read"], by=stranger)


def test_nobody_grants_what_they_do_not_hold(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, admin = member(acme, Role.OWNER), member(acme, Role.ADMIN)
        with pytest.raises(exceptions.Refused, match=r"tenant\.transfer"):
            roles.create(acme, "Heir", ["tenant.transfer"], by=admin)
        heir = roles.create(acme, "Heir", ["tenant.transfer"], by=owner)
        packer = roles.create(acme, "Packer", ["products.write"], by=admin)
        for verb in (
            lambda: roles.assign(admin.membership_id, acme, heir.id, by=admin),
            lambda: roles.update(heir.id, acme, by=admin, granted=["products.read"]),
            lambda: roles.update(packer.id, acme, by=admin, granted=["tenant.transfer"]),
            lambda: roles.delete(heir.id, acme, by=admin),
            lambda: roles.assign(owner.membership_id, acme, packer.id, by=admin),
        ):
            with pytest.raises(exceptions.Refused):
                verb()
        assert again(admin.user, acme).held == admin.held
        assert CustomRole.objects.get(id=packer.id).permissions == ["products.write"]


def test_a_change_reaches_all_who_have_the_role(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        role = roles.create(acme, "Packer", ["products.write"], by=owner)
        roles.assign(viewer.membership_id, acme, role.id, by=owner)
        roles.update(role.id, acme, by=owner, granted=["audit.read"])
        held = again(viewer.user, acme).held
        assert "audit.read" in held
        assert "products.write" not in held


def test_a_permission_whose_app_is_gone_grants_nothing(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        role = roles.create(acme, "Packer", ["products.write"], by=owner)
        roles.assign(viewer.membership_id, acme, role.id, by=owner)
        CustomRole.objects.filter(id=role.id).update(permissions=["moon.land"])
        memberships.refresh(acme)
        assert again(viewer.user, acme).held == permissions.of_role(Role.VIEWER)


@pytest.mark.parametrize(
    ("name", "granted"),
    [
        ("", ["products.read"]),
        ("x" * 101, ["products.read"]),
        ("a\x00b", ["products.read"]),
        ("Owner", ["products.read"]),
        ("Packer", []),
        ("Packer", ["products.wirte"]),
        ("Packer", ["role:owner"]),
    ],
)
def test_a_role_that_means_nothing_is_refused(two_tenants: TwoTenants, name: str, granted: list[str]) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner = member(acme, Role.OWNER)
        with pytest.raises(errors.InvalidRole):
            roles.create(acme, name, granted, by=owner)
        assert not CustomRole.objects.filter(tenant_id=acme.id).exists()


def test_a_name_is_taken_once_per_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        for tenant in (acme, globex):
            owner = member(tenant, Role.OWNER)
            roles.create(tenant, "Packer", ["products.read"], by=owner)
            with pytest.raises(errors.RoleTaken):
                roles.create(tenant, " PACKER ", ["products.read"], by=owner)


def test_a_role_that_somebody_has_stays(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        role = roles.create(acme, "Packer", ["products.read"], by=owner)
        roles.assign(viewer.membership_id, acme, role.id, by=owner)
        with pytest.raises(errors.RoleInUse):
            roles.delete(role.id, acme, by=owner)
        memberships.remove(viewer.membership_id, acme, by=owner)
        roles.delete(role.id, acme, by=owner)
        assert not CustomRole.objects.filter(id=role.id).exists()
        with pytest.raises(errors.UnknownRole):
            roles.find(ids.new(), acme)


def test_what_was_done_is_recorded_before_and_after(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        role = roles.create(acme, "Packer", ["products.read"], by=owner)
        roles.update(role.id, acme, by=owner, name="Sorter", granted=["products.write"])
        roles.assign(viewer.membership_id, acme, role.id, by=owner)
        roles.assign(viewer.membership_id, acme, None, by=owner)
        roles.delete(role.id, acme, by=owner)
    assert recorded(acme, owner.user.pk) == [
        ("role.created", "Packer", None, {"name": "Packer", "permissions": ["products.read"]}),
        (
            "role.changed",
            "Sorter",
            {"name": "Packer", "permissions": ["products.read"]},
            {"name": "Sorter", "permissions": ["products.write"]},
        ),
        (
            "membership.custom_role_changed",
            viewer.user.email,
            {"custom_role": None},
            {"custom_role": "Sorter"},
        ),
        (
            "membership.custom_role_changed",
            viewer.user.email,
            {"custom_role": "Sorter"},
            {"custom_role": None},
        ),
        ("role.deleted", "Sorter", {"name": "Sorter", "permissions": ["products.write"]}, None),
    ]


def recorded(tenant: Entry, actor_id: UUID) -> list[tuple[object, ...]]:
    with context.use(tenant):
        rows = AuditEntry.objects.filter(actor_id=actor_id).order_by("id")
        return list(rows.values_list("action", "subject", "before", "after"))


def test_a_tenant_s_role_cannot_write_roles(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    for verb in (
        lambda: CustomRole.objects.create(tenant_id=acme.id, name="x"),
        lambda: Membership.objects.update(custom_role=None),
    ):
        with pytest.raises(Exception, match="permission denied"), context.use(acme):
            verb()
