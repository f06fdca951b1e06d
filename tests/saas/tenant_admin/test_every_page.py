"""Every page of every model in a tenant's admin: who gets which, that none fails, and that no list asks more for more."""

import re
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from saas.tenant_admin.site import site
from tenants import context
from tenants.directory import Entry
from tenants.models import Role
from tenants.testing import TenantClient
from tests import factories
from tests.saas.tenant_admin import world

TwoTenants = tuple[Entry, Entry]

# What an owner, an editor and a viewer may, by model: view, add, change, delete. Nobody may more.
MAY = {
    "commerce.brand": ("vacd", "vacd", "v"),
    "commerce.cart": ("v", "v", "v"),
    "commerce.category": ("vacd", "vacd", "v"),
    "commerce.coupon": ("vac", "vac", "v"),
    "commerce.couponuse": ("v", "v", "v"),
    "commerce.customer": ("vac", "vac", ""),
    "commerce.image": ("vcd", "vcd", "v"),
    "commerce.option": ("vacd", "vacd", "v"),
    "commerce.order": ("vc", "vc", "v"),
    "commerce.pastprice": ("v", "v", "v"),
    "commerce.product": ("vacd", "vacd", "v"),
    "commerce.productviewday": ("v", "v", "v"),
    "commerce.review": ("vd", "vd", "v"),
    "commerce.stockentry": ("v", "v", "v"),
    "commerce.tag": ("vacd", "vacd", "v"),
    "commerce.variant": ("vcd", "vcd", "v"),
    "commerce.wishlist": ("v", "v", ""),
    "social.block": ("v", "v", ""),
    "social.comment": ("v", "v", "v"),
    "social.conversation": ("v", "v", ""),
    "social.decision": ("v", "v", "v"),
    "social.follow": ("v", "v", ""),
    "social.hashtag": ("v", "v", "v"),
    "social.message": ("v", "v", ""),
    "social.moderationentry": ("v", "v", "v"),
    "social.post": ("v", "v", "v"),
    "social.postday": ("v", "v", "v"),
    "social.profile": ("vc", "vc", "v"),
    "social.profileday": ("v", "v", "v"),
    "social.report": ("vc", "vc", "v"),
    "visitors.visitor": ("v", "v", ""),
}
ROLES = (Role.OWNER, Role.EDITOR, Role.VIEWER)
LABELS = sorted(MAY)


def model_of(label: str) -> type[Model]:
    found: type[Model] = next(model for model in site._registry if model._meta.label_lower == label)
    return found


def path_of(label: str) -> str:
    return f"/admin/{label.replace('.', '/')}/"


def row_of(tenant: Entry, label: str) -> Any:
    with context.use(tenant):
        found = model_of(label)._default_manager.first()
    assert found is not None, f"the world has no {label}"
    return found


@pytest.fixture
def filled(two_tenants: TwoTenants) -> Entry:
    with context.use(two_tenants[0]):
        world.fill()
    return two_tenants[0]


def test_each_model_with_pages_is_declared() -> None:
    assert {model._meta.label_lower for model in site._registry} == set(MAY)


@pytest.mark.parametrize("number", range(len(ROLES)), ids=ROLES)
def test_a_role_gets_the_pages_that_are_declared_and_none_fails(filled: Entry, number: int) -> None:
    browser = TenantClient(filled).sign_in(factories.member(filled, ROLES[number]))
    index = browser.get("/admin/").content.decode()
    wrong = []
    for label in LABELS:
        may, path = MAY[label][number], path_of(label)
        row = f"{path}{row_of(filled, label).pk}"
        wanted = {
            path: 200 if "v" in may else 403,
            f"{path}?q=camping": 200 if "v" in may else 403,
            f"{path}add/": 200 if "a" in may else 403,
            f"{row}/change/": 200 if "v" in may else 403,
            f"{row}/delete/": 200 if "d" in may else 403,
            f"{path}00000000-0000-0000-0000-000000000000/change/": 302 if "v" in may else 403,
        }
        got = {url: browser.get(url).status_code for url in wanted}
        posted = {f"{path}add/": "a", f"{row}/change/": "c"}
        for url, verb in posted.items():
            wanted[f"POST {url}"] = 200 if verb in may else 403  # an empty form is shown again
            got[f"POST {url}"] = browser.post(url).status_code
        wrong += [(url, wanted[url], got[url]) for url in wanted if wanted[url] != got[url]]
        assert (f'href="{path}"' in index) == ("v" in may), label
    assert wrong == []


def test_whoever_is_no_member_gets_nothing(two_tenants: TwoTenants, filled: Entry) -> None:
    stranger, outsider = TenantClient(filled), TenantClient(filled)
    person = factories.member(two_tenants[1], Role.OWNER)
    outsider.cookies = TenantClient(two_tenants[1]).sign_in(person).cookies
    for label in LABELS:
        path = path_of(label)
        row = f"{path}{row_of(filled, label).pk}"
        for url in (path, f"{path}add/", f"{row}/change/", f"{row}/delete/", f"{row}/history/"):
            for answer in (stranger.get(url), stranger.post(url), outsider.get(url), outsider.post(url)):
                assert (answer.status_code, answer["Location"]) == (302, "/"), url


def test_rows_of_another_tenant_are_on_no_page(two_tenants: TwoTenants, filled: Entry) -> None:
    other = two_tenants[1]
    browser = TenantClient(other).sign_in(factories.member(other, Role.OWNER))
    for label in LABELS:
        path, key = path_of(label), row_of(filled, label).pk
        assert str(key) not in browser.get(path).content.decode()
        for page in ("change", "delete"):
            url = f"{path}{key}/{page}/"
            for answer in (browser.get(url), browser.post(url, {"post": "yes"})):
                assert answer.status_code in (302, 403), url
        assert row_of(filled, label).pk == key


def asked(browser: TenantClient, url: str) -> int:
    """Return how many queries of a request read the tenant's rows; who is signed in is asked again now and then."""
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    found = [query["sql"] for query in queries if re.search("commerce_|social_|visitors_", query["sql"])]
    assert found, "nothing was read"
    return len(found)


def test_no_list_asks_more_for_more_rows(filled: Entry) -> None:
    browser = TenantClient(filled).sign_in(factories.member(filled, Role.OWNER))
    urls = [path_of(label) for label in LABELS]
    with context.use(filled):
        world.fill()
    asked(browser, urls[0])  # what is kept after the first request
    few = {url: asked(browser, url) for url in urls}
    with context.use(filled):
        for _ in range(4):
            world.fill()
    assert {url: asked(browser, url) for url in urls} == few
