"""Groups: what a group gives, its members may do, until they are taken out or the group is gone."""

import pytest

from tenants import context, exceptions
from tenants.directory import Entry
from tenants.models import Group, GroupMembership, Role
from tenants.people import exceptions as errors
from tenants.people import groups, memberships, permissions, roles
from tests.tenants.people.test_roles import again, member, recorded

TwoTenants = tuple[Entry, Entry]


def test_a_group_gives_its_roles_to_who_is_in_it(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        packer = roles.create(acme, "Packer", ["audit.read"], by=owner)
        group = groups.create(acme, "Packers", by=owner, role=Role.EDITOR, custom_role_id=packer.id)
        assert again(viewer.user, acme).held == viewer.held
        groups.put_in(viewer.membership_id, group.id, acme, by=owner)
        assert again(viewer.user, acme).held == permissions.of_role(Role.EDITOR) | {"audit.read"}
        groups.take_out(viewer.membership_id, group.id, acme, by=owner)
        assert again(viewer.user, acme).held == viewer.held
    with context.use(acme):
        assert memberships.require(viewer.user, acme, "products.read").held == viewer.held


def test_who_is_in_it_twice_is_in_it_once_and_is_out_when_taken_out(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        group = groups.create(acme, "Packers", by=owner)
        for _ in range(2):
            groups.put_in(viewer.membership_id, group.id, acme, by=owner)
        assert GroupMembership.objects.filter(group=group).count() == 1
        groups.take_out(viewer.membership_id, group.id, acme, by=owner)
        with pytest.raises(errors.UnknownMember):
            groups.take_out(viewer.membership_id, group.id, acme, by=owner)


def test_a_group_that_goes_takes_what_it_gave(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        group = groups.create(acme, "Packers", by=owner, role=Role.EDITOR)
        groups.put_in(viewer.membership_id, group.id, acme, by=owner)
        groups.delete(group.id, acme, by=owner)
        assert again(viewer.user, acme).held == viewer.held
        assert not Group.objects.filter(tenant_id=acme.id).exists()


def test_nobody_gives_what_they_do_not_hold(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, admin = member(acme, Role.OWNER), member(acme, Role.ADMIN)
        heir = roles.create(acme, "Heir", ["tenant.transfer"], by=owner)
        heirs = groups.create(acme, "Heirs", by=owner, custom_role_id=heir.id)
        mine = groups.create(acme, "Mine", by=admin, role=Role.ADMIN)
        for verb in (
            lambda: groups.put_in(admin.membership_id, heirs.id, acme, by=admin),
            lambda: groups.take_out(owner.membership_id, heirs.id, acme, by=admin),
            lambda: groups.create(acme, "More", by=admin, custom_role_id=heir.id),
            lambda: groups.update(mine.id, acme, by=admin, name="Mine", role="", custom_role_id=heir.id),
            lambda: groups.update(heirs.id, acme, by=admin, name="Heirs", role="", custom_role_id=None),
            lambda: groups.delete(heirs.id, acme, by=admin),
        ):
            with pytest.raises(exceptions.Refused, match=r"tenant\.transfer"):
                verb()
        assert again(admin.user, acme).held == admin.held


@pytest.mark.parametrize("role", ["owner", "emperor"])
def test_a_group_gives_no_ownership_and_no_role_that_is_none(two_tenants: TwoTenants, role: str) -> None:
    acme, _ = two_tenants
    with context.identity(), pytest.raises(errors.InvalidRole):
        groups.create(acme, "Kings", by=member(acme, Role.OWNER), role=role)


def test_a_name_is_taken_once(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner = member(acme, Role.OWNER)
        groups.create(acme, "Packers", by=owner)
        other = groups.create(acme, "Others", by=owner)
        with pytest.raises(errors.RoleTaken):
            groups.create(acme, "packers", by=owner)
        with pytest.raises(errors.RoleTaken):
            groups.update(other.id, acme, by=owner, name="PACKERS", role="", custom_role_id=None)


def test_another_tenant_s_group_is_none(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        owner, stranger = member(acme, Role.OWNER), member(globex, Role.OWNER)
        group = groups.create(acme, "Packers", by=owner, role=Role.ADMIN)
        theirs = roles.create(acme, "Packer", ["products.read"], by=owner)
        for verb in (
            lambda: groups.put_in(stranger.membership_id, group.id, globex, by=stranger),
            lambda: groups.delete(group.id, globex, by=stranger),
            lambda: groups.create(globex, "Mine", by=stranger, custom_role_id=theirs.id),
        ):
            with pytest.raises(errors.UnknownRole):
                verb()
        with pytest.raises(errors.UnknownMember):
            groups.put_in(stranger.membership_id, group.id, acme, by=owner)


def test_what_was_done_is_recorded_before_and_after(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, viewer = member(acme, Role.OWNER), member(acme, Role.VIEWER)
        group = groups.create(acme, "Packers", by=owner)
        groups.update(group.id, acme, by=owner, name="Sorters", role=Role.EDITOR, custom_role_id=None)
        groups.put_in(viewer.membership_id, group.id, acme, by=owner)
        groups.put_in(viewer.membership_id, group.id, acme, by=owner)
        groups.take_out(viewer.membership_id, group.id, acme, by=owner)
        groups.put_in(viewer.membership_id, group.id, acme, by=owner)
        groups.delete(group.id, acme, by=owner)
    empty = {"name": "Packers", "role": "", "custom_role": None}
    sorters = {"name": "Sorters", "role": "editor", "custom_role": None}
    who = {"member": viewer.user.email}
    assert recorded(acme, owner.user.pk) == [
        ("group.created", "Packers", None, empty),
        ("group.changed", "Sorters", empty, sorters),
        ("group.member_added", "Sorters", None, who),
        ("group.member_removed", "Sorters", who, None),
        ("group.member_added", "Sorters", None, who),
        ("group.deleted", "Sorters", {**sorters, "members": [viewer.user.email]}, None),
    ]
