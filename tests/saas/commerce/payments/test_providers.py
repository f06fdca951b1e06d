"""Providers are known by name."""

import pytest

from saas.commerce import refusals
from saas.commerce.payments import providers
from saas.commerce.payments.fake import FakeProvider


def test_one_that_is_registered_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "_registered", dict(providers._registered))
    other = FakeProvider()
    providers.register("other", other)
    assert providers.named("other") is other
    assert isinstance(providers.named("fake"), FakeProvider)


def test_one_that_is_not_is_refused_with_those_that_are() -> None:
    with pytest.raises(refusals.UnknownProvider, match="fake"):
        providers.named("nobody")
