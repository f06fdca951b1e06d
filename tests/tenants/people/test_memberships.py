"""Who may do what: the answer comes from the live membership in this tenant, and from nothing else."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from tenants import audit_log, context, exceptions, hooks
from tenants.directory import Entry
from tenants.models import ApiKey, AuditEntry, Membership, Role, Tenant, User
from tenants.people import exceptions as errors
from tenants.people import groups, keys, memberships, permissions, roles
from tests import factories

TwoTenants = tuple[Entry, Entry]


def key_of(user: User, tenant: Entry) -> UUID:
    with context.identity():
        member = memberships.by_user(user.pk, tenant)
        assert member is not None
        return keys.create(member, tenant, name="importer").key.id


VIEWS = {
    "coupons.read",
    "orders.read",
    "products.read",
    "reports.read",
    "social.read",
    "tenant.read",
    "usage.read",
}
EDITS = VIEWS | {
    "coupons.write",
    "customers.read",
    "customers.write",
    "orders.write",
    "products.write",
    "social.moderate",
    "visitors.read",
    "visitors.write",
}
ADMINISTERS = EDITS | {
    "audit.read",
    "backups.manage",
    "keys.manage",
    "mail.manage",
    "members.manage",
    "members.read",
    "payments.write",
    "roles.manage",
    "service_accounts.manage",
}
MAY = {
    Role.VIEWER: VIEWS,
    Role.EDITOR: EDITS,
    Role.ADMIN: ADMINISTERS,
    Role.OWNER: ADMINISTERS | {"tenant.transfer", "security.manage"},
}


@pytest.mark.parametrize("role", Role.values)
def test_a_role_includes_exactly_these_permissions(two_tenants: TwoTenants, role: str) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, role)
    with context.use(acme):
        for permission in permissions.known():
            if permission in MAY[Role(role)]:
                assert memberships.require(user, acme, permission).user == user
            else:
                with pytest.raises(exceptions.Refused, match=permission) as refusal:
                    memberships.require(user, acme, permission)
                assert refusal.value.permission == permission


def test_a_permission_that_nobody_declared_is_a_mistake_of_the_program(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, Role.OWNER)
    with context.use(acme), pytest.raises(ValueError, match=r"products\.wirte"):
        memberships.require(user, acme, "products.wirte")


def test_nobody_is_no_member(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]), pytest.raises(exceptions.NotAMember):
        memberships.require(None, two_tenants[0], "products.read")


def test_a_member_of_another_tenant_is_no_member(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    stranger = factories.member(globex, Role.OWNER)
    with context.use(acme), pytest.raises(exceptions.NotAMember):
        memberships.require(stranger, acme, "products.read")


def test_in_one_tenant_s_context_nobody_is_found_in_another(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    stranger = factories.member(globex, Role.OWNER)
    with context.use(acme), pytest.raises(exceptions.NotAMember):
        memberships.require(stranger, globex, "products.read")


def test_one_person_has_another_role_in_each_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    user = factories.member(acme, Role.OWNER)
    with context.identity():
        memberships.add(user, globex, Role.VIEWER, by="test")
    for tenant, role in ((acme, Role.OWNER), (globex, Role.VIEWER)):
        with context.use(tenant):
            assert memberships.require(user, tenant, "products.read").role == role


def test_an_ended_membership_is_none(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme)
    with context.identity():
        memberships.end(Membership.objects.get(user=user), by="test")
    with context.use(acme):
        assert memberships.by_user(user.pk, acme) is None
        assert Membership.objects.filter(user=user, ended_at__isnull=False).exists()


def test_identity_sees_all_tenants_and_finds_a_member_or_a_key_only_in_the_one_it_asks_for(
    two_tenants: TwoTenants,
) -> None:
    acme, globex = two_tenants
    user = factories.member(acme)
    key_id = key_of(user, acme)
    with context.identity():
        assert memberships.by_user(user.pk, acme)
        assert memberships.by_key(key_id, acme)
        assert memberships.by_user(user.pk, globex) is None
        assert memberships.by_key(key_id, globex) is None


def test_the_person_of_a_member_is_read_whole(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme)
    key_id = key_of(user, acme)
    with context.use(acme):
        wanted = User.objects.filter(pk=user.pk).values().get()
        for member in (memberships.by_user(user.pk, acme), memberships.by_key(key_id, acme)):
            assert member is not None
            assert member.user.get_deferred_fields() == set()
            assert {name: getattr(member.user, name) for name in wanted} == wanted


def test_one_who_left_may_come_back(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, Role.OWNER)
    with context.identity():
        memberships.end(Membership.objects.get(user=user), by="test")
        memberships.add(user, acme, Role.VIEWER, by="test")
    with context.use(acme):
        assert memberships.require(user, acme, "products.read").role == Role.VIEWER


def test_a_deactivated_person_is_no_member(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme)
    key_id = key_of(user, acme)
    with context.identity():
        User.objects.filter(pk=user.pk).update(deactivated_at=timezone.now())
    with context.use(acme):
        assert memberships.by_user(user.pk, acme) is None
        assert memberships.by_key(key_id, acme) is None


@pytest.mark.parametrize("field", ["suspended_at", "archived_at", "destroyed_at"])
def test_a_tenant_that_is_not_active_has_no_members(
    fresh_db: str, two_tenants: TwoTenants, field: str
) -> None:
    acme, _ = two_tenants
    user = factories.member(acme)
    key_id = key_of(user, acme)
    with context.owner():
        Tenant.objects.filter(id=acme.id).update(**{field: timezone.now()})
    with context.use(acme):
        assert memberships.by_user(user.pk, acme) is None
        assert memberships.by_key(key_id, acme) is None


def test_a_second_live_membership_is_refused(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme)
    with context.identity():
        with pytest.raises(IntegrityError), transaction.atomic():
            memberships.add(user, acme, Role.VIEWER, by="test")
        assert Membership.objects.filter(user=user).count() == 1


def test_a_role_that_does_not_exist_is_refused(two_tenants: TwoTenants) -> None:
    user = factories.member(two_tenants[0])
    with context.identity(), pytest.raises(ValueError, match="emperor"):
        memberships.add(user, two_tenants[1], "emperor", by="test")


def test_joining_and_leaving_are_recorded(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        user = factories.UserFactory(email="ada@example.com")
        membership = memberships.add(user, acme, Role.ADMIN, by=user)
        memberships.end(membership, by="test")
    with context.use(acme):
        added, ended = (
            AuditEntry.objects.filter(action__startswith="membership.")
            .order_by("at", "id")
            .reverse()[:2][::-1]
        )
    assert (added.action, added.actor_id, added.subject, added.after) == (
        "membership.added",
        user.pk,
        "ada@example.com",
        {"role": "admin"},
    )
    assert (ended.action, ended.actor, ended.subject) == ("membership.ended", "test", "ada@example.com")


def test_a_tenant_s_role_cannot_make_members(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(two_tenants[1])
    with pytest.raises(Exception, match="permission denied"), context.use(acme):
        memberships.add(user, acme, Role.OWNER, by="test")


def test_an_expired_key_acts_for_nobody(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member_of = factories.member(acme)
    with context.identity():
        member = memberships.by_user(member_of.pk, acme)
        assert member is not None
        soon = keys.create(member, acme, name="soon", expires_at=timezone.now() + timedelta(hours=1)).key
        past = keys.create(member, acme, name="past").key
        ApiKey.objects.filter(id=past.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    with context.use(acme):
        found = memberships.by_key(soon.id, acme)
        assert found is not None
        assert (found.user, found.api_key_id) == (member_of, soon.id)
        assert memberships.by_key(past.id, acme) is None


# Changing who may do what.


def member(tenant: Entry, role: str) -> memberships.Member:
    """Return a new member, as a request reads them; inside of `context.identity()`."""
    user = factories.UserFactory()
    factories.MembershipFactory(tenant_id=tenant.id, user=user, role=role)
    found = memberships.by_user(user.pk, tenant)
    assert found is not None
    return found


def role_of(one: memberships.Member, tenant: Entry) -> str | None:
    found = memberships.by_user(one.user.pk, tenant)
    return None if found is None else found.role


def leave_one_owner(tenant: Entry) -> memberships.Member:
    """Return the only owner whom the tenant has from now on."""
    owner = member(tenant, Role.OWNER)
    for other in memberships.live(tenant).filter(role=Role.OWNER).exclude(id=owner.membership_id):
        memberships.end(other, by="test")
    return owner


def test_a_role_is_changed_and_the_change_is_recorded(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        admin, editor = member(acme, Role.ADMIN), member(acme, Role.EDITOR)
        memberships.change_role(editor.membership_id, acme, Role.VIEWER, by=admin)
        assert role_of(editor, acme) == Role.VIEWER
    with context.use(acme):
        entry = AuditEntry.objects.filter(action="membership.role_changed").latest("id")
        assert (entry.actor_id, entry.subject) == (admin.user.pk, editor.user.email)
        assert (entry.before, entry.after) == ({"role": "editor"}, {"role": "viewer"})


def test_nobody_gives_a_role_above_their_own_or_touches_who_stands_above_them(
    two_tenants: TwoTenants,
) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, admin = member(acme, Role.OWNER), member(acme, Role.ADMIN)
        editor = member(acme, Role.EDITOR)
        for verb in (
            lambda: memberships.change_role(admin.membership_id, acme, Role.OWNER, by=admin),
            lambda: memberships.change_role(editor.membership_id, acme, Role.OWNER, by=admin),
            lambda: memberships.change_role(owner.membership_id, acme, Role.VIEWER, by=admin),
            lambda: memberships.remove(owner.membership_id, acme, by=admin),
        ):
            with pytest.raises(exceptions.Refused):
                verb()
        assert [role_of(one, acme) for one in (owner, admin, editor)] == ["owner", "admin", "editor"]


def test_a_caller_that_is_narrowed_cannot_use_the_role_behind_it(two_tenants: TwoTenants) -> None:
    """As an API key with scopes is, or somebody whose role was taken since the request began."""
    acme, _ = two_tenants
    with context.identity():
        owner, editor = member(acme, Role.OWNER), member(acme, Role.EDITOR)
        narrowed = replace(owner, held=frozenset({"members.manage"}))
        with pytest.raises(exceptions.Refused):
            memberships.change_role(editor.membership_id, acme, Role.ADMIN, by=narrowed)
        memberships.change_role(owner.membership_id, acme, Role.EDITOR, by=member(acme, Role.OWNER))
        with pytest.raises(exceptions.Refused):
            memberships.change_role(editor.membership_id, acme, Role.ADMIN, by=owner)
        memberships.end(Membership.objects.get(id=owner.membership_id), by="test")
        with pytest.raises(exceptions.NotAMember):
            memberships.remove(editor.membership_id, acme, by=owner)
        assert role_of(editor, acme) == Role.EDITOR


def test_a_role_that_is_none_is_refused(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity(), pytest.raises(errors.InvalidRole, match="emperor"):
        memberships.change_role(
            member(acme, Role.EDITOR).membership_id, acme, "emperor", by=member(acme, Role.OWNER)
        )


def test_a_member_is_removed_and_another_leaves(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        admin, editor, viewer = (member(acme, role) for role in (Role.ADMIN, Role.EDITOR, Role.VIEWER))
        memberships.remove(editor.membership_id, acme, by=admin)
        memberships.leave(acme, by=viewer)
        assert role_of(editor, acme) is role_of(viewer, acme) is None
        with pytest.raises(errors.UnknownMember):
            memberships.remove(editor.membership_id, acme, by=admin)
    with context.use(acme):
        entries = AuditEntry.objects.filter(action="membership.ended").order_by("-id")[:2]
        assert {(entry.actor_id, entry.subject) for entry in entries} == {
            (admin.user.pk, editor.user.email),
            (viewer.user.pk, viewer.user.email),
        }
        assert all(entry.before and entry.after and entry.after["ended_at"] for entry in entries)


def test_another_tenant_s_member_is_unknown(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        owner, stranger = member(acme, Role.OWNER), member(globex, Role.OWNER)
        for verb in (
            lambda: memberships.remove(stranger.membership_id, acme, by=owner),
            lambda: memberships.change_role(stranger.membership_id, acme, Role.VIEWER, by=owner),
        ):
            with pytest.raises(errors.UnknownMember):
                verb()
        with pytest.raises(exceptions.NotAMember):
            memberships.remove(owner.membership_id, acme, by=stranger)
        assert role_of(stranger, globex) == role_of(owner, acme) == Role.OWNER


def test_the_last_owner_stays(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner = leave_one_owner(acme)
        for verb in (
            lambda: memberships.leave(acme, by=owner),
            lambda: memberships.remove(owner.membership_id, acme, by=owner),
            lambda: memberships.change_role(owner.membership_id, acme, Role.ADMIN, by=owner),
            lambda: memberships.end(Membership.objects.get(id=owner.membership_id), by="test"),
        ):
            with pytest.raises(errors.LastOwner):
                verb()
        memberships.change_role(owner.membership_id, acme, Role.OWNER, by=owner)
        other = member(acme, Role.OWNER)
        User.objects.filter(id=other.user.pk).update(deactivated_at=timezone.now())
        with pytest.raises(errors.LastOwner):
            memberships.leave(acme, by=owner)
        User.objects.filter(id=other.user.pk).update(deactivated_at=None)
        memberships.leave(acme, by=owner)
        assert (role_of(owner, acme), role_of(other, acme)) == (None, Role.OWNER)


def test_of_two_owners_who_leave_at_once_one_stays(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        first = leave_one_owner(acme)
        second = member(acme, Role.OWNER)
    together = threading.Barrier(2)

    def leave(owner: memberships.Member) -> str:
        try:
            with context.identity():
                memberships.find(owner.membership_id, acme)  # the transaction has begun
                together.wait(30)
                memberships.leave(acme, by=owner)
        except errors.LastOwner:
            return "stayed"
        finally:
            connections.close_all()
        return "left"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, (first, second))) == ["left", "stayed"]
    with context.identity():
        assert memberships.live(acme).filter(role=Role.OWNER).count() == 1


def test_a_refresh_finds_nothing_to_do_after_a_change_of_a_role_or_group(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        owner, viewer, stranger = (
            member(acme, Role.OWNER),
            member(acme, Role.VIEWER),
            member(globex, Role.VIEWER),
        )
        role = roles.create(acme, "Packer", ["audit.read"], by=owner)
        group = groups.create(acme, "Packers", by=owner, role=Role.EDITOR)

        def added() -> dict[UUID, list[str]]:
            memberships.refresh(acme)
            rows = Membership.objects.filter(id__in=[viewer.membership_id, stranger.membership_id])
            return dict(rows.values_list("id", "added"))

        for verb, expected in (
            (lambda: roles.assign(viewer.membership_id, acme, role.id, by=owner), ["audit.read"]),
            (
                lambda: groups.put_in(viewer.membership_id, group.id, acme, by=owner),
                ["audit.read", "role:editor"],
            ),
            (
                lambda: roles.update(role.id, acme, by=owner, granted=["keys.manage"]),
                ["keys.manage", "role:editor"],
            ),
            (lambda: groups.delete(group.id, acme, by=owner), ["keys.manage"]),
            (lambda: roles.assign(viewer.membership_id, acme, None, by=owner), []),
        ):
            verb()
            before = list(Membership.objects.filter(id=viewer.membership_id).values_list("added", flat=True))
            assert before == [expected]
            assert added() == {viewer.membership_id: expected, stranger.membership_id: []}


# Seats.


@contextmanager
def seats(allowed: int) -> Iterator[list[int]]:
    """Have a floor above allow so many seats; yields the counts that it was asked about."""
    asked: list[int] = []

    def receive(tenant: context.HasId, count: int, **_: Any) -> None:
        asked.append(count)
        if count > allowed:
            raise errors.SeatsTaken()

    hooks.joining.connect(receive)
    try:
        yield asked
    finally:
        hooks.joining.disconnect(receive)


def test_the_floor_above_counts_seats_and_may_object(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        one, two, three = (factories.UserFactory() for _ in range(3))
        now = memberships.live(acme).count()
        with seats(now + 1) as asked:
            first = memberships.add(one, acme, Role.VIEWER, by="test")
            with pytest.raises(errors.SeatsTaken):
                memberships.add(two, acme, Role.VIEWER, by="test")
            memberships.end(first, by="test")
            memberships.add(two, acme, Role.VIEWER, by="test")
            assert asked == [now + 1, now + 2, now + 1]
            assert memberships.by_user(one.pk, acme) is None
        with seats(memberships.live(globex).count()), pytest.raises(errors.SeatsTaken):
            memberships.add(three, globex, Role.VIEWER, by="test")


def test_two_who_join_at_once_do_not_share_the_last_seat(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        people = [factories.UserFactory(), factories.UserFactory()]
        now = memberships.live(acme).count()
    together = threading.Barrier(2)

    def join(user: User) -> str:
        try:
            with context.identity():
                assert User.objects.filter(pk=user.pk).exists()
                together.wait(30)
                memberships.add(user, acme, Role.VIEWER, by="test")
        except errors.SeatsTaken:
            return "refused"
        finally:
            connections.close_all()
        return "joined"

    with seats(now + 1), ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(join, people)) == ["joined", "refused"]
    with context.identity():
        assert memberships.live(acme).count() == now + 1


def test_an_operator_who_acts_as_the_owner_reads_and_lets_nobody_in(acme: Entry) -> None:
    owner = memberships.by_user(User.objects.get(email="owner@acme.example").pk, acme)
    assert memberships.require_member(owner, "members.manage") is owner
    token = audit_log.on_behalf.set("dana@leasehold.example")
    try:
        for permission in ("products.write", "members.read", "audit.read"):
            assert memberships.require_member(owner, permission) is owner
        for permission in ("members.manage", "keys.manage", "security.manage"):
            with pytest.raises(errors.ImpersonationWithheld):
                memberships.require_member(owner, permission)
    finally:
        audit_log.on_behalf.reset(token)
