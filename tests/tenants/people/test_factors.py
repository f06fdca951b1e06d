"""Second factors: a code works once, a recovery code works once, and no secret stands in the clear."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from cryptography.fernet import InvalidToken
from django.db import ProgrammingError
from django.test import override_settings

from tenants import context
from tenants.directory import Entry
from tenants.models import User
from tenants.people import exceptions as errors
from tenants.people import factors
from tests import factories

pytestmark = pytest.mark.usefixtures("module_db")
PERIOD = 30


def code(secret: str, *, steps: int = 0) -> str:
    """Return what an authenticator app shows so many steps from now."""
    step = int(time.time()) // PERIOD + steps
    return str(totp.format_hotp_value(totp.hotp_value(secret, step)))


@pytest.fixture
def person() -> User:
    with context.identity():
        return factories.UserFactory()


def test_the_code_of_rfc_6238_is_ours() -> None:
    """RFC 6238, appendix B, SHA-1 at 59 seconds, of whose eight digits we show six."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.format_hotp_value(totp.hotp_value(secret, 59 // PERIOD)) == "287082"


def test_nothing_is_kept_until_the_app_has_shown_a_code(person: User) -> None:
    secret = factors.new_secret()
    wrong = "000000" if code(secret) != "000000" else "111111"
    with context.identity():
        assert factors.set_up(person, secret, wrong) is None
        assert not factors.required(person)


def test_a_code_works_once_and_an_older_one_never_again(person: User) -> None:
    secret = factors.new_secret()
    with context.identity():
        assert factors.set_up(person, secret, code(secret, steps=-1)) is not None
        assert factors.required(person)
        assert not factors.verify(person, code(secret, steps=-1))
        assert factors.verify(person, code(secret))
        assert not factors.verify(person, code(secret))


def test_a_recovery_code_works_once(person: User) -> None:
    secret = factors.new_secret()
    with context.identity():
        first, second, *_ = factors.set_up(person, secret, code(secret)) or []
        assert factors.verify(person, f" {first[:4]} {first[4:]} ")
        assert not factors.verify(person, first)
        assert factors.verify(person, second)


def test_a_code_is_one_person_s(person: User) -> None:
    secret = factors.new_secret()
    with context.identity():
        recovery = factors.set_up(person, secret, code(secret, steps=-1)) or []
        other = factories.UserFactory()
        assert not factors.verify(other, code(secret))
        assert not factors.verify(other, recovery[0])


def test_no_secret_stands_in_the_clear(person: User) -> None:
    secret = factors.new_secret()
    with context.identity():
        recovery = factors.set_up(person, secret, code(secret)) or []
        rows = str(list(Authenticator.objects.filter(user=person).values_list("data", flat=True)))
    assert len(recovery) == 10
    assert not [text for text in (secret, *recovery) if text in rows]


def test_an_older_key_still_decrypts_and_an_unknown_one_does_not() -> None:
    with override_settings(SECRET_KEY="the old one"):
        text = factors.encrypt("a secret")
    with override_settings(SECRET_KEY="the new one", SECRET_KEY_FALLBACKS=["the old one"]):
        assert factors.decrypt(text) == "a secret"
    with override_settings(SECRET_KEY="another one"), pytest.raises(InvalidToken):
        factors.decrypt(text)


def test_a_tenant_reads_no_factor(two_tenants: tuple[Entry, Entry]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), context.use(two_tenants[0]):
        list(Authenticator.objects.all())


def test_the_console_writes_no_factor_of_a_member(person: User) -> None:
    secret = factors.new_secret()
    with pytest.raises(ProgrammingError, match="row-level security"), context.operator():
        factors.set_up(person, secret, code(secret))


def test_five_codes_in_five_minutes_are_looked_at(person: User) -> None:
    secret = factors.new_secret()
    with context.identity():
        first, *_ = factors.set_up(person, secret, code(secret)) or []
        assert [factors.verify(person, "1") for _ in range(5)] == [""] * 5
        with pytest.raises(errors.TooManyTries):
            factors.verify(person, first)


def test_it_says_which_factor_it_was(person: User) -> None:
    secret = factors.new_secret()
    with context.identity():
        first, *_ = factors.set_up(person, secret, code(secret, steps=-1)) or []
        assert factors.verify(person, code(secret)) == "totp"
        assert factors.verify(person, first) == "recovery_codes"
