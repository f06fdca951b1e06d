"""Where a request comes from: the connection, or what trusted proxies saw; never what the client wrote."""

from typing import Any

import pytest
from django.test import RequestFactory

from tenants.people import addresses


def ask(remote: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return str(addresses.of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, None, "198.51.100.1"),
        (1, "hello", "None"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_the_entries_of_our_proxies_count(
    settings: Any, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.LEASEHOLD_TRUSTED_PROXIES = proxies
    assert ask("198.51.100.1", forwarded) == expected


def test_an_ipv4_address_written_as_ipv6_is_the_ipv4_address() -> None:
    assert ask("::ffff:203.0.113.9") == "203.0.113.9"
    assert ask("") == "None"


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("203.0.113.0", True),
        ("203.0.113.255", True),
        ("203.0.114.0", False),
        ("2001:db8:ffff::1", True),
        ("2001:db9::1", False),
        ("::ffff:203.0.113.7", True),
        ("", False),
    ],
)
def test_a_network_holds_its_addresses(address: str, inside: bool) -> None:
    assert addresses.is_in(addresses.parse(address), ["203.0.113.0/24", "2001:db8::/32"]) is inside


@pytest.mark.parametrize("text", ["203.0.113.1/24", "hello", "", "203.0.113.0/33", "::ffff:203.0.113.0/120"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text is ipaddress's own
        addresses.network(text)
