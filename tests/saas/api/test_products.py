import uuid
from typing import Any

import pytest

from saas.commerce import products
from saas.commerce.models import Product
from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry
from tenants.testing import TenantClient

URL = "/api/v1/products"
LAMP = {"name": "Trail lamp", "price": 3900, "currency": "EUR", "sku": "LAMP-1"}


def post(client: TenantClient, body: Any, url: str = URL) -> Any:
    return client.post(url, body, content_type="application/json")


def count(shop: Entry) -> int:
    with context.use(shop):
        return Product.objects.count()


def test_a_product_is_created_read_back_changed_and_archived(editor: TenantClient) -> None:
    made = post(editor, LAMP)
    assert made.status_code == 201
    one = f"{URL}/{made.json()['id']}"
    assert editor.get(one).json() == made.json()
    changed = editor.patch(one, {"price": 2900}, content_type="application/json")
    assert (changed.status_code, changed.json()["price"], changed.json()["name"]) == (200, 2900, "Trail lamp")
    assert editor.delete(one).status_code == 204
    assert editor.get(one).status_code == 404
    assert editor.get(URL).json()["items"] == []


def test_pages_follow_each_other_without_gaps_and_repeats(editor: TenantClient, shop: Entry) -> None:
    with context.use(shop):
        made = [products.create(name=f"Thing {n}", price=n, currency="EUR").id for n in range(7)]
    seen, cursor = [], None
    for _ in range(4):
        page = editor.get(URL, {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert seen == [str(pk) for pk in reversed(made)]


def test_a_page_stays_in_place_when_rows_are_added_before_it(editor: TenantClient, shop: Entry) -> None:
    with context.use(shop):
        made = [products.create(name=f"Thing {n}", price=n, currency="EUR").id for n in range(3)]
    first = editor.get(URL, {"limit": 2}).json()
    post(editor, LAMP)
    second = editor.get(URL, {"limit": 2, "cursor": first["next"]}).json()
    assert [item["id"] for item in second["items"]] == [str(made[0])]


def test_it_refuses_a_cursor_that_was_changed(editor: TenantClient) -> None:
    answer = editor.get(URL, {"cursor": "WyJub3doZXJlIl0:forged"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_it_refuses_a_cursor_of_another_tenant(
    editor: TenantClient, outsider: TenantClient, shop: Entry
) -> None:
    with context.use(shop):
        for n in range(2):
            products.create(name=f"Thing {n}", price=n, currency="EUR")
    cursor = editor.get(URL, {"limit": 1}).json()["next"]
    assert editor.get(URL, {"limit": 1, "cursor": cursor}).status_code == 200
    assert outsider.get(URL, {"limit": 1, "cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": "cheap"}, "price"),
        ({"price": -1}, "price"),
        ({"currency": "euro"}, "currency"),
        ({"name": "  "}, "name"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"tenant_id": str(uuid.uuid4())}, "tenant_id"),
        ({"id": str(uuid.uuid4())}, "id"),
    ],
)
def test_it_names_the_field_that_it_refuses(
    editor: TenantClient, shop: Entry, change: dict[str, Any], field: str
) -> None:
    answer = post(editor, {**LAMP, **change})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert count(shop) == 0


def test_it_refuses_a_body_that_is_no_json(editor: TenantClient) -> None:
    answer = post(editor, '{"na')
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_body")


def test_a_sku_that_differs_only_in_case_is_a_conflict_and_adds_nothing(
    editor: TenantClient, shop: Entry
) -> None:
    assert post(editor, LAMP).status_code == 201
    answer = post(editor, {**LAMP, "sku": "lamp-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_sku")
    assert count(shop) == 1


def test_the_same_sku_in_another_tenant_is_no_conflict(editor: TenantClient, outsider: TenantClient) -> None:
    assert post(editor, LAMP).status_code == 201
    assert post(outsider, LAMP).status_code == 201


def test_another_tenant_gets_the_answer_of_a_missing_product(
    editor: TenantClient, outsider: TenantClient
) -> None:
    one = f"{URL}/{post(editor, LAMP).json()['id']}"
    missing = f"{URL}/{uuid.uuid4()}"
    for verb in ("GET", "PATCH", "DELETE"):
        foreign, none = (
            outsider.generic(verb, url, '{"price": 1}', content_type="application/json")
            for url in (one, missing)
        )
        assert (
            (foreign.status_code, foreign.content) == (none.status_code, none.content) == (404, none.content)
        )
    assert editor.get(one).json()["price"] == 3900


def test_a_viewer_reads_and_may_not_write(viewer: TenantClient, shop: Entry) -> None:
    assert viewer.get(URL).status_code == 200
    answer = post(viewer, LAMP)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert count(shop) == 0


def test_a_refusal_is_recorded_although_the_request_was_rolled_back(
    viewer: TenantClient, shop: Entry
) -> None:
    post(viewer, LAMP)
    with context.use(shop):
        entry = AuditEntry.objects.get(action="access.refused")
    assert (entry.subject, entry.source) == ("products.write", f"POST {URL}")


def test_nobody_is_let_in_without_a_key_or_a_session(anonymous: TenantClient) -> None:
    for answer in (anonymous.get(URL), post(anonymous, LAMP)):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_of_another_tenant_is_nobody(editor: TenantClient, outsider: TenantClient) -> None:
    outsider.defaults["HTTP_AUTHORIZATION"] = editor.defaults["HTTP_AUTHORIZATION"]
    assert editor.get(URL).status_code == 200
    assert outsider.get(URL).status_code == 401
