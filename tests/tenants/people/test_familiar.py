"""A sign-in from somewhere new is mailed to the person, and to nobody else; what is known stays quiet."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import ProgrammingError
from django.test import Client
from django.utils import timezone

from tenants import caching, context, outbox
from tenants.directory import Entry
from tenants.letters import Order, render
from tenants.models import FamiliarMark, OutgoingMail, Role, User
from tenants.people import familiar
from tenants.testing import TenantClient
from tests import databases, factories

TwoTenants = tuple[Entry, Entry]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
NEWER = FIREFOX.replace("130", "131")
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
HOME, CAFE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def person(two_tenants: TwoTenants) -> User:
    return factories.member(two_tenants[0], Role.EDITOR, password=databases.PASSWORD)


def sign_in(
    tenant: Entry, person: User, agent: str = FIREFOX, address: str = HOME, password: str = databases.PASSWORD
) -> int:
    body = {"email": person.email, "password": password}
    client = TenantClient(tenant, REMOTE_ADDR=address, HTTP_USER_AGENT=agent)
    return client.post("/api/v1/session", body, content_type="application/json").status_code


def letters() -> list[Order]:
    with context.identity():
        return list(outbox.opened())


def test_the_first_sign_in_and_the_same_browser_at_the_same_place_are_quiet(
    two_tenants: TwoTenants, person: User
) -> None:
    for agent in (FIREFOX, FIREFOX, NEWER):
        assert sign_in(two_tenants[0], person, agent) == 200
    assert letters() == []


@pytest.mark.parametrize(
    ("agent", "address", "said"),
    [
        (CHROME, HOME, "Chrome on Windows"),
        (FIREFOX, CAFE, "Firefox on Linux"),
        ("", HOME, "An unknown browser"),
    ],
)
def test_a_new_browser_or_a_new_address_is_mailed_once(
    two_tenants: TwoTenants, person: User, agent: str, address: str, said: str
) -> None:
    acme, _ = two_tenants
    sign_in(acme, person)
    sign_in(acme, person, agent, address)
    sign_in(acme, person, agent, address)
    (letter,) = letters()
    assert (letter.purpose, letter.to) == ("new_sign_in", person.email)
    assert (letter.values["ip_address"], letter.values["browser"]) == (address, said)
    assert letter.values["link"] == "http://acme.localhost/account"
    written = render(letter.purpose, letter.values, sender="Acme")
    for text in (written.text, written.html):
        assert address in text
        assert said in text
        assert "change your password" in text


def test_a_wrong_password_and_an_unknown_person_leave_no_mail_and_no_mark(
    two_tenants: TwoTenants, person: User
) -> None:
    acme, globex = two_tenants
    sign_in(acme, person)
    ghost = User(email="ghost@example.com")
    assert sign_in(acme, person, CHROME, CAFE, password="wrong") == 401
    assert sign_in(acme, ghost, CHROME, CAFE) == 401
    assert sign_in(globex, person, CHROME, CAFE) == 401, "no member there"
    assert letters() == []
    with context.identity():
        assert FamiliarMark.objects.filter(user=person).count() == 2
    sign_in(acme, person, CHROME, CAFE)
    assert len(letters()) == 1, "a try that failed made nothing familiar"


def test_what_one_person_knows_is_new_to_another(two_tenants: TwoTenants, person: User) -> None:
    acme, _ = two_tenants
    other = factories.member(acme, Role.EDITOR, password=databases.PASSWORD)
    sign_in(acme, other, CHROME, CAFE)
    sign_in(acme, person)
    sign_in(acme, person, CHROME, CAFE)
    assert [letter.to for letter in letters()] == [person.email]


def test_a_person_is_one_on_all_hosts(two_tenants: TwoTenants, person: User) -> None:
    acme, globex = two_tenants
    with context.identity():
        factories.MembershipFactory(tenant_id=globex.id, user=person)
    sign_in(acme, person)
    sign_in(globex, person)
    assert letters() == []
    apex = Client(headers={"host": settings.LEASEHOLD_APEX_HOST, "user-agent": CHROME}, REMOTE_ADDR=HOME)
    apex.post("/sign-in", {"email": person.email, "password": databases.PASSWORD})
    (letter,) = letters()
    assert "tenant_name" not in letter.values
    with context.identity():
        assert OutgoingMail.objects.get().tenant_id.int == 0
    sign_in(globex, person, CHROME)
    assert len(letters()) == 1


def test_so_many_mails_a_day_and_no_more(two_tenants: TwoTenants, person: User) -> None:
    acme, _ = two_tenants
    caching.shared.clear()
    for number in range(familiar.PER_PERSON.times + 3):
        assert sign_in(acme, person, address=f"203.0.113.{number}") == 200
    assert len(letters()) == familiar.PER_PERSON.times


def test_what_was_not_seen_for_long_is_new_again(two_tenants: TwoTenants, person: User) -> None:
    acme, _ = two_tenants
    sign_in(acme, person)
    with time_machine.travel(timezone.now() + familiar.KEPT + timedelta(minutes=1)):
        sign_in(acme, person, CHROME, CAFE)
        assert len(letters()) == 1, "it is not the first one, though nothing of before counts"
        with context.identity():
            assert FamiliarMark.objects.filter(user=person).count() == 2


def test_the_key_that_was_rotated_still_knows(two_tenants: TwoTenants, person: User, settings: Any) -> None:
    sign_in(two_tenants[0], person)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "x" * 50
    sign_in(two_tenants[0], person)
    assert letters() == []


def test_what_a_browser_writes_of_itself_gets_into_no_mail() -> None:
    assert familiar.describe("Call http://evil.example now") == "An unknown browser"
    assert familiar.describe(f"{CHROME} Edg/130 call us") == "Edge on Windows"


@pytest.mark.parametrize("enter", ["tenant", "public", "operator"])
def test_nobody_else_reads_the_marks(fresh_db: str, two_tenants: TwoTenants, enter: str) -> None:
    where = {"public": context.public, "operator": context.operator}
    entered = where[enter]() if enter in where else context.use(two_tenants[0])
    with pytest.raises(ProgrammingError, match="permission denied"), entered:
        list(FamiliarMark.objects.all())
