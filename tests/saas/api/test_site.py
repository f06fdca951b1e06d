"""What holds for every operation of the API."""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from billing import usage
from billing.models import UsageHour
from saas.api import errors
from saas.api.site import api
from saas.commerce import products
from saas.commerce.models import Product
from tenants import context, exceptions
from tenants.directory import Entry
from tenants.testing import TenantClient
from tests import factories

PUBLIC = {"sign_in", "give_code"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    document = api.get_openapi_schema()
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=lambda value: str(value)[:60])
def test_every_operation_but_signing_in_asks_who_calls(
    anonymous: TenantClient, path: str, method: str, operation: dict[str, Any]
) -> None:
    if operation["operationId"] in PUBLIC:
        return
    url = path.replace("{product_id}", "0" * 8 + "-0000-7000-8000-" + "0" * 12).replace(
        "{key_id}", "0" * 8 + "-0000-7000-8000-" + "0" * 12
    )
    answer = anonymous.generic(method.upper(), url, "{}", content_type="application/json")
    assert answer.status_code == 401


def test_the_document_and_its_page_name_no_other_host(anonymous: TenantClient) -> None:
    page, document = anonymous.get("/api/v1/docs"), anonymous.get("/api/v1/openapi.json")
    assert page.status_code == document.status_code == 200
    assert b"://" not in page.content
    assert document.json()["openapi"].startswith("3.1")


def test_an_unknown_path_is_a_problem_document(editor: TenantClient) -> None:
    answer = editor.get("/api/v1/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_me_names_the_caller_the_role_and_the_plan(editor: TenantClient) -> None:
    me = editor.get("/api/v1/me").json()
    assert (me["role"], me["tenant"]["slug"], me["tenant"]["plan"]) == ("editor", "acme", "pro")
    assert "products.write" in me["permissions"]
    assert "keys.manage" not in me["permissions"]


def test_an_unexpected_error_tells_nothing_and_keeps_nothing(
    editor: TenantClient, shop: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = products.create

    def fail(**values: Any) -> None:
        real(**values)
        raise RuntimeError("secret detail")

    monkeypatch.setattr(products, "create", fail)
    body = {"name": "Lamp", "price": 1, "currency": "EUR"}
    answer = editor.post("/api/v1/products", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert b"secret" not in answer.content
    assert editor.get("/api/v1/products").json()["items"] == []


@pytest.mark.parametrize(
    ("sqlstate", "status", "code"),
    [
        ("40P01", 409, "conflict"),
        ("40001", 409, "conflict"),
        ("57014", 503, "unavailable"),
        (None, 503, "unavailable"),
    ],
)
def test_a_lost_race_is_a_conflict_and_a_lost_database_is_unavailable(
    editor: TenantClient, monkeypatch: pytest.MonkeyPatch, sqlstate: str | None, status: int, code: str
) -> None:
    def fail(**_: Any) -> None:
        cause = psycopg.OperationalError()
        cause.sqlstate = sqlstate
        raise OperationalError("detail") from cause

    monkeypatch.setattr(products, "create", fail)
    body = {"name": "Lamp", "price": 1, "currency": "EUR"}
    answer = editor.post("/api/v1/products", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert b"detail" not in answer.content.replace(b'"detail"', b"")


def test_a_row_that_went_away_meanwhile_is_missing(
    editor: TenantClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise Product.DoesNotExist

    monkeypatch.setattr(products, "create", fail)
    body = {"name": "Lamp", "price": 1, "currency": "EUR"}
    assert editor.post("/api/v1/products", body, content_type="application/json").status_code == 404


def test_every_code_of_the_floors_below_that_a_request_can_meet_has_a_status() -> None:
    met: list[type[exceptions.TenancyError]] = [
        exceptions.Refused,
        exceptions.NotAMember,
        exceptions.InvalidCredentials,
        exceptions.EntryFailed,
    ]
    assert {error.code for error in met} <= errors.STATUS.keys()


def test_api_calls_are_counted_for_display(fresh_db: str, tenant: Any) -> None:
    shop = tenant("acme")
    client = TenantClient(shop).use_key(factories.member(shop))
    for _ in range(3):
        client.get("/api/v1/me")
    assert client.get("/api/v1/usage").json()["items"] == []
    assert usage.flush() == 1
    with context.operator():
        assert usage.roll_up() == 1
    with context.use(shop):
        assert UsageHour.objects.get(meter="api_calls").quantity == 4
    assert [row["quantity"] for row in client.get("/api/v1/usage").json()["items"]] == [4]


def test_a_request_cannot_choose_its_tenant_by_a_header(shop: Entry) -> None:
    client = TenantClient(shop)
    for header in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Tenant"):
        answer = client.get("/", headers={header: "globex.localhost"})
        assert b"Acme" in answer.content
        assert b"Globex" not in answer.content
