"""Who may do what: the answer comes from the live membership in this tenant, and from nothing else."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import audit_log, context, exceptions
from tenants.directory import Entry
from tenants.models import AuditEntry, Membership, Role, Tenant, User
from tenants.people import keys, memberships
from tests import factories

TwoTenants = tuple[Entry, Entry]


def key_of(user: User, tenant: Entry) -> UUID:
    with context.identity():
        member = memberships.by_user(user.pk, tenant)
        assert member is not None
        return keys.create(member, tenant, name="importer").key.id


MAY = {
    Role.VIEWER: {"products.read", "tenant.read", "usage.read"},
    Role.EDITOR: {"products.read", "tenant.read", "usage.read", "products.write"},
    Role.ADMIN: {
        "products.read", "tenant.read", "usage.read", "products.write",
        "keys.manage", "backups.manage", "audit.read", "members.read",
    },
    Role.OWNER: {
        "products.read", "tenant.read", "usage.read", "products.write",
        "keys.manage", "backups.manage", "audit.read", "members.read", "members.manage", "security.manage",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", Role.values)
def test_a_role_includes_exactly_these_permissions(two_tenants: TwoTenants, role: str) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, role)
    with context.use(acme):
        for permission in memberships.KNOWN:
            if permission in MAY[Role(role)]:
                assert memberships.require(user, acme, permission).user == user
            else:
                with pytest.raises(exceptions.Refused, match=permission) as refusal:
                    memberships.require(user, acme, permission)
                assert refusal.value.permission == permission


def test_every_role_has_its_permissions() -> None:
    assert set(memberships.PERMISSIONS) == set(Role.values)


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
        past = keys.create(member, acme, name="past", expires_at=timezone.now() - timedelta(seconds=1)).key
    with context.use(acme):
        found = memberships.by_key(soon.id, acme)
        assert found is not None
        assert (found.user, found.api_key_id) == (member_of, soon.id)
        assert memberships.by_key(past.id, acme) is None


def test_an_operator_who_acts_as_the_owner_reads_and_lets_nobody_in(acme: Entry) -> None:
    owner = memberships.by_user(User.objects.get(email="owner@acme.example").pk, acme)
    assert memberships.require_member(owner, "members.manage") is owner
    token = audit_log.on_behalf.set("dana@leasehold.example")
    try:
        for permission in ("products.write", "members.read", "audit.read"):
            assert memberships.require_member(owner, permission) is owner
        for permission in ("members.manage", "keys.manage", "security.manage"):
            with pytest.raises(exceptions.ImpersonationWithheld):
                memberships.require_member(owner, permission)
    finally:
        audit_log.on_behalf.reset(token)
