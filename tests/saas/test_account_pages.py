"""What a member changes about how they sign in, clicked as a browser without scripts would."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role, User
from tenants.testing import TenantClient
from tests import databases, factories
from tests.saas.conftest import Outbox

PASSWORD = databases.PASSWORD
TwoTenants = tuple[Entry, Entry]


@pytest.fixture
def person(two_tenants: TwoTenants) -> User:
    return factories.member(two_tenants[0], Role.VIEWER, password=PASSWORD)


@pytest.fixture
def browser(two_tenants: TwoTenants, person: User) -> TenantClient:
    return signed_in(two_tenants[0], person)


def signed_in(tenant: Entry, user: User, password: str = PASSWORD) -> TenantClient:
    client = TenantClient(tenant)
    assert client.post("/sign-in", {"email": user.email, "password": password}).status_code == 302
    return client


def prove(browser: TenantClient) -> None:
    assert browser.post("/account/confirm", {"password": PASSWORD})["Location"] == "/account"


def code(secret: str) -> str:
    return factories.code(secret)


def set_up(browser: TenantClient) -> tuple[str, list[str]]:
    """Set up an app; return its secret and the recovery codes."""
    prove(browser)
    page = browser.get("/account/totp").content.decode()
    found = re.search(r'id="secret"[^>]*>([A-Z2-7]+)<', page)
    assert found
    done = browser.post("/account/totp", {"code": code(found[1])})
    assert done.status_code == 200
    return found[1], re.findall(r"<li><code>(\d+)</code>", done.content.decode())


def actions(tenant: Entry, user: User) -> list[str]:
    with context.use(tenant):
        rows = AuditEntry.objects.filter(actor_id=user.pk).order_by("at")
        return list(rows.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account"),
        ("GET", "/account/confirm"),
        ("POST", "/account/password"),
        ("GET", "/account/totp"),
        ("POST", "/account/factors/remove"),
        ("POST", "/account/recovery"),
        ("POST", "/account/sessions/end"),
        ("POST", "/account/sessions/end-everywhere"),
    ],
)
def test_who_is_signed_out_is_sent_to_the_front_page(
    two_tenants: TwoTenants, person: User, method: str, path: str
) -> None:
    outsider = signed_in(two_tenants[0], person)
    stranger = TenantClient(two_tenants[1])
    stranger.cookies["session"] = outsider.cookies["session"].value
    for client in (TenantClient(two_tenants[0]), stranger):
        answer = client.generic(method, path)
        assert (answer.status_code, answer["Location"]) == (302, "/")
    keyed = TenantClient(two_tenants[0]).use_key(person)
    assert keyed.generic(method, path)["Location"] == "/", "a key is nobody's browser"


@pytest.mark.parametrize(
    ("wanted", "goal"),
    [
        ("/account/totp", "/account/totp"),
        ("/account/recovery", "/account"),
        ("//evil.example", "/account"),
        ("https://evil.example/account/totp", "/account"),
        ("", "/account"),
    ],
)
def test_after_the_proof_one_goes_on_to_a_page_that_asked_for_it_and_nowhere_else(
    browser: TenantClient, wanted: str, goal: str
) -> None:
    page = browser.get("/account/confirm", {"next": wanted}).content.decode()
    assert ('name="next"' in page) == (goal == wanted)
    wrong = browser.post("/account/confirm", {"password": "wrong", "next": wanted})
    assert ('name="next"' in wrong.content.decode()) == (goal == wanted)
    assert browser.post("/account/confirm", {"password": PASSWORD, "next": wanted})["Location"] == goal


def test_a_second_factor_is_changed_by_who_has_just_proven_who_they_are(browser: TenantClient) -> None:
    assert browser.get("/account/totp")["Location"] == "/account/confirm?next=%2Faccount%2Ftotp"
    assert browser.post("/account/factors/remove", {"id": "1"})["Location"] == "/account/confirm"
    assert browser.post("/account/confirm", {"password": "wrong"}).status_code == 401
    assert browser.get("/account/totp").status_code == 302
    prove(browser)
    assert browser.get("/account/totp").status_code == 200


def test_an_app_is_set_up_and_then_asked_for(
    browser: TenantClient, two_tenants: TwoTenants, person: User, outbox: Outbox
) -> None:
    secret, codes = set_up(browser)
    assert len(set(codes)) == 10
    assert "factor.added" in actions(two_tenants[0], person)
    assert [(mail.purpose, mail.to) for mail in outbox(two_tenants[0])] == [("mfa_changed", person.email)]
    again = TenantClient(two_tenants[0])
    answer = again.post("/sign-in", {"email": person.email, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code"
    assert again.get("/api/v1/me").status_code == 401
    used = again.post("/sign-in/code", {"code": code(secret)})
    assert used.status_code == 403, "the set-up used this code"
    assert again.post("/sign-in/code", {"code": codes[0]})["Location"] == "/"
    assert again.get("/api/v1/me").status_code == 200


def test_a_recovery_code_is_good_once(browser: TenantClient, two_tenants: TwoTenants, person: User) -> None:
    _, codes = set_up(browser)
    for expected in (302, 403):
        client = TenantClient(two_tenants[0])
        client.post("/sign-in", {"email": person.email, "password": PASSWORD})
        assert client.post("/sign-in/code", {"code": codes[3]}).status_code == expected
    assert "9 recovery codes left" in browser.get("/account").content.decode()


def test_new_recovery_codes_end_the_former_ones(
    browser: TenantClient, two_tenants: TwoTenants, person: User
) -> None:
    _, old = set_up(browser)
    new = re.findall(r"<li><code>(\d+)</code>", browser.post("/account/recovery").content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)
    client = TenantClient(two_tenants[0])
    client.post("/sign-in", {"email": person.email, "password": PASSWORD})
    assert client.post("/sign-in/code", {"code": old[0]}).status_code == 403
    assert client.post("/sign-in/code", {"code": new[0]}).status_code == 302


def test_a_wrong_code_sets_nothing_up(browser: TenantClient, person: User) -> None:
    prove(browser)
    browser.get("/account/totp")
    assert browser.post("/account/totp", {"code": "12"}).status_code == 403
    with context.identity():
        assert not Authenticator.objects.filter(user=person).exists()


def test_a_factor_of_somebody_else_is_not_removed(
    browser: TenantClient, two_tenants: TwoTenants, person: User
) -> None:
    other = factories.member(two_tenants[0], Role.OWNER, password=PASSWORD)
    factories.app(other)
    set_up(browser)
    with context.identity():
        theirs = Authenticator.objects.get(user=other, type="totp").pk
        mine = Authenticator.objects.get(user=person, type="totp").pk
    browser.post("/account/factors/remove", {"id": str(theirs)})
    browser.post("/account/factors/remove", {"id": "x"})
    with context.identity():
        assert Authenticator.objects.filter(pk__in=[theirs, mine]).count() == 2
    browser.post("/account/factors/remove", {"id": str(mine)})
    with context.identity():
        assert not Authenticator.objects.filter(user=person).exists(), "with the last, the recovery codes too"
        assert Authenticator.objects.filter(user=other).count() == 2
    assert actions(two_tenants[0], person)[-1] == "factor.removed"


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    browser: TenantClient, two_tenants: TwoTenants, person: User
) -> None:
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=person)
    others = [signed_in(tenant, person) for tenant in two_tenants]
    new = "a staple for another horse"
    assert browser.post("/account/password", {"current": "wrong", "new": new}).status_code == 401
    assert browser.post("/account/password", {"current": PASSWORD, "new": "short"}).status_code == 422
    assert [client.get("/api/v1/me").status_code for client in others] == [200, 200]
    assert browser.post("/account/password", {"current": PASSWORD, "new": new}).status_code == 302
    assert browser.get("/api/v1/me").status_code == 200
    assert [client.get("/api/v1/me").status_code for client in others] == [401, 401]
    signed_in(two_tenants[0], person, new)


def devices(browser: TenantClient) -> list[str]:
    return re.findall(r'name="id" value="([0-9a-f]{32})"', browser.get("/account").content.decode())


def test_one_session_is_ended_and_the_others_go_on(
    browser: TenantClient, two_tenants: TwoTenants, person: User
) -> None:
    other = signed_in(two_tenants[0], person)
    (only,) = devices(browser)
    stranger = signed_in(two_tenants[0], factories.member(two_tenants[0], password=PASSWORD))
    stranger.post("/account/sessions/end", {"id": only})
    assert other.get("/api/v1/me").status_code == 200, "somebody else named it"
    browser.post("/account/sessions/end", {"id": only})
    assert other.get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me").status_code == 200
    assert devices(browser) == []
    assert actions(two_tenants[0], person)[-1] == "session.ended"


def test_signing_out_everywhere_reaches_every_tenant(
    browser: TenantClient, two_tenants: TwoTenants, person: User
) -> None:
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=person)
    others = [signed_in(tenant, person) for tenant in two_tenants]
    stranger = signed_in(two_tenants[0], factories.member(two_tenants[0], password=PASSWORD))
    assert "in 1 browser on other sites" in browser.get("/account").content.decode()
    assert browser.post("/account/sessions/end-everywhere")["Location"] == "/"
    assert {client.get("/api/v1/me").status_code for client in (*others, browser)} == {401}
    assert stranger.get("/api/v1/me").status_code == 200


def test_a_form_of_another_page_changes_nothing(two_tenants: TwoTenants, person: User) -> None:
    strict: Any = TenantClient(two_tenants[0], enforce_csrf_checks=True).sign_in(person)
    assert strict.post("/account/sessions/end-everywhere").status_code == 403
    assert strict.get("/api/v1/me").status_code == 200


@pytest.mark.browser
@pytest.mark.usefixtures("fresh_db")
def test_a_browser_adds_a_passkey_and_signs_in_with_it_alone_and_after_the_password(
    chromium: Any, two_tenants: TwoTenants, address: str
) -> None:
    person = factories.member(two_tenants[0], Role.VIEWER, password=PASSWORD)
    here, page = f"http://{two_tenants[0].slug}.localhost{address}", chromium
    page.goto(here)
    page.fill("#email", person.email)
    page.fill("#password", PASSWORD)
    page.click("text=Sign in >> nth=0")
    page.click("text=Your security")
    page.fill("#passkey-name", "Laptop")
    page.click("#passkey-add")
    page.wait_for_url("**/account/confirm")
    page.fill("#password", PASSWORD)
    page.click("text=Go on")
    page.fill("#passkey-name", "Laptop")
    page.click("#passkey-add")
    page.wait_for_selector("text=Passkey “Laptop”")
    page.goto(here)
    page.click("text=Sign out")
    page.click("#passkey-sign-in")
    page.wait_for_selector("text=Your security")
    page.click("text=Sign out")
    page.fill("#email", person.email)
    page.fill("#password", PASSWORD)
    page.click("text=Sign in >> nth=0")
    page.click("#passkey-second")
    page.wait_for_selector("text=Your security")
    assert person.email in page.content()
