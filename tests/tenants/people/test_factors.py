"""The second factor: whose it is, when it is wanted, and that a code is good once."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.utils import timezone

from tenants import caching, context, exceptions
from tenants.models import User
from tenants.people import factors
from tests import factories


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    caching.shared.clear()


def person() -> tuple[User, str]:
    user: User = factories.UserFactory()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return user, secret


def now(secret: str) -> str:
    counter = next(totp.yield_hotp_counters_from_time())
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def test_it_is_wanted_from_who_has_one(db: None) -> None:
    with context.identity():
        plain: User = factories.UserFactory()
        codes_alone: User = factories.UserFactory()
        RecoveryCodes.activate(codes_alone)
        key: User = factories.UserFactory()
        Authenticator.objects.create(user=key, type=Authenticator.Type.WEBAUTHN, data={})
        assert [factors.required(user) for user in (plain, codes_alone, key, person()[0])] == [
            False,
            False,
            True,
            True,
        ]


def test_a_code_of_the_app_is_good_once_and_for_its_owner(db: None) -> None:
    with time_machine.travel(timezone.now(), tick=False), context.identity():
        user, secret = person()
        other, _ = person()
        assert factors.verify(other, now(secret)) == ""
        assert factors.verify(user, now(secret)) == "totp"
        assert factors.verify(user, now(secret)) == ""


def test_the_next_code_is_good_and_the_one_before_is_not(db: None) -> None:
    start = timezone.now()
    with context.identity():
        user, secret = person()
        with time_machine.travel(start, tick=False):
            old = now(secret)
        with time_machine.travel(start + timedelta(seconds=30), tick=False):
            assert factors.verify(user, old) == ""
            assert factors.verify(user, now(secret)) == "totp"


def test_a_recovery_code_is_good_once(db: None) -> None:
    with context.identity():
        user, _ = person()
        first, second = RecoveryCodes.activate(user).generate_codes()[:2]
        assert factors.verify(user, first) == "recovery_codes"
        assert factors.verify(user, first) == ""
        assert factors.verify(user, second) == "recovery_codes"


def test_guessing_ends_after_five_tries_whoever_guesses(db: None) -> None:
    with time_machine.travel("2030-01-01T00:00:00Z", tick=False), context.identity():
        user, secret = person()
        assert [factors.verify(user, "x") for _ in range(5)] == [""] * 5
        with pytest.raises(exceptions.TooManyTries):
            factors.verify(user, now(secret))
