"""How many members a plan allows: whoever is one too many is told so, by whichever way they come, in this tenant alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from billing import seats, subscriptions
from tenants import context, mail
from tenants.directory import Entry
from tenants.models import Invitation, Role, User
from tenants.people import exceptions as errors
from tenants.people import invitations, memberships
from tests import databases, factories
from tests.tenants.people.test_memberships import member

TwoTenants = tuple[Entry, Entry]
PASSWORD = databases.PASSWORD
pytestmark = pytest.mark.usefixtures("fresh_db")


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens of the invitations that were mailed."""
    found: list[str] = []

    def keep(purpose: str, to: str, values: dict[str, Any], *, tenant: Any = None) -> None:
        found.append(values["link"].partition(invitations.PATH)[2])

    monkeypatch.setattr(mail, "send", keep)
    return found


def allow(tenant: Entry, more: int) -> int:
    """Put the tenant on a plan with so many seats more than it has members; return how many that are."""
    with context.identity():
        allowed = memberships.live(tenant).count() + more
    factories.plan(tenant, seats=allowed)
    return allowed


def invite(tenant: Entry, email: str, *, by: memberships.Member) -> Invitation:
    return invitations.invite(tenant, email, Role.VIEWER, by=by)


def test_a_member_beyond_the_seats_is_refused_until_one_leaves(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    allowed = allow(acme, 1)
    with context.identity():
        one, two = factories.UserFactory(), factories.UserFactory()
        first = memberships.add(one, acme, Role.VIEWER, by="test")
        with pytest.raises(
            errors.SeatsTaken, match=rf"\({allowed}\).*Remove a member.*plan with more"
        ) as refusal:
            memberships.add(two, acme, Role.VIEWER, by="test")
        assert refusal.value.code == "seats_taken"
        memberships.add(two, globex, Role.VIEWER, by="test")  # whose plan has no limit
        memberships.end(first, by="test")
        memberships.add(two, acme, Role.VIEWER, by="test")


@pytest.mark.parametrize("state", ["a plan without a limit", "no plan"])
def test_without_a_limit_everybody_may_join(two_tenants: TwoTenants, state: str) -> None:
    acme, _ = two_tenants
    allow(acme, 0)
    if state == "no plan":
        with context.operator():
            subscriptions.end(acme.id, by="test")
    else:
        factories.plan(acme, seats=None)
    with context.identity():
        assert seats.limit(acme.id) is None
        memberships.add(factories.UserFactory(), acme, Role.VIEWER, by="test")


def test_the_first_owner_of_a_new_tenant_takes_the_only_seat(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    factories.plan(acme, seats=1)
    with context.use(acme):
        assert seats.limit(acme.id) == 1
    with context.identity(), pytest.raises(errors.SeatsTaken):
        memberships.add(factories.UserFactory(), acme, Role.VIEWER, by="test")


def test_who_is_invited_takes_a_seat_until_it_is_revoked_or_expires(
    two_tenants: TwoTenants, tokens: list[str]
) -> None:
    acme, globex = two_tenants
    with context.identity():
        owner, stranger = member(acme, Role.OWNER), member(globex, Role.OWNER)
    allowed = allow(acme, 1)
    with context.identity():
        first = invite(acme, "one@example.com", by=owner)
        assert seats.of(acme) == seats.Seats(used=allowed - 1, invited=1, limit=allowed)
        with pytest.raises(errors.SeatsTaken):
            invite(acme, "two@example.com", by=owner)
        invite(globex, "two@example.com", by=stranger)
        assert seats.of(globex).limit is None
        invitations.resend(first.id, acme, by=owner)  # it has its seat already
        invitations.revoke(first.id, acme, by=owner)
        second = invite(acme, "two@example.com", by=owner)
        with time_machine.travel(timezone.now() + invitations.LIFETIME + timedelta(minutes=1)):
            assert seats.of(acme).invited == 0
            invite(acme, "three@example.com", by=owner)
            with pytest.raises(errors.SeatsTaken):
                invitations.resend(second.id, acme, by=owner)
    assert len(tokens) == 5


def test_of_two_invitations_accepted_at_once_one_gets_the_last_seat(
    two_tenants: TwoTenants, tokens: list[str]
) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner = member(acme, Role.OWNER)
        for name in ("one", "two"):
            invite(acme, f"{name}@example.com", by=owner)
    allowed = allow(acme, 1)  # the plan was changed since
    together = threading.Barrier(2)

    def accept(token: str) -> str:
        try:
            with context.identity():
                invitations.read(token, acme)
                together.wait(30)
                return invitations.accept(token, acme, password=PASSWORD).role
        except errors.SeatsTaken as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(accept, tokens)) == ["seats_taken", "viewer"]
    with context.identity():
        assert memberships.live(acme).count() == allowed
        assert User.objects.filter(email__in=["one@example.com", "two@example.com"]).count() == 1
