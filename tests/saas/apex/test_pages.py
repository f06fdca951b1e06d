"""The apex pages for people: each step of signing up, signing in and going to a tenant, and who is refused."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tenants import context, provisioning
from tenants.directory import Entry
from tenants.models import Credential, EmailDomain, PendingSignUp, PersonSession, Role, TenantRequest, User
from tenants.people import invitations, memberships, visitors
from tests import databases, factories
from tests.saas.apex.conftest import Sent, new_browser
from tests.tenants.people.test_memberships import member

PASSWORD = databases.PASSWORD
FORM = {
    "email": "Ada@Example.com ",
    "name": "Ada",
    "password": PASSWORD,
    "tenant_name": "Ada's Engines",
    "slug": "adas-engines",
}
SignedIn = Callable[..., Client]


def token_of(sent: Sent) -> str:
    purpose, _, values = sent[-1]
    assert purpose == "verify_email"
    link = urlsplit(values["link"])
    assert (link.netloc, link.path) == ("localhost", "/verify")
    return parse_qs(link.query)["token"][0]


def test_a_person_signs_up_confirms_and_waits_for_the_tenant(browser: Client, sent: Sent) -> None:
    answer = browser.post("/sign-up", FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-up/sent")
    assert "mailbox" in browser.get("/sign-up/sent").content.decode()
    assert [(purpose, to) for purpose, to, _ in sent] == [("verify_email", "ada@example.com")]
    with context.identity():
        assert not User.objects.filter(email="ada@example.com").exists(), "nothing before the proof"
    token = token_of(sent)
    assert "Ada&#x27;s Engines" in browser.get("/verify", {"token": token}).content.decode()
    with context.identity():
        assert not User.objects.filter(email="ada@example.com").exists(), "a GET is what a scanner does"
    answer = browser.post("/verify", {"token": token}, follow=True)
    page = html.unescape(answer.content.decode())
    assert "Ada's Engines is being built" in page
    assert "Signed in as" in page
    with context.identity():
        requested = TenantRequest.objects.get(slug="adas-engines")
        assert requested.requested_by.email == "ada@example.com"
        assert requested.requested_by.emailaddress_set.get().verified  # type: ignore[attr-defined]
        assert Credential.objects.get(user=requested.requested_by).password_hash.startswith("md5$")
        assert not PendingSignUp.objects.exists()


def test_a_link_works_once(browser: Client, sent: Sent) -> None:
    browser.post("/sign-up", FORM)
    token = token_of(sent)
    assert browser.post("/verify", {"token": token}).status_code == 302
    for again in (browser.post("/verify", {"token": token}), browser.get("/verify", {"token": token})):
        assert again.status_code == 410


def test_a_link_is_good_for_a_day(browser: Client, sent: Sent) -> None:
    browser.post("/sign-up", FORM)
    token = token_of(sent)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert browser.post("/verify", {"token": token}).status_code == 410


def test_another_browser_needs_the_password_as_well(browser: Client, sent: Sent) -> None:
    """Who typed an address that is not theirs must not get an account that its owner has confirmed."""
    browser.post("/sign-up", FORM)
    token, elsewhere = token_of(sent), new_browser()
    assert 'name="password"' in elsewhere.get("/verify", {"token": token}).content.decode()
    assert elsewhere.post("/verify", {"token": token}).status_code == 403
    assert elsewhere.post("/verify", {"token": token, "password": "not it"}).status_code == 401
    with context.identity():
        assert not User.objects.filter(email="ada@example.com").exists()
    assert elsewhere.post("/verify", {"token": token, "password": PASSWORD}).status_code == 302


def seen(answer: Any) -> tuple[Any, ...]:
    """Return what a browser gets, without the random part of its session."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("X-Request-ID", "Expires", "Date")}
    cookies = {name: {**dict(morsel), "expires": ""} for name, morsel in answer.cookies.items()}
    lengths = {name: len(morsel.value) for name, morsel in answer.cookies.items()}
    return answer.status_code, answer.content, headers, cookies, lengths


def test_a_known_address_gets_the_same_answer_and_another_mail(tenant_db: None, sent: Sent) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        answers = [
            seen(new_browser().post("/sign-up", {**FORM, "email": email}))
            for email in ("nobody@example.com", "owner@acme.example", "OWNER@globex.example")
        ]
    assert answers[0] == answers[1] == answers[2]
    assert [purpose for purpose, *_ in sent] == [
        "verify_email", "sign_up_known_address", "sign_up_known_address",
    ]  # fmt: skip
    assert "token" not in sent[1][2]["link"]


def test_the_row_of_a_known_address_proves_nothing(browser: Client, sent: Sent) -> None:
    """Whatever its token is: it was void from its first moment, and the next sign-up sweeps it out."""
    browser.post("/sign-up", {**FORM, "email": "owner@acme.example"})
    with context.identity():
        assert PendingSignUp.objects.get().expires_at <= timezone.now()
    browser.post("/sign-up", FORM)
    with context.identity():
        assert PendingSignUp.objects.get().email == "ada@example.com"


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"email": "no address"}, 422, "no e-mail address"),
        ({"password": "short"}, 422, "too short"),
        ({"tenant_name": "  "}, 422, "empty"),
        ({"tenant_name": "x" * 201}, 422, "longer"),
        ({"tenant_name": "a\u202eb"}, 422, "nobody sees"),
        ({"name": "a\0b"}, 422, "nobody sees"),
        ({"slug": "No"}, 422, "no slug"),
        ({"slug": "admin"}, 422, "reserved"),
        ({"slug": "acme"}, 409, "'acme' is taken"),
        ({"slug": "acrne"}, 409, "'acrne' is taken"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(
    browser: Client, sent: Sent, change: dict[str, str], status: int, message: str
) -> None:
    answer = browser.post("/sign-up", {**FORM, **change})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == status
    assert 'role="alert"' in page
    assert message in page
    assert 'aria-invalid="true"' in page
    assert PASSWORD not in page
    assert sent == []


def test_the_name_that_a_slug_looks_like_is_not_told(browser: Client, sent: Sent) -> None:
    page = browser.post("/sign-up", {**FORM, "slug": "acrne"}).content.decode()
    assert "acme" not in page.replace("acrne", "")


def test_the_fourth_sign_up_of_an_address_in_an_hour_waits(browser: Client, sent: Sent) -> None:
    with time_machine.travel("2030-01-01T10:15:00Z", tick=False):
        answers = [browser.post("/sign-up", FORM) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
        assert answers[3]["Retry-After"] == str(45 * 60)
        assert len(sent) == 3
    with time_machine.travel("2030-01-01T11:00:01Z", tick=False):
        assert browser.post("/sign-up", FORM).status_code == 302


def test_a_person_signs_in_sees_their_tenants_and_signs_out(
    browser: Client, shop: Entry, globex: Entry
) -> None:
    person = factories.member(shop, Role.EDITOR, password=PASSWORD)
    answer = browser.post("/sign-in", {"email": person.email.upper(), "password": PASSWORD}, follow=True)
    page = answer.content.decode()
    assert "acme.localhost" in page
    assert "editor" in page
    assert "globex" not in page.lower()
    with context.identity():
        assert PersonSession.objects.get().user_id == person.pk
    browser.post("/sign-out")
    assert browser.get("/tenants")["Location"] == "/sign-in"
    with context.identity():
        assert not PersonSession.objects.exists()


@pytest.mark.parametrize("email", ["owner@acme.example", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_get_one_answer(browser: Client, email: str) -> None:
    answer = browser.post("/sign-in", {"email": email, "password": "wrong"})
    assert answer.status_code == 401
    assert "E-mail address or password is wrong." in answer.content.decode()
    assert not answer.cookies


def test_the_eleventh_try_of_an_address_waits_also_with_the_right_password(browser: Client) -> None:
    with time_machine.travel("2030-01-01T10:00:00Z", tick=False):
        wrong = [
            browser.post("/sign-in", {"email": "owner@acme.example", "password": "x"}) for _ in range(10)
        ]
        assert {answer.status_code for answer in wrong} == {401}
        right = {"email": "owner@acme.example", "password": PASSWORD}
        assert browser.post("/sign-in", right).status_code == 429
        assert browser.post("/sign-in", {**right, "email": "owner@globex.example"}).status_code == 302


@pytest.mark.parametrize("path", ["/sign-up", "/sign-in", "/sign-in/code"])
@pytest.mark.parametrize("origin", ["http://acme.localhost", "null", "http://localhost.evil.example"])
def test_a_page_of_another_host_posts_nothing(browser: Client, sent: Sent, path: str, origin: str) -> None:
    form = {**FORM, "email": "owner@acme.example"}
    assert browser.post(path, form, headers={"origin": origin}).status_code == 403
    assert sent == []


@pytest.mark.parametrize("path", ["/sign-out", "/tenants/new", "/hop/acme"])
def test_a_signed_in_browser_needs_a_token(signed_in: SignedIn, shop: Entry, path: str) -> None:
    client = signed_in(factories.member(shop), enforce_csrf_checks=True)
    assert client.post(path, {"tenant_name": "x", "slug": "free-slug"}).status_code == 403
    with context.identity():
        assert not TenantRequest.objects.exists()


@pytest.mark.parametrize(
    "goal",
    [
        "//evil.example",
        "https://evil.example/hop/",
        "/\\evil.example",
        "/hop/../../x\r\nX: y",
        "/tenants/new",
        "evil",
        "",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_place(browser: Client, shop: Entry, goal: str) -> None:
    person = factories.member(shop, password=PASSWORD)
    answer = browser.post("/sign-in", {"email": person.email, "password": PASSWORD, "next": goal})
    assert answer["Location"] == "/tenants"


def test_a_new_password_ends_sessions_of_the_apex(signed_in: SignedIn, shop: Entry) -> None:
    person = factories.member(shop, password=PASSWORD)
    client = signed_in(person)
    assert client.get("/tenants").status_code == 200
    with context.identity():
        User.objects.get(pk=person.pk).set_password("another password")
    assert client.get("/tenants").status_code == 302


def test_a_session_of_a_tenant_s_host_is_none_of_the_apex(
    tenant_client: Any, signed_in: SignedIn, shop: Entry
) -> None:
    person = factories.member(shop)
    of_tenant = tenant_client(shop).sign_in(person).cookies[settings.SESSION_COOKIE_NAME].value
    browser = new_browser()
    browser.cookies[settings.SESSION_COOKIE_NAME] = of_tenant
    assert browser.get("/tenants").status_code == 302
    of_apex = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
    member = tenant_client(shop)
    member.cookies[settings.SESSION_COOKIE_NAME] = of_apex
    assert 'name="password"' in member.get("/").content.decode()


def test_the_landing_page_asks_for_no_session(signed_in: SignedIn, shop: Entry) -> None:
    client = signed_in(factories.member(shop))
    assert not client.get("/").cookies
    assert client.get("/tenants").status_code == 200


def test_what_somebody_else_asked_for_is_not_there(signed_in: SignedIn, shop: Entry) -> None:
    person, other = factories.member(shop), factories.member(shop)
    with context.identity():
        requested = provisioning.ask(person, slug="free-slug", name="Mine")
    assert signed_in(person).get(f"/tenants/requests/{requested.id}").status_code == 200
    assert signed_in(other).get(f"/tenants/requests/{requested.id}").status_code == 404
    assert "Mine" not in signed_in(other).get("/tenants").content.decode()


def test_a_slug_that_was_taken_in_the_meantime_is_named(signed_in: SignedIn, shop: Entry) -> None:
    person = factories.member(shop)
    with context.identity():
        requested = TenantRequest.objects.create(
            requested_by=person, slug="globex", name="Mine", failed_at=timezone.now(), error="slug_taken"
        )
    page = signed_in(person).get(f"/tenants/requests/{requested.id}").content.decode()
    assert "“globex” was taken in the meantime" in page
    assert "/tenants/new?tenant_name=Mine" in page


def test_one_more_tenant_is_asked_for(signed_in: SignedIn, shop: Entry) -> None:
    client = signed_in(factories.member(shop))
    taken = client.post("/tenants/new", {"tenant_name": "Second", "slug": "globex"})
    assert taken.status_code == 409
    answer = client.post("/tenants/new", {"tenant_name": "Second", "slug": "second"}, follow=True)
    assert "Second is being built" in answer.content.decode()


def test_every_page_has_one_heading_and_a_label_per_field(signed_in: SignedIn, shop: Entry) -> None:
    client, stranger = signed_in(factories.member(shop)), new_browser()
    pages = [stranger.get(path) for path in ("/", "/sign-up", "/sign-up/sent", "/sign-in", "/verify?token=x")]
    pages += [client.get(path) for path in ("/tenants", "/tenants/new")]
    for answer in pages:
        page = answer.content.decode()
        assert page.count("<h1") == 1, page
        assert "://" not in page, "nothing of other hosts"
        for field in re.findall(r"<input (?![^>]*hidden)[^>]*id=\"(\w+)\"", page):
            assert f'<label for="{field}">' in page


def test_a_member_who_left_is_not_listed(signed_in: SignedIn, shop: Entry) -> None:
    person = factories.member(shop)
    with context.identity():
        memberships.end(person.memberships.get(), by="test")
    assert "acme.localhost" not in signed_in(person).get("/tenants").content.decode()
    assert visitors.SCOPE == "apex"


def invited(shop: Entry, email: str) -> Any:
    with context.identity():
        return invitations.invite(shop, email, Role.EDITOR, by=member(shop, Role.OWNER))


def own_domain(shop: Entry) -> None:
    with context.identity():
        EmailDomain.objects.create(
            tenant_id=shop.id,
            domain="example.com",
            token="t",
            join_role=Role.VIEWER,
            verified_at=timezone.now(),
        )


def role(shop: Entry, user: User) -> str:
    with context.identity():
        found = memberships.by_user(user.pk, shop)
        return found.role if found else ""


def test_an_invitation_is_accepted_with_one_click(signed_in: SignedIn, shop: Entry, sent: Sent) -> None:
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com", verified=True)
        eve = factories.UserFactory(email="eve@example.com", verified=True)
    path = f"/invitations/{invited(shop, ada.email).id}/accept"
    browser, outsider = signed_in(ada), signed_in(eve)
    assert path not in outsider.get("/tenants").content.decode()
    refused = outsider.post(path)
    assert refused.status_code == 410
    assert 'role="alert"' in refused.content.decode()
    assert new_browser().post(path)["Location"] == "/sign-in"
    assert f'action="{path}"' in browser.get("/tenants").content.decode()
    assert browser.post(path)["Location"] == "/tenants"
    assert (role(shop, ada), role(shop, eve)) == ("editor", "")
    page = browser.get("/tenants").content.decode()
    assert 'action="/hop/acme"' in page
    assert path not in page
    assert browser.post(path).status_code == 410


def test_a_person_of_the_domain_joins_with_one_click(signed_in: SignedIn, shop: Entry) -> None:
    own_domain(shop)
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com", verified=True)
        eve = factories.UserFactory(email="eve@elsewhere.example", verified=True)
    browser, outsider = signed_in(ada), signed_in(eve)
    path = "/tenants/join/acme"
    for client, shown in ((browser, True), (outsider, False)):
        assert (f'action="{path}"' in client.get("/tenants").content.decode()) is shown
        on_the_way = client.get("/hop/acme")
        assert on_the_way.status_code == 403
        assert (f'action="{path}"' in on_the_way.content.decode()) is shown
    assert outsider.post(path).status_code == 403
    assert browser.post("/tenants/join/globex").status_code == 403
    assert browser.post(path)["Location"] == "/tenants"
    assert (role(shop, ada), role(shop, eve)) == ("viewer", "")


def test_who_has_not_proven_the_address_is_told_how(signed_in: SignedIn, shop: Entry, sent: Sent) -> None:
    with context.identity():
        eve = factories.UserFactory(email="ada@example.com")
    path = f"/invitations/{invited(shop, eve.email).id}/accept"
    page = signed_in(eve).get("/tenants").content.decode()
    assert 'href="/reset-password"' in page
    assert path not in page
    assert signed_in(eve).post(path).status_code == 410
    assert role(shop, eve) == ""
