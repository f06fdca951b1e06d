"""Counting tries: so many in a window, each address by itself, and nothing uncounted."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import RequestFactory
from redis.exceptions import ConnectionError as CacheAway

from tenants import caching
from tenants.people import exceptions as errors
from tenants.people import throttle

LIMIT = throttle.Limit("test", 2, timedelta(minutes=1))


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    caching.shared.clear()


def test_the_third_try_waits_for_the_rest_of_the_window() -> None:
    with time_machine.travel("2030-01-01T00:00:20Z", tick=False):
        throttle.count(LIMIT, "ada@example.com")
        throttle.count(LIMIT, "ADA@example.com")
        with pytest.raises(errors.TooManyTries) as caught:
            throttle.count(LIMIT, "ada@example.com")
        assert caught.value.retry_after == 40
        throttle.count(LIMIT, "somebody.else@example.com")
        throttle.count(throttle.Limit("other", 1, LIMIT.window), "ada@example.com")
    with time_machine.travel("2030-01-01T00:01:00Z", tick=False):
        throttle.count(LIMIT, "ada@example.com")


def test_without_the_cache_nothing_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise CacheAway

    monkeypatch.setattr(caching.shared, "add", away)
    with pytest.raises(errors.CannotCount):
        throttle.count(LIMIT, "ada@example.com")


def test_addresses_are_kept_as_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    monkeypatch.setattr(caching.shared, "add", lambda key, *_: keys.append(key) or True)
    throttle.count(LIMIT, "ada@example.com")
    assert len(keys) == 1
    assert "ada" not in keys[0]


@pytest.mark.parametrize(
    ("meta", "proxies", "found"),
    [
        ({"REMOTE_ADDR": "192.0.2.7"}, 0, "192.0.2.7"),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, 0, "192.0.2.7"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, 1, "198.51.100.1"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "forged, 198.51.100.1"}, 1, "198.51.100.1"),
        ({"REMOTE_ADDR": "10.0.0.1"}, 1, "10.0.0.1"),
        ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, 0, "2001:db8:1:2::/64"),
        ({"REMOTE_ADDR": "2001:db8:1:2:ffff::1"}, 0, "2001:db8:1:2::/64"),
        ({"REMOTE_ADDR": ""}, 0, "unknown"),
        ({"REMOTE_ADDR": "unix:"}, 0, "unknown"),
    ],
)
def test_whose_address_it_is(settings: Any, meta: dict[str, str], proxies: int, found: str) -> None:
    settings.LEASEHOLD_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/")
    request.META.update(meta)
    assert throttle.address(request) == found


def test_a_load_test_may_have_more(settings: Any) -> None:
    settings.LEASEHOLD_TRIES_SCALE = 2
    for _ in range(4):
        throttle.count(LIMIT, "ada@example.com")
    with pytest.raises(errors.TooManyTries):
        throttle.count(LIMIT, "ada@example.com")
