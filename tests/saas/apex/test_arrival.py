"""The hop from the apex to a tenant's host, from both ends: for one browser, once, within a minute, and for members."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tenants import context, directory, ids, lifecycle
from tenants.directory import Entry
from tenants.models import AuditEntry, Domain, OneTimeCode, Role, Tenant, User
from tenants.people import exceptions as errors
from tenants.people import memberships, sso
from tenants.people.sessions import SessionStore
from tests import databases, factories

SignedIn = Callable[..., Client]
REFUSED = "belongs to another browser"


@dataclass
class Traveller:
    """One browser: what it has on the apex and what it has on a tenant's host are two jars of cookies."""

    apex: Client
    member: Client

    def ask(self) -> str:
        """Begin at the tenant's host; return the address on the apex that it leads to."""
        answer = self.member.get("/hop/start")
        assert answer.status_code == 302
        assert answer["Referrer-Policy"] == "no-referrer"
        return str(answer["Location"])

    def code(self, slug: str = "acme") -> str:
        """Return the address with the code."""
        query = parse_qs(urlsplit(self.ask()).query)
        form = {"binding": query["binding"][0], "host": query["host"][0]}
        answer = self.apex.post(f"/hop/{slug}", form)
        assert answer.status_code == 302, answer.content
        assert answer["Referrer-Policy"] == "no-referrer"
        return str(answer["Location"])


def at(url: str) -> str:
    return url.partition("//")[2].partition("/")[1] + url.partition("//")[2].partition("/")[2]


def is_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


@pytest.fixture
def person(shop: Entry) -> User:
    return factories.member(shop, Role.EDITOR)


@pytest.fixture
def traveller(signed_in: SignedIn, tenant_client: Any, shop: Entry, person: User) -> Traveller:
    return Traveller(signed_in(person), tenant_client(shop))


def test_a_member_gets_in_without_a_password(traveller: Traveller, person: User, shop: Entry) -> None:
    link = traveller.code()
    assert link.startswith("http://acme.localhost/hop/finish?code=")
    answer = traveller.member.get(at(link))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert traveller.member.get("/api/v1/me").json()["email"] == person.email
    with context.use(shop):
        entry = AuditEntry.objects.get(action="session.started")
        assert (entry.actor, entry.after) == (person.email, {"way": "password+hop"})
        assert entry.source == "GET /hop/finish", "without the code"


def test_the_new_session_knows_how_the_person_proved_who_they_are(traveller: Traveller, shop: Entry) -> None:
    traveller.member.get(at(traveller.code()))
    session = SessionStore(traveller.member.cookies[settings.SESSION_COOKIE_NAME].value, shop.id)
    methods = session["account_authentication_methods"]
    assert [one["method"] for one in methods] == ["password", "hop"]
    assert methods[0] == {"method": "password", "at": 0}


def test_a_code_works_once(traveller: Traveller, tenant_client: Any, shop: Entry) -> None:
    link = at(traveller.code())
    nonce = traveller.member.cookies["hop"].value
    assert traveller.member.get(link).status_code == 302
    again = tenant_client(shop)
    again.cookies["hop"] = nonce
    answer = again.get(link)
    assert answer.status_code == 403
    assert REFUSED in answer.content.decode()
    assert not is_in(again)


def test_a_stolen_link_is_nothing_in_another_browser(
    traveller: Traveller, tenant_client: Any, shop: Entry
) -> None:
    link = at(traveller.code())
    bare, own = tenant_client(shop), tenant_client(shop)
    own.get("/hop/start")
    for thief in (bare, own):
        assert thief.get(link).status_code == 403
        assert not is_in(thief)
    assert traveller.member.get(link).status_code == 302, "and it is still good in its own"


def test_nobody_is_signed_in_as_somebody_else(
    signed_in: SignedIn, traveller: Traveller, tenant_client: Any, shop: Entry
) -> None:
    """Login CSRF: an attacker who is a member sends a link of their own to somebody else's browser."""
    attacker = Traveller(signed_in(factories.member(shop)), tenant_client(shop))
    traveller.member.get("/hop/start")
    assert traveller.member.get(at(attacker.code())).status_code == 403
    assert not is_in(traveller.member)


def test_a_code_of_one_tenant_is_nothing_on_another(
    traveller: Traveller, person: User, tenant_client: Any, globex: Entry
) -> None:
    """Also for who is a member of both, and has the nonce there."""
    with context.identity():
        memberships.add(person, globex, Role.OWNER, by="test")
    link = at(traveller.code())
    other = tenant_client(globex)
    other.cookies["hop"] = traveller.member.cookies["hop"].value
    assert other.get(link).status_code == 403
    assert not is_in(other)
    assert traveller.member.get(link).status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(59, 302), (60, 403), (61, 403)])
def test_a_code_lives_for_a_minute(traveller: Traveller, seconds: int, status: int) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        link = at(traveller.code())
    with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
        assert traveller.member.get(link).status_code == status


def test_who_left_since_does_not_get_in(traveller: Traveller, person: User) -> None:
    link = at(traveller.code())
    with context.identity():
        memberships.end(person.memberships.get(), by="test")
    assert traveller.member.get(link).status_code == 403


def test_who_left_and_came_back_needs_a_new_code(traveller: Traveller, person: User, shop: Entry) -> None:
    link = at(traveller.code())
    with context.identity():
        memberships.end(person.memberships.get(), by="test")
        memberships.add(person, shop, Role.VIEWER, by="test")
    assert traveller.member.get(link).status_code == 403


def test_a_new_password_voids_a_code(traveller: Traveller, person: User) -> None:
    link = at(traveller.code())
    with context.identity():
        User.objects.get(pk=person.pk).set_password("another password")
    assert traveller.member.get(link).status_code == 403


def test_a_tenant_that_was_suspended_since_lets_nobody_in(fresh_db: str, traveller: Traveller) -> None:
    link = at(traveller.code())
    lifecycle.suspend("acme", by="test")
    assert directory.find("acme.localhost").state == "active", "this process does not know yet"  # type: ignore[union-attr]
    assert traveller.member.get(link).status_code == 403
    directory.clear()
    assert traveller.member.get(link).content == b"This site is suspended. Its owner knows why."


def test_no_code_is_made_for_a_suspended_tenant(fresh_db: str, traveller: Traveller) -> None:
    form = {"binding": "0" * 64, "host": "acme.localhost"}
    assert traveller.apex.post("/hop/acme", form).status_code == 302
    lifecycle.suspend("acme", by="test")
    assert traveller.apex.post("/hop/acme", form).status_code == 403
    page = traveller.apex.get("/tenants").content.decode()
    assert "suspended" in page
    assert 'action="/hop/acme"' not in page


def test_a_rotated_tenant_takes_no_code_from_before(fresh_db: str, traveller: Traveller) -> None:
    link = at(traveller.code())
    lifecycle.rotate_epoch("acme", by="test")
    assert traveller.member.get(link).status_code == 403


def test_an_outsider_gets_no_code_and_one_answer_for_what_is_there_and_what_is_not(
    traveller: Traveller,
) -> None:
    answers = set()
    for slug in ("globex", "nobody"):
        for form in ({"binding": "0" * 64, "host": f"{slug}.localhost"}, {}):
            answer = traveller.apex.post(f"/hop/{slug}", form)
            assert answer.status_code == 403
            assert "not a member of the tenant" in answer.content.decode()
            page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
            answers.add(page.replace(slug, "x"))
    assert len(answers) == 1
    with context.identity():
        assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize(
    "hostname", ["evil.example", "globex.localhost", "localhost", "acme.localhost:1", "acme.localhost@evil"]
)
def test_a_code_goes_to_the_tenant_s_own_hosts_alone(traveller: Traveller, hostname: str) -> None:
    answer = traveller.apex.post("/hop/acme", {"binding": "0" * 64, "host": hostname})
    assert answer.status_code == 404
    assert "Location" not in answer
    shown = traveller.apex.get("/hop/acme", {"binding": "0" * 64, "host": hostname})
    assert shown.status_code == 404
    assert "You will be signed in" not in shown.content.decode()


def test_another_domain_of_the_tenant_gets_its_own_code(
    fresh_db: str, traveller: Traveller, shop: Entry
) -> None:
    with context.owner():
        Domain.objects.create(id=ids.new(), tenant=Tenant.objects.get(id=shop.id), hostname="shop.example")
    directory.clear()
    traveller.member = Client(headers={"host": "shop.example"})
    link = traveller.code()
    assert link.startswith("http://shop.example/hop/finish?code=")
    assert traveller.member.get(at(link)).status_code == 302
    assert is_in(traveller.member)


@pytest.mark.parametrize("binding", ["", "x", "0" * 63, "0" * 65, "G" * 64, "０" * 64])
def test_without_a_binding_there_is_no_code(traveller: Traveller, binding: str) -> None:
    answer = traveller.apex.post("/hop/acme", {"binding": binding, "host": "acme.localhost"})
    assert "code=" not in answer.get("Location", "")
    with context.identity():
        assert not OneTimeCode.objects.exists()


def test_opening_a_tenant_from_the_list_asks_for_no_second_click(traveller: Traveller) -> None:
    begun = traveller.apex.post("/hop/acme")
    assert begun["Location"] == "http://acme.localhost/hop/start"
    asked = at(traveller.ask())
    answer = traveller.apex.get(asked)
    assert answer["Location"].startswith("http://acme.localhost/hop/finish?code=")
    assert traveller.apex.get(asked).status_code == 200, "the wish is good for once"
    assert traveller.member.get(at(answer["Location"])).status_code == 302


def test_a_link_from_elsewhere_makes_no_code_without_a_click(traveller: Traveller) -> None:
    answer = traveller.apex.get(at(traveller.ask()))
    assert answer.status_code == 200
    assert "You will be signed in at <strong>acme.localhost</strong>" in answer.content.decode()
    with context.identity():
        assert not OneTimeCode.objects.exists()


def test_a_wish_for_one_tenant_is_none_for_another_nor_a_minute_later(
    traveller: Traveller, person: User, globex: Entry
) -> None:
    with context.identity():
        memberships.add(person, globex, Role.OWNER, by="test")
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        traveller.apex.post("/hop/globex")
        assert traveller.apex.get(at(traveller.ask())).status_code == 200
        traveller.apex.post("/hop/acme")
    with time_machine.travel(now + timedelta(seconds=60), tick=False):
        assert traveller.apex.get(at(traveller.ask())).status_code == 200


def test_who_is_not_signed_in_types_the_password_and_arrives(tenant_client: Any, shop: Entry) -> None:
    person = factories.member(shop, password=databases.PASSWORD)
    traveller = Traveller(Client(headers={"host": "localhost"}), tenant_client(shop))
    asked = traveller.apex.get(at(traveller.ask()))
    goal = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
    form = {"email": person.email, "password": databases.PASSWORD, "next": goal}
    answer = traveller.apex.post("/sign-in", form, follow=False)
    assert answer["Location"] == goal
    link = traveller.apex.get(goal)["Location"]
    assert traveller.member.get(at(link)).status_code == 302
    assert is_in(traveller.member)


def test_the_secrets_are_stored_as_hashes(traveller: Traveller) -> None:
    code = parse_qs(urlsplit(traveller.code()).query)["code"][0]
    nonce = traveller.member.cookies["hop"].value
    with context.identity():
        row = OneTimeCode.objects.get()
    for secret in (code, nonce):
        assert secret.encode() not in bytes(row.digest) + bytes(row.binding) + row.session_hash.encode()


def test_the_nonce_is_the_tenant_host_s_own_cookie(traveller: Traveller) -> None:
    traveller.member.get("/hop/start")
    cookie = traveller.member.cookies["hop"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"], cookie["path"]) == (
        True,
        "Lax",
        "",
        "/",
    )
    first = cookie.value
    traveller.member.get("/hop/start")
    assert traveller.member.cookies["hop"].value != first


def test_a_tenant_s_page_offers_the_way(tenant_client: Any, shop: Entry) -> None:
    assert 'href="/hop/start"' in tenant_client(shop).get("/").content.decode()
    assert settings.HOST_ONLY == "", "production alone has the prefix"


def test_a_tenant_that_wants_sso_lets_nobody_hop(
    traveller: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wants_sso(*_: Any) -> None:
        raise errors.SsoRequired

    monkeypatch.setattr(sso, "refuse_other_ways", wants_sso)
    answer = traveller.member.get(at(traveller.code()))
    assert answer.status_code == 403
    assert "requires SSO" in answer.content.decode()
    assert not is_in(traveller.member)
