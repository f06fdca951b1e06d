"""A forgotten password on the apex: one answer to everybody, and a link that is good once and nowhere else."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, User
from tenants.people import passwords, tokens
from tenants.testing import TenantClient
from tests import databases, factories
from tests.saas.apex.conftest import Sent, new_browser
from tests.saas.apex.test_pages import SignedIn

URL = "/reset-password"
PASSWORD, NEW = databases.PASSWORD, "a staple for another horse"


@pytest.fixture
def person(shop: Entry) -> User:
    return factories.member(shop, email="ada@example.com", password=PASSWORD)


def key_of(sent: Sent, user: User) -> str:
    new_browser().post(URL, {"email": user.email})
    link = urlsplit(sent[-1][2]["link"])
    assert (link.netloc, link.path) == (settings.LEASEHOLD_APEX_HOST, URL)
    return parse_qs(link.query)["key"][0]


def choose(key: str, client: Client | None = None) -> Any:
    return (client or new_browser()).post(URL, {"key": key, "password": NEW})


def signs_in(user: User, password: str) -> bool:
    answer = new_browser().post("/sign-in", {"email": user.email, "password": password})
    return bool(answer.status_code == 302)


def test_whoever_asks_gets_one_answer_for_the_same_work(person: User) -> None:
    with context.identity():
        gone = factories.UserFactory(password=PASSWORD)
        User.objects.filter(pk=gone.pk).update(deactivated_at=timezone.now())
    answers, asked = [], []
    for email in (person.email, gone.email, "nobody@example.com"):
        with CaptureQueriesContext(connections["default"]) as queries:
            answers.append(new_browser().post(URL, {"email": email}))
        asked.append([re.split(r"\s(WHERE|VALUES)\s", str(query["sql"]))[0] for query in queries])
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    work = [[sql for sql in one if sql.startswith(("INSERT", "SELECT"))] for one in asked]
    assert work[0] == work[1] == work[2]
    assert any(sql.startswith("INSERT") for sql in work[0])


def test_only_a_person_gets_a_mail(person: User, sent: Sent) -> None:
    for email in (person.email.upper(), "nobody@example.com", "no address"):
        new_browser().post(URL, {"email": email}, headers={"X-Forwarded-Host": "evil.example"})
    # One mail was handed over and taken back again with its savepoint: that of nobody.
    assert [to for _, to, _ in sent if to != "nobody@example.com"] == ["ada@example.com"]


def test_a_link_sets_the_password_once_and_ends_every_session(
    person: User, shop: Entry, sent: Sent, signed_in: SignedIn
) -> None:
    apex, there = signed_in(person), TenantClient(shop).sign_in(person)
    key = key_of(sent, person)
    assert 'name="password"' in new_browser().get(URL, {"key": key}).content.decode()
    weak = new_browser().post(URL, {"key": key, "password": "short"})
    assert (weak.status_code, 'role="alert"' in weak.content.decode()) == (422, True)
    done = choose(key)
    assert (done.status_code, done["Referrer-Policy"]) == (200, "no-referrer")
    assert apex.get("/tenants")["Location"] == "/sign-in"
    assert there.get("/api/v1/me").status_code == 401
    assert (signs_in(person, PASSWORD), signs_in(person, NEW)) == (False, True)
    assert choose(key).status_code == 403
    assert new_browser().get(URL, {"key": key}).status_code == 403
    with context.identity():
        assert EmailAddress.objects.get(user=person).verified, "they read a mail that went there"
    with context.use(shop):
        row = AuditEntry.objects.get(action="password.reset")
        assert (row.actor, row.after) == (person.email, {"where": "apex"})


def test_a_second_factor_is_asked_for_all_the_same(person: User, sent: Sent) -> None:
    factories.app(person)
    choose(key_of(sent, person))
    browser = new_browser()
    answer = browser.post("/sign-in", {"email": person.email, "password": NEW})
    assert 'action="/sign-in/code"' in answer.content.decode()
    assert browser.get("/tenants")["Location"] == "/sign-in"


def test_a_link_of_the_apex_is_nothing_on_a_tenant_s_host_and_the_other_way_round(
    person: User, shop: Entry, sent: Sent
) -> None:
    key = key_of(sent, person)
    assert TenantClient(shop).post(URL, {"key": key, "password": NEW}).status_code == 403
    with context.identity():
        theirs = f"{key.partition('-')[0]}-{tokens.make(person, shop)}"
        assert passwords.holder(shop, theirs) == person
    assert choose(theirs).status_code == 403
    assert signs_in(person, PASSWORD)


def test_a_key_is_no_other_person_s_and_ends_with_time_and_the_person(person: User, sent: Sent) -> None:
    key = key_of(sent, person)
    with context.identity():
        other = factories.UserFactory(password=PASSWORD)
    forged = f"{key_of(sent, other).partition('-')[0]}-{key.partition('-')[2]}"
    assert choose(forged).status_code == 403
    for nonsense in ("x", "-", f"{key}x", "zz-zz"):
        assert choose(nonsense).status_code == 403
    late = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 1)
    with time_machine.travel(late):
        assert choose(key).status_code == 403
    with context.identity():
        User.objects.filter(pk=person.pk).update(deactivated_at=timezone.now())
    assert choose(key).status_code == 403


def test_a_page_of_another_host_asks_for_nothing_and_too_often_is_429(person: User, sent: Sent) -> None:
    foreign = new_browser().post(URL, {"email": person.email}, headers={"origin": "https://evil.example"})
    assert (foreign.status_code, sent) == (403, [])
    for email in (person.email, "nobody@example.com"):
        statuses = [new_browser().post(URL, {"email": email}).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
