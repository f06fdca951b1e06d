"""The provider that moves no money keeps its books as a real one would."""

from dataclasses import replace

import pytest
from django.utils import timezone

from saas.commerce import ids
from saas.commerce.payments.fake import Account, FakeProvider
from saas.commerce.payments.interface import Outcome, Request, Unreachable


def request(kind: str = "authorize", *, key: str = "k1", amount: int = 1000, **more: str) -> Request:
    return Request(
        step_id=ids.new(),
        provider="fake",
        kind=kind,
        key=key,
        amount=amount,
        currency="EUR",
        requested_at=timezone.now(),
        **more,
    )


def test_the_same_key_again_moves_nothing() -> None:
    fake, first = FakeProvider(), request()
    outcome = fake.ask(first)
    assert outcome.succeeded
    assert fake.ask(first) == outcome == fake.find("k1")
    assert fake.account(outcome.reference) == Account(held=1000)
    assert fake.ask(replace(first, amount=2000)) == Outcome(succeeded=False, reason="key_reused")


def test_it_holds_takes_and_gives_back_no_more_than_there_is() -> None:
    fake = FakeProvider()
    reference = fake.ask(request()).reference
    steps = [
        ("capture", "c1", 1001, False),
        ("capture", "c2", 1000, True),
        ("refund", "r1", 400, True),
        ("refund", "r2", 601, False),
        ("refund", "r3", 600, True),
        ("refund", "r4", 1, False),
        ("release", "x1", 1000, False),
    ]
    for kind, key, amount, succeeded in steps:
        asked = request(kind, key=key, amount=amount, reference=reference)
        assert fake.ask(asked).succeeded == succeeded, key
    assert fake.account(reference) == Account(held=0, taken=1000, given_back=1000)


def test_what_is_released_cannot_be_taken() -> None:
    fake = FakeProvider()
    reference = fake.ask(request()).reference
    assert fake.ask(request("release", key="x", reference=reference)).succeeded
    assert not fake.ask(request("capture", key="c", reference=reference)).succeeded


def test_a_source_says_what_goes_wrong() -> None:
    fake = FakeProvider()
    assert fake.ask(request(source="declined")) == Outcome(succeeded=False, reason="declined")
    with pytest.raises(Unreachable):
        fake.ask(request(key="k2", source="unreachable"))
    assert fake.find("k2") is None
    with pytest.raises(Unreachable):
        fake.ask(request(key="k3", source="lost"))
    found = fake.find("k3")
    assert found is not None
    assert found.succeeded
    assert fake.ask(request(key="k3", source="lost")) == found
