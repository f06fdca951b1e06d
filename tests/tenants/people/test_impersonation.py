"""An operator acts as a member: for a reason, for a time, where the tenant allows it; codes work once and in one tenant."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connections
from django.db.models import F
from django.utils import timezone

from tenants import context, ids, lifecycle
from tenants.directory import Entry
from tenants.models import (
    AuditEntry,
    ImpersonationBan,
    ImpersonationCode,
    ImpersonationGrant,
    Membership,
    Operator,
    OperatorEntry,
    OperatorRole,
    User,
)
from tenants.people import exceptions as errors
from tenants.people import impersonation, operators
from tenants.people.impersonation import Handover

pytestmark = pytest.mark.usefixtures("fresh_db")
TwoTenants = tuple[Entry, Entry]
REASON = "Ticket 4711: prices look wrong"


def operator(role: str) -> User:
    with context.owner():
        user = User.objects.create_user(f"{ids.new().hex}@leasehold.example", name="Dana")
        Operator.objects.create(user=user, role=role)
    return user


@pytest.fixture
def engineer() -> User:
    return operator(OperatorRole.ENGINEER)


def grant(tenant: Entry, by: User, **values: Any) -> Handover:
    with context.operator():
        membership = Membership.objects.select_related("user").filter(tenant_id=tenant.id)[0]
        return impersonation.grant(by, membership, **{"reason": REASON, **values})


def start(handover: Handover, tenant: Entry) -> ImpersonationGrant:
    with context.identity():
        return impersonation.start(handover.code, tenant)


def current(handover: Handover, tenant: Entry) -> impersonation.Acting | None:
    with context.use(tenant):
        return impersonation.current(handover.grant.id, tenant)


def actions(tenant: Entry) -> list[str]:
    with context.use(tenant):
        found = AuditEntry.objects.filter(action__startswith="impersonation.").order_by("id")
        return list(found.values_list("action", flat=True))


def test_it_is_granted_handed_over_and_ended_and_the_tenant_reads_it(
    two_tenants: TwoTenants, engineer: User
) -> None:
    acme, globex = two_tenants
    made = grant(acme, engineer)
    assert current(made, acme) is None  # not started yet
    start(made, acme)
    acting = current(made, acme)
    assert acting is not None
    assert (str(acting.operator), acting.member.user.email) == (engineer.email, "owner@acme.example")
    assert acting.read_only
    with context.identity():
        assert impersonation.end(made.grant.id, acme)
        assert not impersonation.end(made.grant.id, acme)
    assert current(made, acme) is None
    assert actions(acme) == ["impersonation.granted", "impersonation.started", "impersonation.ended"]
    assert actions(globex) == []
    with context.use(acme):
        [granted] = AuditEntry.objects.filter(action="impersonation.granted")
    assert granted.actor == engineer.email
    assert granted.after is not None
    assert granted.after["reason"] == REASON
    with context.operator():
        [entry] = OperatorEntry.objects.filter(action="impersonation.granted")
    assert (entry.operator_id, entry.tenant_ids) == (engineer.pk, [acme.id])


@pytest.mark.parametrize("reason", ["", "short", " " * 30])
def test_it_is_refused_without_a_reason_that_says_something(
    two_tenants: TwoTenants, engineer: User, reason: str
) -> None:
    with pytest.raises(errors.ImpersonationRefused, match="reason"):
        grant(two_tenants[0], engineer, reason=reason)


@pytest.mark.parametrize("minutes", [0, 61])
def test_it_lasts_a_minute_to_an_hour(two_tenants: TwoTenants, engineer: User, minutes: int) -> None:
    with pytest.raises(errors.ImpersonationRefused, match="1 to 60 minutes"):
        grant(two_tenants[0], engineer, length=timedelta(minutes=minutes))
    longest = grant(two_tenants[0], engineer, length=timedelta(minutes=60)).grant
    assert longest.expires_at - longest.created_at == timedelta(hours=1)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"reason": "short"}, "impersonation_reason"),
        ({"expires_at": F("created_at") + timedelta(minutes=61)}, "impersonation_time"),
    ],
)
def test_the_database_refuses_it_as_well(
    two_tenants: TwoTenants, engineer: User, values: Any, constraint: str
) -> None:
    made = grant(two_tenants[0], engineer).grant
    with pytest.raises(IntegrityError, match=constraint), context.operator():
        ImpersonationGrant.objects.filter(id=made.id).update(**values)


@pytest.mark.parametrize(
    ("role", "write", "allowed"),
    [
        (OperatorRole.SUPPORT, False, True),
        (OperatorRole.SUPPORT, True, False),
        (OperatorRole.BILLING, False, False),
        (OperatorRole.ENGINEER, True, True),
        (OperatorRole.ADMIN, True, True),
    ],
)
def test_the_role_says_who_may_and_who_may_write(
    two_tenants: TwoTenants, role: str, write: bool, allowed: bool
) -> None:
    by = operator(role)
    if allowed:
        assert grant(two_tenants[0], by, write=write).grant.read_only is not write
    else:
        with pytest.raises(errors.OperatorRefused):
            grant(two_tenants[0], by, write=write)


def test_a_code_works_once(two_tenants: TwoTenants, engineer: User) -> None:
    made = grant(two_tenants[0], engineer)
    start(made, two_tenants[0])
    with pytest.raises(errors.ImpersonationOver):
        start(made, two_tenants[0])


def test_a_code_of_one_tenant_is_nothing_in_another(two_tenants: TwoTenants, engineer: User) -> None:
    acme, globex = two_tenants
    made = grant(acme, engineer)
    with pytest.raises(errors.ImpersonationOver):
        start(made, globex)
    start(made, acme)
    assert current(made, globex) is None


def test_a_code_lives_for_a_minute(two_tenants: TwoTenants, engineer: User, time_machine: Any) -> None:
    made = grant(two_tenants[0], engineer)
    time_machine.move_to(timezone.now() + timedelta(seconds=61), tick=False)
    with pytest.raises(errors.ImpersonationOver):
        start(made, two_tenants[0])


def test_it_is_over_when_its_time_is_up(two_tenants: TwoTenants, engineer: User, time_machine: Any) -> None:
    acme, _ = two_tenants
    made = grant(acme, engineer, length=timedelta(minutes=5))
    start(made, acme)
    time_machine.move_to(made.grant.expires_at - timedelta(seconds=1), tick=False)
    assert current(made, acme) is not None
    time_machine.move_to(made.grant.expires_at, tick=False)
    assert current(made, acme) is None


def test_a_tenant_that_forbids_it_ends_what_runs_and_refuses_what_comes(
    two_tenants: TwoTenants, engineer: User
) -> None:
    acme, globex = two_tenants
    running, handed, elsewhere = grant(acme, engineer), grant(acme, engineer), grant(globex, engineer)
    start(running, acme)
    start(elsewhere, globex)
    with context.identity():
        owner = User.objects.get(email="owner@acme.example")
        impersonation.forbid(acme, by=owner)
    assert current(running, acme) is None
    assert current(elsewhere, globex) is not None
    with pytest.raises(errors.ImpersonationForbidden):
        grant(acme, engineer)
    with pytest.raises(errors.ImpersonationOver):
        start(handed, acme)
    with context.identity():
        impersonation.allow(acme, by=owner)
    assert current(running, acme) is None  # what was ended stays ended
    assert start(grant(acme, engineer), acme).started_at is not None


def test_the_ban_alone_keeps_out_what_its_writer_could_not_see_yet(
    two_tenants: TwoTenants, engineer: User
) -> None:
    acme, _ = two_tenants
    made = grant(acme, engineer)
    start(made, acme)
    with context.owner():
        ImpersonationBan.objects.create(tenant_id=acme.id, set_by="test")
    assert current(made, acme) is None


@pytest.mark.parametrize("how", ["ended", "demoted"])
def test_who_is_no_operator_any_more_acts_as_nobody(
    two_tenants: TwoTenants, engineer: User, how: str
) -> None:
    made = grant(two_tenants[0], engineer)
    start(made, two_tenants[0])
    with context.operator():
        if how == "ended":
            operators.end(engineer, by="test")
        else:
            operators.set_role(engineer, OperatorRole.BILLING, by="test")
    assert current(made, two_tenants[0]) is None


def test_it_ends_with_the_membership(two_tenants: TwoTenants, engineer: User) -> None:
    acme, _ = two_tenants
    made = grant(acme, engineer)
    start(made, acme)
    with context.owner():
        Membership.objects.filter(id=made.grant.membership_id).update(ended_at=timezone.now())
    assert current(made, acme) is None
    with pytest.raises(errors.ImpersonationRefused, match="no member"):
        grant(acme, engineer)


def test_a_suspended_tenant_is_entered_by_nobody(
    two_tenants: TwoTenants, engineer: User, tenant: Callable[[str], Entry]
) -> None:
    acme, _ = two_tenants
    made = grant(acme, engineer)
    start(made, acme)
    with context.operator():
        lifecycle.suspend("acme", by="test", reason="unpaid")
    assert current(made, acme) is None
    with pytest.raises(errors.ImpersonationRefused, match="suspended"):
        grant(acme, engineer)


def test_a_tenant_reads_no_code_and_changes_no_impersonation(two_tenants: TwoTenants, engineer: User) -> None:
    acme, globex = two_tenants
    made = grant(acme, engineer)
    with context.use(globex):
        assert not ImpersonationGrant.objects.filter(id=made.grant.id).exists()
    with pytest.raises(ProgrammingError, match="permission denied"), context.use(acme):
        list(ImpersonationCode.objects.all())
    with pytest.raises(ProgrammingError, match="permission denied"), context.use(acme):
        ImpersonationGrant.objects.filter(id=made.grant.id).update(ended_at=timezone.now())
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        context.operator(),
        connections["console"].cursor() as cursor,
    ):
        cursor.execute("SELECT digest FROM tenants_impersonationcode")


def test_a_grant_names_a_member_of_its_own_tenant(two_tenants: TwoTenants, engineer: User) -> None:
    acme, globex = two_tenants
    made = grant(acme, engineer).grant
    with context.operator():
        foreign = Membership.objects.filter(tenant_id=globex.id)[0]
    with pytest.raises(IntegrityError, match="same_tenant"), context.operator():
        ImpersonationGrant.objects.filter(id=made.id).update(membership_id=foreign.id)
