"""Reset tokens: of one person in one tenant and epoch, for one use and a limited time."""

from collections.abc import Callable

import pytest
import time_machine

from tenants import context, exceptions, lifecycle
from tenants.directory import Entry
from tenants.models import User
from tenants.people import tokens
from tests import factories

TwoTenants = tuple[Entry, Entry]


@pytest.fixture
def person(two_tenants: TwoTenants) -> User:
    """A member of both tenants, which is when a token could be carried over."""
    user = factories.member(two_tenants[0])
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=user)
    return user


def test_a_token_is_good_for_its_person_in_its_tenant(two_tenants: TwoTenants, person: User) -> None:
    acme, globex = two_tenants
    with context.identity():
        token = tokens.make(person, acme)
        assert tokens.check(person, token, acme) is True
        assert tokens.check(person, token, globex) is False
        assert tokens.check(factories.UserFactory(), token, acme) is False


def test_the_tenant_s_context_names_it_too(two_tenants: TwoTenants, person: User) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        token = tokens.make(person)
        assert tokens.check(person, token) is True
        with pytest.raises(exceptions.WrongTenant):
            tokens.make(person, globex)
    with context.use(globex):
        assert tokens.check(person, token) is False


def test_without_a_tenant_there_is_no_token(person: User) -> None:
    with pytest.raises(exceptions.NoTenant):
        tokens.make(person)
    with context.identity(), pytest.raises(exceptions.NoTenant):
        tokens.check(person, "x-y")


def test_a_new_password_ends_the_token(two_tenants: TwoTenants, person: User) -> None:
    acme, _ = two_tenants
    with context.identity():
        token = tokens.make(person, acme)
        person.set_password("another battery staple")
        assert tokens.check(User.objects.get(pk=person.pk), token, acme) is False


def test_another_address_ends_the_token(two_tenants: TwoTenants, person: User) -> None:
    acme, _ = two_tenants
    with context.identity():
        token = tokens.make(person, acme)
        person.email = "moved@example.com"
        assert tokens.check(person, token, acme) is False


def test_a_new_epoch_ends_the_token(
    fresh_db: str, two_tenants: TwoTenants, person: User, tenant: Callable[[str], Entry]
) -> None:
    with context.identity():
        token = tokens.make(person, two_tenants[0])
    lifecycle.rotate_epoch("acme", by="test")
    rotated = tenant("acme")
    with context.identity():
        assert tokens.check(person, token, rotated) is False


def test_a_token_ends_by_itself(two_tenants: TwoTenants, person: User) -> None:
    acme, _ = two_tenants
    with context.identity():
        with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
            token = tokens.make(person, acme)
        # Django's default for PASSWORD_RESET_TIMEOUT is three days.
        with time_machine.travel("2026-01-03T23:59:59Z", tick=False):
            assert tokens.check(person, token, acme) is True
        with time_machine.travel("2026-01-04T00:00:01Z", tick=False):
            assert tokens.check(person, token, acme) is False


@pytest.mark.parametrize("token", ["", "-", "x", "1-2", "zzzzzz-" + "0" * 32])
def test_what_is_no_token_is_refused(two_tenants: TwoTenants, person: User, token: str) -> None:
    with context.identity():
        assert tokens.check(person, token, two_tenants[0]) is False
