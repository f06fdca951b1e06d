"""The page behind the link: what is offered, who may accept, and that the token stays where it is."""

import re
from typing import Any

import pytest

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role
from tenants.people import invitations
from tenants.testing import TenantClient
from tests import databases, factories
from tests.saas.api.conftest import FindTenant
from tests.saas.api.test_members import role_in
from tests.tenants.people.test_invitations import Mails, mails
from tests.tenants.people.test_memberships import member

__all__ = ["mails"]

ADA = "ada@example.com"
PASSWORD = databases.PASSWORD


@pytest.fixture
def shop(tenant: FindTenant) -> Entry:
    return tenant("acme")


@pytest.fixture
def path(shop: Entry, mails: Mails) -> str:
    """Where the link of a new invitation leads to."""
    with context.identity():
        invitations.invite(shop, ADA, Role.EDITOR, by=member(shop, Role.OWNER))
    return invitations.PATH + mails.token()


def heading(answer: Any) -> str:
    found = re.findall(r"<h1>(.*?)</h1>", answer.content.decode())
    assert len(found) == 1
    return str(found[0])


def test_a_new_person_chooses_a_password_and_is_signed_in(shop: Entry, path: str) -> None:
    browser = TenantClient(shop)
    page = browser.get(path)
    assert (page.status_code, heading(page)) == (200, "Join Acme")
    for text in (ADA, "as editor", 'label for="name"', 'label for="password"', 'autocomplete="new-password"'):
        assert text in page.content.decode()
    short = browser.post(path, {"name": "Ada <b>", "password": "short"})
    assert (short.status_code, 'role="alert"' in short.content.decode()) == (422, True)
    assert "Ada &lt;b&gt;" in short.content.decode()
    done = browser.post(path, {"name": "Ada", "password": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/")
    me = browser.get("/api/v1/me").json()
    assert (me["email"], me["name"], me["role"]) == (ADA, "Ada", "editor")
    assert browser.get(path).status_code == 410
    assert 'role="alert"' in browser.get(path).content.decode()


def test_a_person_who_exists_is_asked_for_their_password(shop: Entry, globex: Entry, path: str) -> None:
    ada = factories.member(globex, email=ADA, password=PASSWORD)
    browser = TenantClient(shop)
    page = browser.get(path).content.decode()
    assert 'autocomplete="current-password"' in page
    assert 'label for="name"' not in page
    assert browser.post(path, {"password": "a wrong password"}).status_code == 401
    assert role_in(shop, ada) is None
    assert browser.post(path, {"password": PASSWORD})["Location"] == "/"
    assert browser.get("/api/v1/me").json()["role"] == "editor"


def test_whoever_is_signed_in_as_somebody_else_is_told_so(shop: Entry, path: str) -> None:
    eve = factories.member(shop, Role.VIEWER, email="eve@example.com")
    browser = TenantClient(shop).sign_in(eve)
    page = browser.get(path)
    assert (page.status_code, "signed in as eve@example.com" in page.content.decode()) == (200, True)
    assert 'name="password"' not in page.content.decode()
    assert browser.post(path, {"password": PASSWORD}).status_code == 403


def test_it_is_nothing_on_the_host_of_another_tenant(globex: Entry, path: str) -> None:
    browser = TenantClient(globex)
    assert browser.get(path).status_code == browser.post(path, {"password": PASSWORD}).status_code == 410
    assert browser.get("/invitations/x").status_code == 410


def test_a_page_of_another_host_cannot_accept(shop: Entry, path: str) -> None:
    browser = TenantClient(shop)
    foreign = browser.post(path, {"password": PASSWORD}, headers={"Origin": "http://globex.localhost"})
    assert foreign.status_code == 403
    assert browser.get(path).status_code == 200


def test_the_token_gets_into_no_record_no_cache_and_no_referer(shop: Entry, path: str) -> None:
    browser = TenantClient(shop)
    page = browser.get(path)
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    browser.post(path, {"password": PASSWORD})
    with context.use(shop):
        entries = list(AuditEntry.objects.filter(actor=ADA))
    assert {one.action for one in entries} >= {"invitation.accepted", "membership.added", "session.started"}
    assert {one.source for one in entries} == {"POST /invitations/"}


@pytest.mark.browser
@pytest.mark.usefixtures("fresh_db")
def test_a_real_browser_sends_the_form_of_the_link_and_is_in(
    chromium: Any, shop: Entry, path: str, address: str
) -> None:
    here = f"http://{shop.slug}.localhost{address}"
    chromium.goto(here + path)
    chromium.fill("#password", PASSWORD)
    chromium.click("button >> text=Join")
    chromium.wait_for_url(f"{here}/")
    assert f"{ADA}, editor" in chromium.content()
