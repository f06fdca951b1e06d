"""A token is of one tenant, one visitor and one epoch; a request with it acts as that visitor, or as nobody."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import path

from saas import visitor_tokens
from saas.visitors import exceptions, visitors
from saas.visitors.models import Visitor
from tenants import context, directory, lifecycle
from tenants.context import Who
from tenants.directory import Entry
from tenants.exceptions import WrongActor
from tenants.models import Role
from tenants.testing import TenantClient
from tests import factories

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.urls("tests.saas.test_visitor_tokens")
PASSWORD, OTHER = "correct horse battery", "staple staple staple"


# Views of a small site.


def rows(request: HttpRequest) -> HttpResponse:
    found = list(Visitor.objects.order_by("created_at").values_list("email", flat=True))
    visitor: Any = request.visitor  # type: ignore[attr-defined]
    member: Any = request.member  # type: ignore[attr-defined]
    return JsonResponse({"rows": found, "visitor": visitor and visitor.email, "member": bool(member)})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        for visitor in Visitor.objects.order_by("created_at"):
            yield str(visitor)

    return StreamingHttpResponse(parts())


def outbound(request: HttpRequest) -> HttpResponse:
    with context.use(request.tenant):  # type: ignore[attr-defined]
        return rows(request)


urlpatterns = [path("rows", rows), path("stream", stream), path("sso/rows", outbound)]


@pytest.fixture
def ann(two_tenants: TwoTenants) -> visitor_tokens.Entrance:
    return visitor_tokens.sign_up(two_tenants[0], email="ann@example.com", password=PASSWORD)


@pytest.fixture
def bob(two_tenants: TwoTenants, ann: visitor_tokens.Entrance) -> visitor_tokens.Entrance:
    return visitor_tokens.sign_up(two_tenants[0], email="bob@example.com", password=PASSWORD)


@pytest.fixture
def ask(tenant_client: type[TenantClient], two_tenants: TwoTenants) -> Callable[..., dict[str, Any]]:
    def get(token: str, tenant: Entry | None = None, address: str = "/rows") -> dict[str, Any]:
        client = tenant_client(tenant or two_tenants[0])
        found: dict[str, Any] = client.get(address, headers={"authorization": f"Visitor {token}"}).json()
        return found

    return get


def nobody(answer: dict[str, Any]) -> bool:
    return answer == {"rows": [], "visitor": None, "member": False}


@pytest.mark.parametrize("address", ["/rows", "/sso/rows"])
def test_a_request_acts_as_its_visitor(
    ask: Any, ann: visitor_tokens.Entrance, bob: visitor_tokens.Entrance, address: str
) -> None:
    for email, entrance in (("ann@example.com", ann), ("bob@example.com", bob)):
        assert ask(entrance.token, address=address) == {"rows": [email], "visitor": email, "member": False}


@pytest.mark.parametrize("address", ["/rows", "/sso/rows"])
def test_a_member_acts_as_staff_and_who_says_nothing_as_nobody(
    tenant_client: type[TenantClient],
    two_tenants: TwoTenants,
    ann: visitor_tokens.Entrance,
    bob: visitor_tokens.Entrance,
    address: str,
) -> None:
    assert nobody(tenant_client(two_tenants[0]).get(address).json())
    both = ["ann@example.com", "bob@example.com"]
    for way in ("sign_in", "use_key"):
        client = tenant_client(two_tenants[0])
        getattr(client, way)(factories.member(two_tenants[0], Role.VIEWER))
        assert client.get(address).json() == {"rows": both, "visitor": None, "member": True}


def test_a_token_wins_over_a_session_and_takes_the_membership_away(
    tenant_client: type[TenantClient],
    two_tenants: TwoTenants,
    ann: visitor_tokens.Entrance,
    bob: visitor_tokens.Entrance,
) -> None:
    client = tenant_client(two_tenants[0]).sign_in(factories.member(two_tenants[0], Role.OWNER))
    headers = {"authorization": f"visitor {ann.token}"}
    assert client.get("/rows", headers=headers).json() == {
        "rows": ["ann@example.com"],
        "visitor": "ann@example.com",
        "member": False,
    }


@pytest.mark.parametrize("address", ["/rows", "/sso/rows"])
def test_a_token_of_one_tenant_is_nothing_in_another(
    ask: Any, two_tenants: TwoTenants, ann: visitor_tokens.Entrance, address: str
) -> None:
    there = visitor_tokens.sign_up(two_tenants[1], email="ann@example.com", password=PASSWORD)
    assert nobody(ask(ann.token, two_tenants[1], address))
    assert nobody(ask(there.token, two_tenants[0], address))
    assert ask(there.token, two_tenants[1], address)["visitor"] == "ann@example.com"
    assert visitor_tokens.read(ann.token, two_tenants[1]) is None


@pytest.mark.parametrize("address", ["/rows", "/sso/rows"])
def test_a_former_epoch_is_nobody(
    ask: Any, two_tenants: TwoTenants, ann: visitor_tokens.Entrance, address: str
) -> None:
    with context.use(two_tenants[0], actor=ann.visitor.pk):
        visitors.change_password(ann.visitor, current=PASSWORD, new=OTHER)
    assert nobody(ask(ann.token, address=address))
    again = visitor_tokens.sign_in(two_tenants[0], email="ann@example.com", password=OTHER)
    assert ask(again.token, address=address)["rows"] == ["ann@example.com"]


def test_a_guest_s_token_ends_when_they_sign_up(ask: Any, two_tenants: TwoTenants) -> None:
    guest = visitor_tokens.guest(two_tenants[0])
    assert ask(guest.token) == {"rows": [None], "visitor": None, "member": False}
    ann = visitor_tokens.sign_up(
        two_tenants[0], email="ann@example.com", password=PASSWORD, guest=guest.visitor
    )
    assert nobody(ask(guest.token))
    assert ask(ann.token)["rows"] == ["ann@example.com"]


def test_a_closed_visitor_is_nobody_whatever_the_epoch(
    ask: Any, two_tenants: TwoTenants, ann: visitor_tokens.Entrance
) -> None:
    with context.use(two_tenants[0], actor=ann.visitor.pk):
        visitors.close(ann.visitor)
    assert nobody(ask(ann.token))
    assert nobody(ask(visitor_tokens.issue(ann.visitor, two_tenants[0])))
    with pytest.raises(exceptions.InvalidCredentials):
        visitor_tokens.sign_in(two_tenants[0], email="ann@example.com", password=PASSWORD)


def test_a_forged_token_is_nobody(
    ask: Any, two_tenants: TwoTenants, ann: visitor_tokens.Entrance, bob: visitor_tokens.Entrance
) -> None:
    body, _, rest = ann.token.partition(":")
    swapped = json.dumps([bob.visitor.pk.hex, bob.visitor.epoch.hex]).encode()
    forged = base64.urlsafe_b64encode(swapped).decode().rstrip("=")
    for token in (
        f"{forged}:{rest}", f"{body}:{rest[:-1]}", body, "", ":::", "ü", str(ann.visitor.pk), ann.visitor.pk.hex,
        "staff", "system", ann.token + "x", bob.token.partition(":")[0] + ":" + rest,
    ):  # fmt: skip
        assert nobody(ask(token)), token
    assert ask(ann.token)["visitor"] == "ann@example.com"


def test_a_token_lasts_thirty_days(ask: Any, ann: visitor_tokens.Entrance) -> None:
    with time_machine.travel(0) as clock:
        clock.move_to(ann.visitor.created_at + timedelta(days=29, hours=23))
        assert ask(ann.token)["visitor"] == "ann@example.com"
        clock.move_to(ann.visitor.created_at + timedelta(days=30, minutes=1))
        assert nobody(ask(ann.token))


def test_a_tenant_s_new_epoch_ends_its_tokens(ask: Any, fresh_db: str, tenant: Any) -> None:
    acme = tenant("acme")
    ann = visitor_tokens.guest(acme)
    assert ask(ann.token)["rows"] == [None]
    lifecycle.rotate_epoch("acme", by="test")
    directory.clear()
    assert nobody(ask(ann.token))


def test_a_stream_s_body_acts_as_the_request_did(
    tenant_client: type[TenantClient],
    two_tenants: TwoTenants,
    ann: visitor_tokens.Entrance,
    bob: visitor_tokens.Entrance,
) -> None:
    client = tenant_client(two_tenants[0])
    assert client.get("/stream").getvalue() == b""
    headers = {"authorization": f"Visitor {bob.token}"}
    assert client.get("/stream", headers=headers).getvalue() == b"bob@example.com"
    client.sign_in(factories.member(two_tenants[0], Role.VIEWER))
    assert client.get("/stream").getvalue() == b"ann@example.combob@example.com"


def test_nobody_comes_in_from_inside_a_context(two_tenants: TwoTenants) -> None:
    """The three doors act as the system, which nobody inside a request becomes."""
    with context.use(two_tenants[0], actor=Who.NOBODY), pytest.raises(WrongActor):
        visitor_tokens.guest(two_tenants[0])


def test_a_visitor_s_request_costs_no_more_than_a_member_s(
    server_log: Any,
    tenant_client: type[TenantClient],
    two_tenants: TwoTenants,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE", timedelta(hours=1))
    ann = visitor_tokens.guest(two_tenants[0])
    client = tenant_client(two_tenants[0])
    application = WSGIHandler()

    def get() -> list[str]:
        environ = RequestFactory().get("/rows").environ | client.defaults
        environ |= {"HTTP_AUTHORIZATION": f"Visitor {ann.token}"}
        server_log.forget()
        response: Any = application(environ, lambda *_: None)  # type: ignore[arg-type]
        response.close()
        assert response.status_code == 200
        messages: list[str] = server_log.messages()
        return messages

    get()
    entering, who, query, leaving = get()
    assert entering.endswith(f"; SET LOCAL leasehold.actor = '{ann.visitor.pk}'")
    assert ann.visitor.epoch.hex in who
    assert "ORDER BY" in query
    assert leaving == "COMMIT"
    connections["default"].close()
