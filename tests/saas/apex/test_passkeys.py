"""Passkeys on the apex: one made there signs in there, and below it where browsers allow that; nobody else's does."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, User
from tenants.people import keyring, passkeys, policy
from tenants.people.sessions import PersonSessionStore
from tenants.testing import TenantClient
from tests import authenticators, databases, factories
from tests.saas.apex.conftest import Sent, new_browser
from tests.saas.apex.test_api import post
from tests.tenants.people import test_passkeys as on_tenants

PASSWORD = databases.PASSWORD
HERE = f"http://{settings.LEASEHOLD_APEX_HOST}"


@pytest.fixture
def person(shop: Entry) -> User:
    return factories.member(shop, email="ada@example.com", password=PASSWORD)


@pytest.fixture
def browser(person: User, sent: Sent) -> Client:
    return enter(person)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "is_registrable", lambda _: True)


def enter(user: User) -> Client:
    """Sign in by password; a session that a test made did not just prove anything."""
    client = new_browser()
    assert post(client, "/session", {"email": user.email, "password": PASSWORD}).status_code == 200
    return client


def enrol(client: Client, origin: str = HERE) -> tuple[authenticators.Authenticator, Any]:
    answer = post(client, "/factors/passkeys/options", {})
    assert answer.status_code == 200, answer.content
    device = authenticators.Authenticator()
    made = device.create(answer.json()["options"]["publicKey"], origin=origin)
    return device, post(client, "/factors/passkeys", {"name": "Phone", "credential": made})


def challenge(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = post(client, "/session/passkey/options", {}).json()["options"]["publicKey"]
    return found


def sign_in(client: Client, device: authenticators.Authenticator, origin: str = HERE) -> Any:
    credential = device.get(challenge(client), origin=origin)
    return post(client, "/session/passkey", {"credential": credential})


def test_a_passkey_of_the_apex_signs_in_there_and_is_two_factors(
    browser: Client, person: User, shop: Entry, sent: Sent
) -> None:
    device, made = enrol(browser)
    assert (made.status_code, made.json()["name"], device.rp_id) == (201, "Phone", "localhost")
    assert [(purpose, to) for purpose, to, _ in sent] == [("mfa_changed", person.email)]
    assert sent[0][2]["link"] == f"{HERE}/account"
    client = new_browser()
    assert sign_in(client, device).json()["email"] == person.email
    assert client.get("/api/v1/session").json()["email"] == person.email
    session = PersonSessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    methods = session[policy.METHODS]
    assert [(one["method"], one["type"]) for one in methods] == [("mfa", "webauthn")]
    with context.use(shop):
        row = AuditEntry.objects.get(action="factor.added", actor=person.email)
        assert row.after == {"change": "A passkey was added.", "where": "apex"}


def test_with_a_passkey_the_password_alone_lets_nobody_in(browser: Client, person: User) -> None:
    device, _ = enrol(browser)
    client = new_browser()
    half = post(client, "/session", {"email": person.email, "password": PASSWORD})
    assert (half.status_code, half.json()["code"]) == (401, "mfa_required")
    assert sign_in(client, device).status_code == 200


@pytest.mark.usefixtures("shared")
def test_it_serves_the_hosts_below_the_apex_and_theirs_the_apex(
    browser: Client, person: User, shop: Entry
) -> None:
    device, _ = enrol(browser)
    assert on_tenants.sign_in(TenantClient(shop), device) == 200


@pytest.mark.usefixtures("shared")
def test_one_of_a_tenant_s_host_below_serves_the_apex(shop: Entry, person: User, sent: Sent) -> None:
    device = on_tenants.enrol(shop, person)
    assert sign_in(new_browser(), device).json()["email"] == person.email


def test_one_of_a_host_that_is_not_below_opens_nothing_on_the_apex(
    shop: Entry, person: User, sent: Sent
) -> None:
    """Here `localhost` is no relying party of acme.localhost, as the apex is none of a custom domain."""
    client = new_browser()
    assert sign_in(client, on_tenants.enrol(shop, person)).json()["code"] == "invalid_credentials"
    assert client.get("/api/v1/session").status_code == 401


@pytest.mark.usefixtures("shared")
def test_what_a_page_of_another_host_had_signed_is_refused(browser: Client, shop: Entry) -> None:
    for lie in ("http://acme.localhost", "https://evil.example", "null"):
        assert enrol(browser, lie)[1].json()["code"] == "invalid_code"
    device, _ = enrol(browser)
    for lie in ("http://acme.localhost", "https://evil.example", "null"):
        assert sign_in(new_browser(), device, lie).status_code == 401


def test_an_answer_counts_once_and_in_its_own_browser(browser: Client, person: User) -> None:
    device, _ = enrol(browser)
    client, thief = new_browser(), new_browser()
    challenge(thief)
    body = {"credential": device.get(challenge(client), origin=HERE)}
    assert post(thief, "/session/passkey", body).status_code == 401
    assert post(new_browser(), "/session/passkey", body).status_code == 401
    assert post(client, "/session/passkey", body).status_code == 200
    client.delete("/api/v1/session")
    assert post(client, "/session/passkey", body).status_code == 401


def test_another_device_and_a_deactivated_person_are_nobody(browser: Client, person: User) -> None:
    device, _ = enrol(browser)
    stranger = authenticators.Authenticator()
    stranger.rp_id, stranger.user_handle = device.rp_id, device.user_handle
    assert sign_in(new_browser(), stranger).status_code == 401
    for nonsense in ({}, {"response": "x"}, {"id": 1, "response": {"userHandle": None}}):
        client = new_browser()
        challenge(client)
        assert post(client, "/session/passkey", {"credential": nonsense}).status_code == 401
    with context.identity():
        User.objects.filter(pk=person.pk).update(deactivated_at=timezone.now())
    assert sign_in(new_browser(), device).status_code == 401


def test_changes_need_a_sign_in_of_a_moment_ago(browser: Client, person: User) -> None:
    enrol(browser)
    one = browser.get("/api/v1/factors").json()["items"][0]["id"]
    later = timezone.now() + timedelta(seconds=keyring.FRESH_SECONDS + 1)
    with time_machine.travel(later):
        for answer in (
            post(browser, "/factors/passkeys/options", {}),
            post(browser, "/factors/passkeys", {"credential": {}}),
            browser.delete(f"/api/v1/factors/{one}"),
        ):
            assert answer.json()["code"] == "reauthentication_required"
    assert browser.delete(f"/api/v1/factors/{one}").status_code == 204
    assert browser.get("/api/v1/factors").json()["items"] == []


def test_a_passkey_of_somebody_else_is_neither_shown_nor_removed(browser: Client, globex: Entry) -> None:
    enrol(browser)
    one = browser.get("/api/v1/factors").json()["items"][0]["id"]
    outsider = enter(factories.member(globex, password=PASSWORD))
    assert outsider.get("/api/v1/factors").json()["items"] == []
    assert outsider.delete(f"/api/v1/factors/{one}").status_code == 404
    assert len(browser.get("/api/v1/factors").json()["items"]) == 1
    assert new_browser().get("/api/v1/factors").status_code == 401


def test_a_page_of_another_host_begins_nothing(tenant_db: None) -> None:
    foreign = {"headers": {"origin": "https://evil.example"}}
    assert post(new_browser(), "/session/passkey/options", {}, **foreign).status_code == 403
    assert post(new_browser(), "/session/passkey", {"credential": {}}, **foreign).status_code == 403


@pytest.mark.browser
@pytest.mark.usefixtures("fresh_db")
def test_a_browser_adds_a_passkey_on_the_apex_and_signs_in_with_it(
    chromium: Any, address: str, shop: Entry
) -> None:
    user, page = factories.member(shop, password=PASSWORD), chromium
    page.goto(f"{HERE}{address}/sign-in?next=/account")
    page.fill("#email", user.email)
    page.fill("#password", PASSWORD)
    page.click("form button[type=submit]")
    page.wait_for_url("**/account")
    page.fill("#passkey-name", "Laptop")
    page.click("#passkey-add")
    page.wait_for_selector("text=Passkey “Laptop”")
    page.click("text=Sign out")
    page.goto(f"{HERE}{address}/sign-in")
    page.click("#passkey-sign-in")
    page.wait_for_url("**/tenants")
    assert user.email in page.content()
    page.click("text=Sign out")
    page.goto(f"{HERE}{address}/sign-in")
    page.fill("#email", user.email)
    page.fill("#password", PASSWORD)
    page.click("form button[type=submit]")
    page.wait_for_selector("text=One more step")
    page.click("#passkey-sign-in")
    page.wait_for_url("**/tenants")
