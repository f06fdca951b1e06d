"""A forgotten password: everybody gets one answer, and the link is good once, in one tenant."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import Role, User
from tenants.testing import TenantClient
from tests import databases, factories
from tests.saas.conftest import Outbox

URL = "/reset-password"
PASSWORD, NEW = databases.PASSWORD, "a staple for another horse"
TwoTenants = tuple[Entry, Entry]
ResetKey = Callable[[Entry, User], str]


@pytest.fixture
def person(two_tenants: TwoTenants) -> User:
    return factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)


@pytest.fixture
def browser(two_tenants: TwoTenants) -> TenantClient:
    return TenantClient(two_tenants[0])


def signs_in(tenant: Entry, user: User, password: str) -> bool:
    body = {"email": user.email, "password": password}
    answer = TenantClient(tenant).post("/api/v1/session", body, content_type="application/json")
    return answer.status_code == 200


def test_whoever_asks_gets_one_answer_for_the_same_work(
    browser: TenantClient, two_tenants: TwoTenants, person: User, outbox: Outbox
) -> None:
    outsider = factories.member(two_tenants[1], Role.EDITOR, password=PASSWORD)
    answers, asked = [], []
    browser.get(URL)  # the host is found once and then known
    for email in (person.email, outsider.email, "nobody@example.com"):
        with CaptureQueriesContext(connections["default"]) as queries:
            answers.append(browser.post(URL, {"email": email}))
        asked.append([re.split(r"\s(WHERE|VALUES)\s", str(query["sql"]))[0] for query in queries])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    inserts = [[sql for sql in one if sql.startswith("INSERT")] for one in asked]
    selects = [[sql for sql in one if sql.startswith("SELECT")] for one in asked]
    assert inserts[0] == inserts[1] == inserts[2] != []
    assert selects[0] == selects[1] == selects[2] != []
    assert [mail.to for mail in outbox(two_tenants[0])] == [person.email]
    assert outbox(two_tenants[1]) == []


def test_the_link_goes_to_the_tenant_s_primary_domain_whatever_host_was_asked(
    browser: TenantClient, two_tenants: TwoTenants, person: User, outbox: Outbox
) -> None:
    host = browser.defaults["HTTP_HOST"]
    browser.post(URL, {"email": person.email}, headers={"X-Forwarded-Host": "evil.example"})
    link = outbox(two_tenants[0])[0].values["link"]
    assert urlsplit(link).hostname == host


def test_a_link_sets_the_password_once_and_ends_every_session(
    browser: TenantClient, two_tenants: TwoTenants, person: User, reset_key: ResetKey
) -> None:
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=person)
    sessions = [TenantClient(tenant).sign_in(person) for tenant in two_tenants]
    assert [client.get("/api/v1/me").status_code for client in sessions] == [200, 200]
    key = reset_key(two_tenants[0], person)
    assert browser.get(URL, {"key": key}).status_code == 200
    assert browser.post(URL, {"key": key, "password": "short"}).status_code == 422
    assert browser.post(URL, {"key": key, "password": NEW}).status_code == 200
    assert [client.get("/api/v1/me").status_code for client in sessions] == [401, 401]
    assert browser.get("/api/v1/me").status_code == 401, "the link signs nobody in"
    assert browser.post(URL, {"key": key, "password": "yet another staple"}).status_code == 403
    assert signs_in(two_tenants[0], person, NEW)
    assert not signs_in(two_tenants[0], person, PASSWORD)
    with context.identity():
        assert EmailAddress.objects.get(user=person).verified, "they read a mail that went there"


def test_a_link_of_one_tenant_is_nothing_in_another(
    two_tenants: TwoTenants, person: User, reset_key: ResetKey
) -> None:
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=person)
    key, other = reset_key(two_tenants[0], person), TenantClient(two_tenants[1])
    assert other.get(URL, {"key": key}).status_code == 403
    assert other.post(URL, {"key": key, "password": NEW}).status_code == 403
    assert signs_in(two_tenants[1], person, PASSWORD)


@pytest.mark.parametrize("key", ["x", "-", "0-0", "é-1", "0" * 32 + "-c-d"])
def test_a_key_that_nobody_made_is_nothing(browser: TenantClient, key: str) -> None:
    assert browser.get(URL, {"key": key}).status_code == 403
    assert browser.post(URL, {"key": key, "password": NEW}).status_code == 403


def test_a_key_is_no_other_person_s(
    browser: TenantClient, two_tenants: TwoTenants, person: User, reset_key: ResetKey
) -> None:
    victim = factories.member(two_tenants[0], Role.OWNER, password=PASSWORD)
    token = reset_key(two_tenants[0], person).partition("-")[2]
    assert browser.post(URL, {"key": f"{victim.pk.hex}-{token}", "password": NEW}).status_code == 403
    assert signs_in(two_tenants[0], victim, PASSWORD)


def test_a_link_ends_with_time_with_the_membership_and_with_another_password(
    browser: TenantClient, two_tenants: TwoTenants, person: User, reset_key: ResetKey
) -> None:
    key = reset_key(two_tenants[0], person)
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert browser.get(URL, {"key": key}).status_code == 403
    assert browser.get(URL, {"key": key}).status_code == 200
    gone = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    theirs = reset_key(two_tenants[0], gone)
    with context.identity():
        factories.end_membership(two_tenants[0], gone)
        person.set_password("changed in the meantime")
    assert browser.get(URL, {"key": theirs}).status_code == 403
    assert browser.get(URL, {"key": key}).status_code == 403


def test_asking_too_often_is_429_for_everybody_alike(browser: TenantClient, person: User) -> None:
    for email in (person.email, "nobody@example.com"):
        statuses = [browser.post(URL, {"email": email}).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]


def test_a_page_of_another_host_asks_for_nothing(
    browser: TenantClient, two_tenants: TwoTenants, person: User, outbox: Outbox
) -> None:
    answer = browser.post(URL, {"email": person.email}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert outbox(two_tenants[0]) == []


@pytest.mark.browser
@pytest.mark.usefixtures("fresh_db")
def test_a_real_browser_sends_the_form_of_the_link_and_no_path_as_referer(
    chromium: Any, two_tenants: TwoTenants, person: User, reset_key: ResetKey, address: str
) -> None:
    acme, _ = two_tenants
    here, referers = f"http://{acme.slug}.localhost{address}", []
    chromium.on("request", lambda request: referers.append(request.all_headers().get("referer")))
    chromium.goto(f"{here}{URL}?key={reset_key(acme, person)}")
    chromium.fill("#password", NEW)
    chromium.click("button >> text=Set it")
    chromium.locator("h1", has_text="Your password is set").wait_for()
    chromium.click("text=Sign in")
    chromium.locator("#email").wait_for()
    assert set(referers) <= {None, f"{here}/"}
    assert signs_in(acme, person, NEW)
