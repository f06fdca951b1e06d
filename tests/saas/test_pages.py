from collections.abc import Callable

import pytest

from saas.commerce import products
from tenants import context
from tenants.directory import Entry
from tenants.models import Role
from tenants.testing import TenantClient
from tests import databases, factories


@pytest.fixture
def browser(tenant: Callable[[str], Entry]) -> TenantClient:
    return TenantClient(tenant("acme"))


def test_a_stranger_sees_the_sign_in_form_and_no_product(browser: TenantClient) -> None:
    with context.use(browser.tenant):
        products.create(name="Secret lamp", price=1, currency="EUR")
    page = browser.get("/").content.decode()
    assert 'name="password"' in page
    assert "Secret lamp" not in page


def test_a_member_signs_in_sees_the_shop_and_signs_out(browser: TenantClient) -> None:
    person = factories.member(browser.tenant, Role.VIEWER, password=databases.PASSWORD)
    with context.use(browser.tenant):
        products.create(name="Trail lamp", price=3900, currency="EUR")
    answer = browser.post("/sign-in", {"email": person.email, "password": databases.PASSWORD}, follow=True)
    page = answer.content.decode()
    assert "Trail lamp" in page
    assert "€39.00" in page
    assert "plan Pro" in page
    assert 'name="password"' in browser.post("/sign-out", follow=True).content.decode()


def test_a_wrong_password_shows_the_form_again_with_the_reason(browser: TenantClient) -> None:
    answer = browser.post("/sign-in", {"email": "x@example.com", "password": "wrong"})
    assert answer.status_code == 401
    assert "E-mail address or password is wrong." in answer.content.decode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"origin": "http://acme.localhost"}, 302),
        ({"referer": "http://acme.localhost/"}, 302),
        ({"origin": "http://globex.localhost"}, 403),
        ({"origin": "http://acme.localhost.evil.example"}, 403),
        ({"origin": "http://acme.localhost:1234"}, 403),
        ({"origin": "null"}, 403),
        ({"referer": "http://globex.localhost/"}, 403),
        ({"origin": "http://globex.localhost", "referer": "http://acme.localhost/"}, 403),
    ],
)
def test_only_a_page_of_this_host_signs_a_browser_in(
    tenant: Callable[[str], Entry], headers: dict[str, str], status: int
) -> None:
    browser = TenantClient(tenant("acme"), enforce_csrf_checks=True)
    credentials = {"email": "owner@acme.example", "password": databases.PASSWORD}
    assert browser.post("/sign-in", credentials, headers=headers).status_code == status
    assert browser.post("/sign-out").status_code == 403, "without a token"


def test_pages_load_nothing_from_other_hosts(browser: TenantClient) -> None:
    assert "://" not in browser.get("/").content.decode()
