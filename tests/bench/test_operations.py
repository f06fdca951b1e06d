"""Which ids the attack on every route finds in an OpenAPI document, and that none of ours is left out."""

from typing import Any

from saas.api.site import api
from tests.bench.leasehold.attacks import operations


def document(operation: dict[str, Any], path: str = "/orders/{order_id}") -> dict[str, Any]:
    return {
        "paths": {path: {"put": {"operationId": "change_order", **operation}}},
        "components": {"schemas": {}},
    }


def found(described: dict[str, Any]) -> set[tuple[str, str]]:
    return {(place.field, place.where) for place in operations.places(described)}


def test_every_id_of_our_api_is_attacked() -> None:
    places = list(operations.places(api.get_openapi_schema()))
    assert {place.operation for place in places} >= {
        "read_product",
        "update_product",
        "archive_product",
        "revoke_key",
    }
    assert ("create_product", "category_id", "body") in {(p.operation, p.field, p.where) for p in places}
    missing = {str(place) for place in places} - {str(p) for p in places if p.field in operations.HOLDERS}
    assert not missing, f"say in operations.HOLDERS which ids these take: {missing}"


def test_an_id_in_a_path_a_query_and_a_body_is_found() -> None:
    body = {"properties": {"customer_id": {"type": "string"}, "note": {"type": "string"}}}
    described = document(
        {
            "parameters": [
                {"name": "order_id", "in": "path", "schema": {"type": "string"}},
                {"name": "after", "in": "query", "schema": {"type": "string", "format": "uuid"}},
                {"name": "limit", "in": "query", "schema": {"type": "integer"}},
            ],
            "requestBody": {"content": {"application/json": {"schema": body}}},
        }
    )
    assert found(described) == {("order_id", "path"), ("after", "query"), ("customer_id", "body")}


def test_an_id_that_may_be_null_or_one_of_a_list_is_found() -> None:
    either = {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}
    many = {"type": "array", "items": {"type": "string", "format": "uuid"}}
    body = {"properties": {"parent": either, "members": many}}
    described = document({"requestBody": {"content": {"application/json": {"schema": body}}}})
    assert found(described) == {("parent", "body"), ("members", "body")}
