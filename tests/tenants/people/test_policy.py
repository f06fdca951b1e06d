"""A tenant's policy as a value, and what proves a second factor."""

from typing import Any

import pytest
import time_machine
from django.test import RequestFactory

from tenants import context, ids
from tenants.directory import Entry
from tenants.models import SecurityPolicy
from tenants.people import policy
from tenants.people.policy import NO_PROVIDER, NONE, Policy, Provider

ADA, BOB = "0190a0e0-0000-7000-8000-000000000001", "0190a0e0000070008000000000000002"


def request(**session: Any) -> Any:
    made = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9")
    made.session = session  # type: ignore[assignment]
    return made


def test_nothing_is_asked_by_default() -> None:
    assert Policy.read(None, None, None) == NONE
    assert NONE.admits_address(request())
    assert not NONE.is_over(request())
    assert not NONE.wants_factor(request(), NO_PROVIDER)


def test_a_session_is_over_at_the_minute_and_one_without_a_beginning_at_once() -> None:
    asked = Policy(session_minutes=5)
    with time_machine.travel(1_900_000_000, tick=False):
        assert not asked.is_over(request(began=1_900_000_000 - 299))
        assert asked.is_over(request(began=1_900_000_000 - 300))
        assert asked.is_over(request())


@pytest.mark.parametrize(
    ("methods", "noted_for", "proven"),
    [
        ([{"method": "password"}], ADA, False),
        ([{"method": "password"}, {"method": "mfa", "type": "totp"}], ADA, True),
        ([{"method": "mfa"}], ADA.replace("-", ""), True),
        ([{"method": "mfa"}], BOB, False),
        ([{"method": "mfa"}], None, True),
        (None, ADA, False),
    ],
)
def test_a_second_factor_counts_for_who_gave_it(methods: Any, noted_for: str | None, *, proven: bool) -> None:
    session = {"_auth_user_id": ADA, policy.METHODS: methods, policy.METHODS_OF: noted_for}
    assert policy.has_proven_factor(request(**session), NO_PROVIDER) is proven


def test_the_tenant_s_own_provider_answers_for_its_people() -> None:
    ours, former = ids.new(), ids.new()
    asked = Policy(mfa_required=True)
    begun = request(_auth_user_id=ADA, sso_provider=str(ours))
    assert policy.has_proven_factor(begun, Provider(ours))
    assert not asked.wants_factor(begun, Provider(ours))
    for now in (Provider(former), NO_PROVIDER):
        assert asked.wants_factor(begun, now), "a provider that the tenant has no more still spoke for them"


def test_an_operator_lets_in_again_and_only_what_was_asked(two_tenants: tuple[Entry, Entry]) -> None:
    tenant, other = two_tenants
    asked = Policy(True, 60, ("203.0.113.0/24",))
    with context.identity():
        for one in two_tenants:
            policy._write(one, asked, by="test")
        assert policy.unlock(tenant, by="op", networks=True, mfa=False) == Policy(True, 60, ())
        assert policy.unlock(tenant, by="op", networks=False, mfa=True) == Policy(False, 60, ())
        assert policy.of(other) == asked


def test_unlocking_what_asks_nothing_writes_nothing(two_tenants: tuple[Entry, Entry]) -> None:
    with context.identity():
        assert policy.unlock(two_tenants[0], by="op", networks=True, mfa=True) == NONE
        assert not SecurityPolicy.objects.exists()
