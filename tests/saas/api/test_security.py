"""Every operation says who may call it, and what it says is what is checked."""

from typing import Any

import pytest
from django.http import HttpRequest
from ninja import NinjaAPI, Router

from saas.api import security
from saas.api.site import api
from tenants.people import permissions
from tenants.testing import TenantClient

MEANT = {security.EVERY_MEMBER, security.EVERYBODY}


def undeclared(document: dict[str, Any]) -> list[str]:
    """Return the operations that say nothing, or name no permission."""
    return [
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get(security.DECLARED) not in MEANT | permissions.known()
    ]


def document(router: Router) -> dict[str, Any]:
    built = NinjaAPI(auth=security.AUTH, urls_namespace="test-security", docs_url=None)
    built.add_router("/x", router)
    return dict(built.get_openapi_schema(path_prefix="/api/"))


def test_every_operation_declares_who_may_call_it() -> None:
    assert undeclared(api.get_openapi_schema()) == []


def test_what_needs_no_permission_is_this_alone() -> None:
    found: dict[str, set[str]] = {who: set() for who in MEANT}
    for methods in api.get_openapi_schema()["paths"].values():
        for operation in methods.values():
            if operation[security.DECLARED] in MEANT:
                found[operation[security.DECLARED]].add(operation["operationId"])
    assert found == {
        security.EVERYBODY: {"sign_in", "give_code", "accept_invitation", "join"},
        security.EVERY_MEMBER: {"sign_out", "leave", "list_sessions", "end_session", "end_sessions"},
    }


def test_an_operation_without_a_declaration_is_found() -> None:
    router = Router()

    @router.get("")
    @security.permission("products.read")
    def declared(request: HttpRequest) -> None: ...

    @router.post("")
    def forgotten(request: HttpRequest) -> None: ...

    assert undeclared(document(router)) == ["post /api/x"]


def test_a_permission_that_nobody_declared_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"products\.wirte"):
        security.permission("products.wirte")


def test_an_operation_that_asks_nobody_who_calls_must_be_meant_for_everybody() -> None:
    for mark, auth in (
        (security.permission("products.read"), None),
        (security.every_member, None),
        (security.everybody, security.AUTH),
    ):

        def view(request: HttpRequest) -> None: ...

        with pytest.raises(ValueError, match="auth=None"):
            Router().get("", auth=auth)(mark(view))


def test_an_operation_is_declared_once() -> None:
    def view(request: HttpRequest) -> None: ...

    twice = security.permission("products.read")(security.permission("products.write")(view))
    with pytest.raises(ValueError, match="twice"):
        Router().get("")(twice)


def test_who_may_not_is_told_so_before_their_input_is_looked_at(
    viewer: TenantClient, editor: TenantClient
) -> None:
    answers = [
        client.post("/api/v1/products", "no JSON", content_type="application/json")
        for client in (viewer, editor)
    ]
    assert [answer.status_code for answer in answers] == [403, 400]
    assert answers[0].json()["code"] == "permission_denied"
