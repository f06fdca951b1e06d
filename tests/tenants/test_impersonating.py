"""What a tenant's host answers a browser in which an operator acts as a member, over real requests."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError

from saas.commerce import products
from tenants import context, impersonating
from tenants.directory import Entry
from tenants.models import ApiKey, AuditEntry, OperatorRole, User
from tenants.people import impersonation
from tenants.testing import TenantClient
from tests import factories
from tests.tenants.people.test_impersonation import REASON, grant, operator

pytestmark = pytest.mark.usefixtures("fresh_db")
TwoTenants = tuple[Entry, Entry]
Begin = Callable[..., TenantClient]
LAMP = {"name": "Lamp", "price": 100, "currency": "EUR"}


@pytest.fixture
def engineer() -> User:
    return operator(OperatorRole.ENGINEER)


@pytest.fixture
def begin(two_tenants: TwoTenants, engineer: User) -> Begin:
    """Return what hands a browser over to acme."""

    def hand_over(**values: Any) -> TenantClient:
        browser = TenantClient(two_tenants[0], enforce_csrf_checks=True)
        made = grant(two_tenants[0], engineer, **values)
        assert browser.post("/impersonation", {"code": made.code}).headers["Location"] == "/"
        browser.handover = made  # type: ignore[attr-defined]
        return browser

    return hand_over


def token(browser: TenantClient) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/").content.decode())
    assert found is not None
    return found[1]


def entries(tenant: Entry, action: str) -> list[AuditEntry]:
    with context.use(tenant):
        return list(AuditEntry.objects.filter(action=action).order_by("id"))


def test_every_page_has_the_banner_and_every_answer_the_header(begin: Begin, engineer: User) -> None:
    browser = begin()
    for path in ("/", "/api/v1/docs"):
        page = browser.get(path)
        text = page.content.decode()
        assert page.status_code == 200
        assert text.count('id="impersonation"') == 1
        assert engineer.email in text
        assert REASON in text
        assert "owner@acme.example" in text
        assert page.headers["X-Impersonated-By"] == engineer.email
        assert page.headers["Cache-Control"] == "no-store"
    answer = browser.get("/api/v1/products")
    assert (answer.status_code, answer.headers["X-Impersonated-By"]) == (200, engineer.email)


def test_a_member_s_own_browser_shows_none(begin: Begin, two_tenants: TwoTenants) -> None:
    begin()
    answer = TenantClient(two_tenants[0]).sign_in(factories.member(two_tenants[0])).get("/")
    assert "X-Impersonated-By" not in answer.headers
    assert b'id="impersonation"' not in answer.content


def test_looking_at_the_link_uses_up_nothing(two_tenants: TwoTenants, engineer: User) -> None:
    made = grant(two_tenants[0], engineer)
    browser = TenantClient(two_tenants[0])
    assert made.code in browser.get(f"/impersonation?code={made.code}").content.decode()
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.post("/impersonation", {"code": made.code}).status_code == 302
    assert browser.get("/api/v1/me").status_code == 200


def test_a_code_is_refused_when_used_before_and_on_another_host(
    begin: Begin, two_tenants: TwoTenants, engineer: User
) -> None:
    used = begin().handover.code  # type: ignore[attr-defined]
    foreign = grant(two_tenants[1], engineer).code
    for code in (used, foreign, "", "nonsense"):
        other = TenantClient(two_tenants[0])
        answer = other.post("/impersonation", {"code": code})
        assert answer.status_code == 403
        assert 'role="alert"' in answer.content.decode()
        assert other.get("/api/v1/me").status_code == 401
    assert len(entries(two_tenants[0], "impersonation.refused")) == 4


def test_a_page_of_another_host_cannot_begin_one(two_tenants: TwoTenants, engineer: User) -> None:
    made = grant(two_tenants[0], engineer)
    browser = TenantClient(two_tenants[0])
    answer = browser.post("/impersonation", {"code": made.code}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert browser.get("/api/v1/me").status_code == 401


def test_the_session_is_nothing_on_another_host(begin: Begin, two_tenants: TwoTenants) -> None:
    browser = begin()
    other = TenantClient(two_tenants[1])
    other.cookies = browser.cookies
    answer = other.get("/api/v1/products")
    assert answer.status_code == 401
    assert "X-Impersonated-By" not in answer.headers


def test_every_request_stands_in_the_record_under_both_names(
    begin: Begin, two_tenants: TwoTenants, engineer: User
) -> None:
    browser = begin()
    browser.get("/")
    browser.get("/api/v1/nothing")
    browser.post("/api/v1/products", LAMP, content_type="application/json")
    found = entries(two_tenants[0], "impersonation.request")
    assert [entry.source for entry in found] == ["GET /", "GET /api/v1/nothing", "POST /api/v1/products"]
    assert {(entry.actor, entry.impersonator, entry.impersonator_id) for entry in found} == {
        ("owner@acme.example", engineer.email, engineer.pk)
    }
    assert entries(two_tenants[1], "impersonation.request") == []


def test_read_only_refuses_a_change(begin: Begin, two_tenants: TwoTenants) -> None:
    browser = begin()
    headers = {"x-csrftoken": token(browser)}
    answer = browser.post("/api/v1/products", LAMP, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "impersonation_refused")
    assert browser.post("/nothing", headers=headers).status_code == 403  # whatever stands behind the path
    with context.use(two_tenants[0]):
        assert not products.listing()


def test_the_database_refuses_a_change_as_well(two_tenants: TwoTenants) -> None:
    """A GET whose view writes: what no look at the method finds."""
    with (
        pytest.raises(InternalError, match="read-only transaction"),
        context.use(two_tenants[0], read_only=True),
    ):
        products.create(name="Lamp", price=100, currency="EUR")
    with context.use(two_tenants[0]):
        products.create(name="Lamp", price=100, currency="EUR")


def test_with_write_access_a_change_is_kept_under_both_names(
    begin: Begin, two_tenants: TwoTenants, engineer: User
) -> None:
    browser = begin(write=True)
    headers = {"x-csrftoken": token(browser)}
    answer = browser.post("/api/v1/products", LAMP, content_type="application/json", headers=headers)
    assert answer.status_code == 201
    assert browser.post("/api/v1/products", LAMP, content_type="application/json").status_code == 403  # CSRF
    with context.use(two_tenants[0]):
        assert [product.name for product in products.listing()] == ["Lamp"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/keys"),
        ("get", "/api/v1/keys"),
        ("post", "/api/v1/session"),
        ("post", "/sign-in"),
        ("put", "/api/v1/sso/provider"),
        ("put", "/api/v1/impersonations/setting"),
    ],
)
def test_what_lets_others_in_is_withheld_even_with_write_access(
    begin: Begin, two_tenants: TwoTenants, method: str, path: str
) -> None:
    browser = begin(write=True)
    headers = {"x-csrftoken": token(browser)}
    answer = getattr(browser, method)(path, {"name": "x"}, content_type="application/json", headers=headers)
    assert answer.status_code == 403
    assert "only the member may" in answer.content.decode()
    with context.use(two_tenants[0]):
        assert not ApiKey.objects.exists()


def test_a_key_beside_the_session_gives_no_other_name(begin: Begin, two_tenants: TwoTenants) -> None:
    browser = begin(write=True)
    bearer = {"authorization": f"Bearer {factories.api_key(two_tenants[0])}"}
    answer = browser.get("/api/v1/me", headers=bearer)
    assert answer.json()["email"] == "owner@acme.example"
    assert "X-Impersonated-By" in answer.headers
    # Nor does it replace the token of the session.
    answer = browser.post("/api/v1/products", LAMP, content_type="application/json", headers=bearer)
    assert answer.status_code == 403


def test_past_its_time_the_next_request_is_refused(
    begin: Begin, two_tenants: TwoTenants, time_machine: Any
) -> None:
    browser = begin(length=timedelta(minutes=5))
    assert browser.get("/api/v1/me").status_code == 200
    time_machine.move_to(browser.handover.grant.expires_at, tick=False)  # type: ignore[attr-defined]
    answer = browser.get("/api/v1/me")
    assert answer.status_code in (401, 403)
    assert "X-Impersonated-By" not in answer.headers
    assert browser.get("/api/v1/me").status_code == 401


def test_the_row_ends_it_although_the_session_lives(begin: Begin, two_tenants: TwoTenants) -> None:
    browser = begin()
    with context.identity():
        impersonation.end(browser.handover.grant.id, two_tenants[0])  # type: ignore[attr-defined]
    answer = browser.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "impersonation_over")
    assert browser.get("/api/v1/me").status_code == 401


def test_the_button_of_the_banner_ends_it(begin: Begin, two_tenants: TwoTenants) -> None:
    browser = begin()
    assert browser.post("/impersonation/end").status_code == 403  # without the token
    assert browser.get("/api/v1/me").status_code == 200
    answer = browser.post("/impersonation/end", {"csrfmiddlewaretoken": token(browser)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert browser.get("/api/v1/me").status_code == 401
    assert len(entries(two_tenants[0], "impersonation.ended")) == 1


def test_the_owner_sees_and_forbids_it_and_others_may_not(
    begin: Begin, two_tenants: TwoTenants, engineer: User
) -> None:
    browser = begin()
    acme, globex = two_tenants
    owner = TenantClient(acme).use_key(factories.member(acme, "owner"))
    editor = TenantClient(acme).use_key(factories.member(acme, "editor"))
    outsider = TenantClient(globex).use_key(factories.member(globex, "owner"))
    [seen] = owner.get("/api/v1/impersonations").json()["items"]
    assert (seen["operator"], seen["member"], seen["reason"]) == (
        engineer.email,
        "owner@acme.example",
        REASON,
    )
    assert seen["started_at"] is not None
    assert editor.get("/api/v1/impersonations").status_code == 403
    assert outsider.get("/api/v1/impersonations").json() == {"forbidden_since": None, "items": []}
    assert wish(editor, forbidden=True).status_code == 403
    assert wish(outsider, forbidden=True).status_code == 200
    assert browser.get("/api/v1/me").status_code == 200  # another tenant's wish is its own
    assert wish(owner, forbidden=True).json()["forbidden_since"] is not None
    assert browser.get("/api/v1/me").status_code == 403
    assert wish(owner, forbidden=False).json() == {"forbidden_since": None}


def wish(client: TenantClient, **body: bool) -> Any:
    return client.put("/api/v1/impersonations/setting", body, content_type="application/json")


def test_a_banner_stands_in_a_page_without_a_body_too() -> None:
    assert impersonating._with_banner(b"<p>x", b"B") == b"B<p>x"
    assert impersonating._with_banner(b"<html><BODY class='a'><p>", b"B") == b"<html><BODY class='a'>B<p>"
