import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tenants import context, exceptions
from tenants.people import exceptions as errors
from tenants.people import oidc, outbound
from tests import idp


@pytest.fixture
def liar() -> Iterator[idp.Liar]:
    oidc.documents.clear()
    with idp.Liar() as found:
        yield found


@pytest.fixture
def production(settings: Any) -> None:
    settings.LEASEHOLD_SSO_LOOPBACK = False


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Have every name mean these addresses; returns where connections went."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    return rows


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:db8::1",
    ],
)
def test_a_name_that_means_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    named(monkeypatch, address)
    with pytest.raises(errors.InvalidProvider, match="public internet"):
        outbound.get_json("https://idp.example/.well-known/openid-configuration")


@pytest.mark.usefixtures("production")
def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(errors.InvalidProvider):
        outbound.resolve("idp.example", 443)
    named(monkeypatch, "93.184.216.34", "1.1.1.1")
    assert outbound.resolve("idp.example", 443) == "93.184.216.34"


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "169.254.169.254", "[::1]", "2130706433", "0x7f.1", "localhost", "127.1"]
)
def test_a_private_address_in_any_spelling_is_refused(host: str) -> None:
    with pytest.raises(errors.SsoError):
        outbound.get_json(f"https://{host}/")


def test_tests_may_speak_to_this_machine_and_to_no_other_private_one(
    liar: idp.Liar, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert oidc.discover(liar.issuer)["issuer"] == liar.issuer
    with pytest.raises(errors.InvalidProvider):
        outbound.get_json("https://169.254.169.254/latest/meta-data")
    settings.LEASEHOLD_SSO_LOOPBACK = False
    with pytest.raises(errors.InvalidProvider):
        outbound.get_json(f"{liar.issuer}/jwks")


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example", "ftp://idp.example", "file:///etc/passwd", "idp.example", "https://", "https://u:p@idp.example",
        "https://idp.example#x", "https://idp.example:99999", "https://idp.example/ x", "https://idp.example\\@evil.example",
        "https://ídp.example", "https://idp.example/" + "x" * 500, "javascript:alert(1)", "http://localhost.evil.example",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_https_address(url: str) -> None:
    with pytest.raises(errors.InvalidProvider):
        outbound.check_url(url)


def test_a_redirect_is_not_followed(liar: idp.Liar) -> None:
    with idp.Liar() as other:
        liar.redirect = f"{other.issuer}/jwks"
        with pytest.raises(errors.ProviderUnreachable, match="302"):
            outbound.get_json(f"{liar.issuer}/jwks")
        assert other.asked == []


def test_an_answer_that_is_too_long_is_cut_off(liar: idp.Liar) -> None:
    liar.metadata = {"x": "y" * outbound.SIZE_LIMIT}
    with pytest.raises(errors.ProviderUnreachable, match="too much"):
        oidc.discover(liar.issuer)


def test_nothing_is_asked_inside_of_a_context(liar: idp.Liar, tenant_db: None) -> None:
    with context.identity(), pytest.raises(exceptions.NetworkInContext):
        outbound.get_json(f"{liar.issuer}/jwks")
    assert liar.asked == []


def test_a_host_that_does_not_answer_is_told_as_such(liar: idp.Liar) -> None:
    with idp.Liar() as gone:
        url = f"{gone.issuer}/jwks"
    with pytest.raises(errors.ProviderUnreachable):
        outbound.get_json(url)


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "authorization_endpoint"])
@pytest.mark.parametrize("value", [None, "http://10.0.0.1/x", "javascript:alert(1)"])
def test_metadata_that_leads_elsewhere_is_refused(liar: idp.Liar, name: str, value: str | None) -> None:
    liar.metadata = {name: value}
    with pytest.raises(errors.InvalidProvider):
        oidc.discover(liar.issuer)


def test_a_provider_that_calls_itself_something_else_is_refused(liar: idp.Liar) -> None:
    liar.metadata = {"issuer": "https://accounts.example"}
    with pytest.raises(errors.InvalidProvider, match="calls itself"):
        oidc.discover(liar.issuer)
