"""Keys that sign: encrypted, published first, verifying until their last token has expired, and read by one role."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import InvalidToken
from django.db import DatabaseError, connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tenants import context
from tenants.directory import Entry
from tenants.models import SigningKey
from tenants.people import exceptions as errors
from tenants.people import signers

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("two_tenants")
START = datetime.fromisoformat("2031-05-01T12:00:00+00:00")


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    signers.forget_all()


def at(**after: float) -> time_machine.travel:
    return time_machine.travel(START + timedelta(**after), tick=False)


def signs() -> str:
    with context.identity():
        return signers.signer()[0]


def published() -> set[str]:
    return {key["kid"] for key in signers.jwks()["keys"]}


def rotate() -> str:
    with context.identity():
        return signers.rotate().kid


def retire(kid: str, *, at_once: bool = False) -> None:
    with context.identity():
        signers.retire(kid, at_once=at_once)


def test_the_first_signer_is_made_when_it_is_needed_and_stays() -> None:
    first = signs()
    assert signs() == first
    assert published() == {first}


def test_a_new_key_is_published_before_it_signs_and_the_old_one_verifies_until_its_tokens_are_over() -> None:
    with at():
        old = rotate()
        assert signs() == old, "there is nothing that services could know already"
    with at(hours=1):
        new = rotate()
        assert (signs(), published()) == (old, {old, new})
    with at(hours=1, minutes=9, seconds=59):
        assert signs() == old
    with at(hours=1, minutes=10):
        assert (signs(), published()) == (new, {old, new})
    with at(hours=1, minutes=25):  # 15 minutes after its last token
        assert signers.verifier(old) is not None
    with at(hours=1, minutes=25, seconds=6):
        assert signers.verifier(old) is None
        assert published() == {new}


def test_two_rotations_at_once_leave_no_moment_without_a_signer() -> None:
    with at():
        first = rotate()
        second = rotate()
    with at(minutes=5):
        third = rotate()
        assert signs() == first
    with at(minutes=12):
        assert signs() == second
    with at(minutes=16):
        assert signs() == third


def test_a_retired_key_signs_no_more_and_verifies_what_it_signed() -> None:
    with at():
        old = rotate()
        retire(old)
        new = signs()
        assert new != old
        assert published() == {old, new}
    with at(minutes=16):
        assert published() == {new}


def test_a_leaked_key_is_void_at_once_and_the_waiting_one_signs() -> None:
    with at():
        leaked, waiting = rotate(), rotate()
        assert signers.verifier(leaked) is not None
        retire(leaked, at_once=True)
        assert signs() == waiting
    with at(seconds=10):  # as long as a process remembers
        assert signers.verifier(leaked) is None
        assert published() == {waiting}


def test_a_waiting_key_that_is_retired_has_a_successor() -> None:
    with at():
        first, waiting = rotate(), rotate()
        retire(waiting, at_once=True)
        assert signs() == first
    with at(minutes=11):
        assert signs() not in (first, waiting)


def test_a_key_that_is_over_or_unknown_cannot_be_retired() -> None:
    with at():
        kid = rotate()
        retire(kid, at_once=True)
        for name in (kid, "nobody"):
            with pytest.raises(errors.UnknownSigner):
                retire(name)


def test_the_private_half_is_encrypted_and_wiped_when_it_signs_no_more() -> None:
    with at():
        kid = rotate()
        with context.identity():
            private = signers.signer()[1].private_bytes_raw()
            stored = bytes(SigningKey.objects.get(kid=kid).private_key)
        assert private not in stored
        rotate()
    with at(minutes=11):
        rotate()
        with context.identity():
            assert bytes(SigningKey.objects.get(kid=kid).private_key) == b""


def test_an_old_secret_key_still_opens_it_and_a_foreign_one_does_not(settings: Any) -> None:
    kid, old = signs(), settings.SECRET_KEY
    settings.SECRET_KEY = "another secret of some length, and of some variety"
    with pytest.raises(InvalidToken):
        signs()
    settings.SECRET_KEY_FALLBACKS = [old]
    assert signs() == kid


def test_what_is_published_is_read_once_in_a_while(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    kid = signs()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        assert signers.verifier(kid) is not None
        with django_assert_num_queries(0):
            assert signers.verifier(kid) is not None
    with time_machine.travel(now + timedelta(seconds=10), tick=False), django_assert_num_queries(3):
        assert signers.verifier(kid) is not None


def test_a_name_that_somebody_made_up_costs_no_query(
    settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kid = signs()
    assert signers.verifier(kid) is not None
    text, _, mark = kid.partition(".")
    with django_assert_num_queries(0):
        for name in (
            "nobody",
            "",
            ".",
            text,
            f"{text}x.{mark}",
            f"{text}.{mark[:-1]}",
            f".{mark}",
            "\u00e9.\u00e9",
        ):
            assert signers.verifier(name) is None


def test_a_key_that_another_process_made_is_known_at_once() -> None:
    with at():
        first = rotate()
        assert signers.verifier(first) is not None
        assert signers.verifier("nobody") is None
        assert signers.verifier(rotate()) is not None


def test_a_key_of_ours_that_is_gone_is_asked_for_once_a_second(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with at():
        gone = rotate()
        retire(gone, at_once=True)
        assert signers.verifier(gone) is None
        with django_assert_num_queries(0):
            assert signers.verifier(gone) is None
    with at(seconds=1), django_assert_num_queries(3):
        assert signers.verifier(gone) is None


@pytest.mark.usefixtures("fresh_db")
def test_threads_that_all_meet_a_key_for_the_first_time_all_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kid, read, asking = signs(), signers.in_use, threading.Barrier(4)

    def slowly() -> list[SigningKey]:
        time.sleep(0.1)
        return read()

    def asks(_: int) -> bool:
        asking.wait()
        try:
            return signers.verifier(kid) is not None
        finally:
            connections.close_all()

    monkeypatch.setattr(signers, "in_use", slowly)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(asks, range(4))) == [True] * 4


def test_a_tenant_s_role_reads_no_signing_key(two_tenants: TwoTenants) -> None:
    signs()
    with pytest.raises(DatabaseError, match="permission denied"), context.use(two_tenants[0]):
        list(SigningKey.objects.all())
    with pytest.raises(DatabaseError, match="permission denied"), context.public():
        list(SigningKey.objects.all())
