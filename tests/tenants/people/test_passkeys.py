"""Passkeys: one serves every host below the apex, and what another host's page had signed is refused."""

from typing import Any

import pytest
from django.test import RequestFactory

from tenants import context
from tenants.directory import Entry
from tenants.models import Role, User
from tenants.people import passkeys
from tenants.testing import TenantClient
from tests import authenticators, databases, factories

BASE = "/_allauth/browser/v1"
PASSWORD = databases.PASSWORD
TwoTenants = tuple[Entry, Entry]


@pytest.fixture
def person(two_tenants: TwoTenants) -> User:
    """A member of both tenants."""
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=user)
    return user


def post(client: TenantClient, path: str, **body: Any) -> Any:
    return client.post(BASE + path, body, content_type="application/json")


def origin(client: TenantClient) -> str:
    return f"http://{client.defaults['HTTP_HOST']}"


def enrol(tenant: Entry, user: User) -> authenticators.Authenticator:
    """Add a passkey on the tenant's host."""
    client = TenantClient(tenant)
    assert post(client, "/auth/login", email=user.email, password=PASSWORD).status_code == 200
    assert post(client, "/auth/reauthenticate", password=PASSWORD).status_code == 200
    path = "/account/authenticators/webauthn"
    options = client.get(f"{BASE}{path}?passwordless").json()["data"]["creation_options"]["publicKey"]
    device = authenticators.Authenticator()
    made = device.create(options, origin=origin(client))
    assert post(client, path, name="Phone", credential=made).status_code == 200
    return device


def challenge(client: TenantClient, path: str = "/auth/webauthn/login") -> dict[str, Any]:
    options: dict[str, Any] = client.get(BASE + path).json()["data"]["request_options"]["publicKey"]
    return options


def sign_in(client: TenantClient, device: authenticators.Authenticator, **lie: str) -> int:
    answer = device.get(challenge(client), origin=lie.get("origin", origin(client)))
    status: int = post(client, "/auth/webauthn/login", credential=answer).status_code
    return status


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `localhost` be an apex like example.com, of which a passkey serves every host below."""
    monkeypatch.setattr(passkeys, "is_registrable", lambda _: True)


@pytest.mark.usefixtures("shared")
def test_one_passkey_signs_in_on_every_host_below_the_apex_and_is_two_factors(
    two_tenants: TwoTenants, person: User
) -> None:
    device = enrol(two_tenants[0], person)
    assert device.rp_id == "localhost"
    for tenant in two_tenants:
        client = TenantClient(tenant)
        assert sign_in(client, device) == 200
        assert client.get("/api/v1/me").json()["email"] == person.email


def test_where_the_apex_is_no_relying_party_a_passkey_is_of_one_host(
    two_tenants: TwoTenants, person: User
) -> None:
    device = enrol(two_tenants[0], person)
    assert device.rp_id == "acme.localhost"
    assert sign_in(TenantClient(two_tenants[1]), device) == 400
    assert sign_in(TenantClient(two_tenants[0]), device) == 200


@pytest.mark.usefixtures("shared")
def test_a_passkey_of_somebody_who_is_no_member_opens_nothing(two_tenants: TwoTenants) -> None:
    outsider = factories.member(two_tenants[0], Role.OWNER, password=PASSWORD)
    device = enrol(two_tenants[0], outsider)
    client = TenantClient(two_tenants[1])
    assert sign_in(client, device) == 401
    assert client.get("/api/v1/me").status_code == 401
    assert sign_in(TenantClient(two_tenants[0]), device) == 200


@pytest.mark.usefixtures("shared")
def test_what_a_page_of_another_tenant_had_signed_is_refused(two_tenants: TwoTenants, person: User) -> None:
    """A page of A passes B's challenge on to the person's device: same relying party, another origin."""
    device = enrol(two_tenants[0], person)
    client = TenantClient(two_tenants[1])
    for lie in (origin(TenantClient(two_tenants[0])), "http://localhost", "https://evil.example", "null"):
        assert sign_in(client, device, origin=lie) == 400
    assert client.get("/api/v1/me").status_code == 401
    assert sign_in(client, device) == 200


def test_a_challenge_of_one_host_is_none_of_another(two_tenants: TwoTenants, person: User) -> None:
    device = enrol(two_tenants[0], person)
    here, there = (TenantClient(tenant) for tenant in two_tenants)
    challenge(there)
    answer = device.get(challenge(here), origin=origin(there))
    assert post(there, "/auth/webauthn/login", credential=answer).status_code == 400


def test_an_answer_counts_once(two_tenants: TwoTenants, person: User) -> None:
    device, client = enrol(two_tenants[0], person), TenantClient(two_tenants[0])
    answer = device.get(challenge(client), origin=origin(client))
    assert post(client, "/auth/webauthn/login", credential=answer).status_code == 200
    client.delete(f"{BASE}/auth/session")
    assert post(client, "/auth/webauthn/login", credential=answer).status_code == 400


def test_it_is_asked_for_after_the_password(two_tenants: TwoTenants, person: User) -> None:
    device, client = enrol(two_tenants[0], person), TenantClient(two_tenants[0])
    form = {"email": person.email, "password": PASSWORD}
    assert client.post("/sign-in", form)["Location"] == "/sign-in/code"
    path = "/auth/webauthn/authenticate"
    answer = device.get(challenge(client, path), origin=origin(client))
    stranger = authenticators.Authenticator()
    stranger.rp_id, stranger.user_handle = device.rp_id, device.user_handle
    forged = stranger.get(challenge(client, path), origin=origin(client))
    assert post(client, path, credential=forged).status_code == 400
    assert client.get("/api/v1/me").status_code == 401
    answer = device.get(challenge(client, path), origin=origin(client))
    assert post(client, path, credential=answer).status_code == 200
    assert client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(
    ("apex", "host", "party"),
    [
        ("example.com", "acme.example.com:8000", "example.com"),
        ("example.com", "example.com", "example.com"),
        ("example.com", "notexample.com", "notexample.com"),
        ("example.com", "shop.example", "shop.example"),
        ("localhost", "acme.localhost:8000", "acme.localhost"),
        ("localhost", "localhost", "localhost"),
    ],
)
def test_the_relying_party_is_the_apex_for_hosts_below_it(
    settings: Any, apex: str, host: str, party: str
) -> None:
    settings.LEASEHOLD_APEX_HOST = apex
    assert passkeys.relying_party(RequestFactory().get("/", headers={"host": host}))["id"] == party


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("https://acme.localhost:8000", True),
        ("http://acme.localhost:8000", True),
        ("http://acme.localhost", False),
        ("https://globex.localhost:8000", False),
        ("https://acme.localhost:8000.evil.example", False),
        ("ftp://acme.localhost:8000", False),
        ("", False),
    ],
)
def test_an_origin_is_this_very_host(origin: str, own: bool) -> None:
    request = RequestFactory().get("/", headers={"host": "acme.localhost:8000"})
    assert passkeys.is_own(origin, request) is own


def test_http_is_for_localhost_alone() -> None:
    request = RequestFactory().get("/", headers={"host": "shop.example"})
    assert passkeys.is_own("https://shop.example", request)
    assert not passkeys.is_own("http://shop.example", request)
