from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import Role, Session
from tenants.testing import TenantClient
from tests import databases, factories

URL = "/api/v1/session"
ME = "/api/v1/me"


def sign_in(client: Client, email: str, password: str = databases.PASSWORD, **headers: Any) -> Any:
    body = {"email": email, "password": password}
    return client.post(URL, body, content_type="application/json", **headers)


@pytest.fixture
def person(shop: Entry) -> str:
    return factories.member(shop, Role.EDITOR, password=databases.PASSWORD).email


def test_a_member_signs_in_and_out(anonymous: TenantClient, person: str) -> None:
    assert anonymous.get(ME).status_code == 401
    answer = sign_in(anonymous, person)
    assert (answer.status_code, answer.json()["role"]) == (200, "editor")
    assert anonymous.get(ME).json()["email"] == person
    cookie = anonymous.cookies["session"].value
    assert anonymous.delete(URL, headers={"X-CSRFToken": answer.json()["csrf_token"]}).status_code == 204
    anonymous.cookies["session"] = cookie
    assert anonymous.get(ME).status_code == 401


def test_a_wrong_password_and_an_outsider_get_the_same_answer(
    anonymous: TenantClient, person: str, globex: Entry
) -> None:
    outsider = factories.member(globex, Role.OWNER, password=databases.PASSWORD).email
    answers = [
        sign_in(anonymous, person, "wrong"),
        sign_in(anonymous, outsider),
        sign_in(anonymous, "nobody@example.com"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


def test_a_session_of_one_tenant_is_nothing_on_the_host_of_another(
    anonymous: TenantClient, person: str, globex: Entry
) -> None:
    sign_in(anonymous, person)
    other = TenantClient(globex)
    other.cookies["session"] = anonymous.cookies["session"].value
    assert anonymous.get(ME).status_code == 200
    assert other.get(ME).status_code == 401


def test_the_cookie_belongs_to_one_host_and_no_script_reads_it(anonymous: TenantClient, person: str) -> None:
    sign_in(anonymous, person)
    cookie = anonymous.cookies["session"]
    assert (cookie["domain"], cookie["httponly"], cookie["samesite"]) == ("", True, "Lax")


def test_a_change_needs_the_csrf_token(shop: Entry, person: str) -> None:
    browser = TenantClient(shop, enforce_csrf_checks=True)
    token = sign_in(browser, person).json()["csrf_token"]
    body = {"name": "Lamp", "price": 1, "currency": "EUR"}
    without = browser.post("/api/v1/products", body, content_type="application/json")
    assert without.status_code == 403
    with_token = browser.post(
        "/api/v1/products", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert with_token.status_code == 201


def post_product(browser: TenantClient, token: str) -> int:
    body = {"name": "Lamp", "price": 1, "currency": "EUR"}
    headers = {"X-CSRFToken": token}
    return browser.post(
        "/api/v1/products", body, content_type="application/json", headers=headers
    ).status_code


def test_a_csrf_token_of_one_tenant_is_refused_in_another(shop: Entry, globex: Entry) -> None:
    """Also with every cookie that the neighbour could plant: the secret is in the session, and that is a row."""
    browsers, tokens = {}, {}
    for tenant in (shop, globex):
        browsers[tenant.slug] = TenantClient(tenant, enforce_csrf_checks=True)
        email = factories.member(tenant, Role.EDITOR, password=databases.PASSWORD).email
        tokens[tenant.slug] = sign_in(browsers[tenant.slug], email).json()["csrf_token"]
    victim, neighbour = browsers[shop.slug], browsers[globex.slug]
    assert post_product(victim, tokens["globex"]) == 403
    for name, cookie in neighbour.cookies.items():
        if name != settings.SESSION_COOKIE_NAME:
            victim.cookies[name] = cookie.value
    for name in ("csrftoken", settings.CSRF_COOKIE_NAME):
        victim.cookies[name] = tokens["globex"]
    assert post_product(victim, tokens["globex"]) == 403
    assert post_product(victim, tokens["acme"]) == 201, "the session still works, with a token of its own"


def test_a_planted_cookie_and_the_token_that_fits_it_are_refused(shop: Entry, person: str) -> None:
    browser = TenantClient(shop, enforce_csrf_checks=True)
    sign_in(browser, person)
    for name in ("csrftoken", settings.CSRF_COOKIE_NAME):
        browser.cookies[name] = "a" * 32
    assert post_product(browser, "a" * 32) == 403


def test_a_token_is_not_good_for_another_session_of_the_same_tenant(shop: Entry) -> None:
    first, second = (TenantClient(shop, enforce_csrf_checks=True) for _ in range(2))
    for browser in (first, second):
        email = factories.member(shop, Role.EDITOR, password=databases.PASSWORD).email
        browser.token = sign_in(browser, email).json()["csrf_token"]  # type: ignore[attr-defined]
    assert post_product(first, second.token) == 403  # type: ignore[attr-defined]
    assert post_product(first, first.token) == 201  # type: ignore[attr-defined]


def test_a_visitor_is_given_no_cookie_and_no_session(anonymous: TenantClient) -> None:
    assert anonymous.get("/").status_code == 200
    assert dict(anonymous.cookies) == {}
    with context.identity():
        assert not Session.objects.exists()


def test_a_page_of_another_host_cannot_sign_a_browser_in(anonymous: TenantClient, person: str) -> None:
    answer = sign_in(anonymous, person, headers={"Origin": "http://globex.localhost"})
    assert answer.status_code == 403
    assert sign_in(anonymous, person, headers={"Origin": "http://acme.localhost"}).status_code == 200


def test_a_new_password_ends_the_sessions_before_it(anonymous: TenantClient, shop: Entry) -> None:
    person = factories.member(shop, Role.EDITOR, password=databases.PASSWORD)
    sign_in(anonymous, person.email)
    assert anonymous.get(ME).status_code == 200
    with context.identity():
        person.set_password("another battery staple")
    assert anonymous.get(ME).status_code == 401


def test_a_password_alone_does_not_sign_in_who_has_a_second_factor(
    anonymous: TenantClient, shop: Entry, globex: Entry
) -> None:
    person = factories.member(shop, Role.EDITOR, password=databases.PASSWORD)
    secret = factories.app(person)
    answer = sign_in(anonymous, person.email)
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    assert anonymous.get(ME).status_code == 401
    assert give_code(anonymous, "1").json()["code"] == "invalid_code"
    for other in (TenantClient(shop), TenantClient(globex)):
        if other.tenant.id == globex.id:
            other.cookies["session"] = anonymous.cookies["session"].value
        assert give_code(other, factories.code(secret)).json()["code"] == "invalid_credentials"
    assert give_code(anonymous, factories.code(secret)).json()["role"] == "editor"
    assert anonymous.get(ME).status_code == 200


def test_a_code_that_was_used_is_refused_in_one_step_too(anonymous: TenantClient, shop: Entry) -> None:
    person = factories.member(shop, Role.EDITOR, password=databases.PASSWORD)
    code = factories.code(factories.app(person))
    body = {"email": person.email, "password": databases.PASSWORD, "code": code}
    answers = [
        client.post(URL, body, content_type="application/json") for client in (anonymous, TenantClient(shop))
    ]
    assert [answer.status_code for answer in answers] == [200, 403]


def test_who_waits_for_a_code_waits_for_minutes_and_not_for_ever(
    anonymous: TenantClient, shop: Entry
) -> None:
    person = factories.member(shop, Role.EDITOR, password=databases.PASSWORD)
    secret = factories.app(person)
    sign_in(anonymous, person.email)
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        assert give_code(anonymous, factories.code(secret)).json()["code"] == "invalid_credentials"


def test_a_wrong_password_does_not_tell_who_has_a_second_factor(
    anonymous: TenantClient, shop: Entry, person: str
) -> None:
    careful = factories.member(shop, Role.EDITOR, password=databases.PASSWORD)
    factories.app(careful)
    answers = [sign_in(anonymous, email, "wrong") for email in (person, careful.email)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


def give_code(client: Client, code: str) -> Any:
    return client.post(f"{URL}/code", {"code": code}, content_type="application/json")
