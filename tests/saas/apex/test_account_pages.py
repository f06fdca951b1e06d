"""The apex page for passkeys and second factors: what it shows, and what it asks before something is changed."""

from typing import Any

import pytest
from django.test import Client

from tenants.directory import Entry
from tenants.models import User
from tests import databases, factories
from tests.saas.apex.conftest import Sent, new_browser
from tests.saas.apex.test_pages import SignedIn
from tests.saas.apex.test_passkeys import enrol, enter

PASSWORD = databases.PASSWORD


@pytest.fixture
def person(shop: Entry) -> User:
    return factories.member(shop, email="ada@example.com", password=PASSWORD)


def page(client: Client) -> str:
    return client.get("/account").content.decode()


def removal(client: Client) -> Any:
    one = client.get("/api/v1/factors").json()["items"][0]["id"]
    return client.post("/account/factors/remove", {"id": one})


def test_who_is_signed_out_signs_in_and_comes_back(person: User) -> None:
    browser = new_browser()
    assert browser.get("/account")["Location"] == "/sign-in?next=/account"
    assert 'value="/account"' in browser.get("/sign-in?next=/account").content.decode()
    form = {"email": person.email, "password": PASSWORD, "next": "/account"}
    assert browser.post("/sign-in", form)["Location"] == "/account"
    for path in ("/account/factors/remove", "/account/recovery"):
        assert new_browser().post(path)["Location"] == "/sign-in?next=/account"


def test_a_passkey_is_shown_removed_and_replaced_codes_are_shown_once(person: User, sent: Sent) -> None:
    browser = enter(person)
    shown = page(browser)
    assert shown.count("<h1>") == 1
    assert "You have none." in shown
    assert browser.post("/account/recovery")["Location"] == "/account"
    enrol(browser)
    assert "Passkey “Phone”" in page(browser)
    codes = browser.post("/account/recovery").content.decode()
    assert codes.count("<li><code>") == 10
    assert removal(browser)["Location"] == "/account"
    assert "You have none." in page(browser)
    assert [purpose for purpose, *_ in sent] == ["mfa_changed"] * 3


def test_who_has_not_just_signed_in_is_asked_again(person: User, sent: Sent, signed_in: SignedIn) -> None:
    enrol(enter(person))
    stale = signed_in(person)  # its sign-in is of 1970
    shown = page(stale)
    assert 'for="password"' in shown
    assert "/account/factors/remove" not in shown
    for answer in (removal(stale), stale.post("/account/recovery")):
        assert answer.status_code == 403
        assert 'role="alert"' in answer.content.decode()
    assert "Passkey “Phone”" in page(stale)


def test_nobody_removes_what_is_another_s(person: User, globex: Entry, sent: Sent) -> None:
    browser = enter(person)
    enrol(browser)
    one = browser.get("/api/v1/factors").json()["items"][0]["id"]
    outsider = enter(factories.member(globex, password=PASSWORD))
    outsider.post("/account/factors/remove", {"id": one})
    assert "Phone" in page(browser)
    assert "Phone" not in page(outsider)
