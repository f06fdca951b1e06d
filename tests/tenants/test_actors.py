"""Whom a request claims to be inside its tenant: what is claimed in vain is nobody before any view runs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from saas.visitors.models import Visitor
from tenants import actors, context
from tenants.context import Who
from tenants.directory import Entry
from tenants.models import Membership, Role
from tenants.testing import TenantClient
from tests import factories
from tests.conftest import ServerLog

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.urls("tests.tenants.test_actors")
KNOWN, UNKNOWN = uuid4(), uuid4()


# Views of a small site, and how it knows its visitors: by a header that says it.


def who(request: HttpRequest) -> HttpResponse:
    actor, visitor = request.actor, request.visitor  # type: ignore[attr-defined]
    with context.use(request.tenant) as here:  # type: ignore[attr-defined]
        assert here.actor == actor
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT current_setting('leasehold.actor'), count(*) FROM visitors_visitor")
            setting, count = cursor.fetchone()
    assert str(actor) == setting
    return JsonResponse({"actor": setting, "visitor": str(visitor or ""), "seen": count})


def simply(request: HttpRequest) -> HttpResponse:
    """Ask the database nothing: where this runs no tenant can be entered."""
    member: Any = request.member  # type: ignore[attr-defined]
    visitor: Any = request.visitor  # type: ignore[attr-defined]
    return JsonResponse({"kind": context.current().kind, "member": bool(member), "visitor": visitor})  # type: ignore[union-attr]


urlpatterns = [path("sign-in/simply", simply), path("who", who), path("api/v1/sso/who", who)]


@dataclass(frozen=True)
class Named:
    id: UUID

    def confirm(self) -> str | None:
        """As a real one does, ask the database; a row that is not there is none of ours."""
        assert Visitor.objects.filter(pk=self.id).count() == (self.id == KNOWN)
        return str(self.id) if self.id == KNOWN else None


def claim(request: HttpRequest, tenant: Entry) -> Named | None:
    assert context.current() is None
    text = request.META.get("HTTP_X_VISITOR")
    return Named(UUID(text)) if text else None


@pytest.fixture(autouse=True)
def visitors(settings: Any, two_tenants: TwoTenants) -> None:
    settings.LEASEHOLD_VISITORS = "tests.tenants.test_actors.claim"
    with context.use(two_tenants[0]):
        Visitor.objects.bulk_create([Visitor(pk=KNOWN), Visitor()])


@pytest.fixture
def client(tenant_client: type[TenantClient], two_tenants: TwoTenants) -> TenantClient:
    return tenant_client(two_tenants[0])


@pytest.fixture(params=["/who", "/api/v1/sso/who"], ids=["inside", "outbound"])
def address(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


NOBODY = {"actor": "", "visitor": "", "seen": 0}
STAFF = {"actor": "staff", "visitor": "", "seen": 2}


def test_who_says_nothing_is_nobody(client: TenantClient, address: str) -> None:
    assert client.get(address).json() == NOBODY


def test_a_visitor_whose_claim_holds_is_that_one(client: TenantClient, address: str) -> None:
    answer = client.get(address, headers={"x-visitor": str(KNOWN)}).json()
    assert answer == {"actor": str(KNOWN), "visitor": str(KNOWN), "seen": 1}


def test_a_visitor_whose_claim_does_not_hold_is_nobody(client: TenantClient, address: str) -> None:
    assert client.get(address, headers={"x-visitor": str(UNKNOWN)}).json() == NOBODY


def test_a_visitor_s_id_is_nobody_on_another_tenant_s_host(
    tenant_client: type[TenantClient], two_tenants: TwoTenants, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that trusts the id still finds no row there."""
    with context.use(two_tenants[1]):
        Visitor.objects.create()
    monkeypatch.setattr(Named, "confirm", lambda self: Visitor.objects.filter(pk=self.id).first())
    answer = tenant_client(two_tenants[1]).get(address, headers={"x-visitor": str(KNOWN)})
    assert answer.json() == NOBODY


@pytest.mark.parametrize("way", ["sign_in", "use_key"])
def test_a_member_is_staff_and_who_is_none_any_more_is_nobody(
    client: TenantClient, two_tenants: TwoTenants, way: str, address: str
) -> None:
    person = factories.member(two_tenants[0], Role.VIEWER)
    getattr(client, way)(person)
    assert client.get(address).json() == STAFF
    with context.identity():
        Membership.objects.filter(user=person).update(ended_at="2020-01-01T00:00:00Z")
    assert client.get(address).json() == NOBODY


@pytest.mark.parametrize("way", ["sign_in", "use_key"])
def test_a_member_of_another_tenant_is_nobody(
    client: TenantClient, two_tenants: TwoTenants, tenant_client: type[TenantClient], way: str, address: str
) -> None:
    other = tenant_client(two_tenants[1])
    getattr(other, way)(factories.member(two_tenants[1], Role.OWNER))
    assert other.get(address).json()["actor"] == "staff"
    client.cookies = other.cookies
    if way == "use_key":
        client.defaults["HTTP_AUTHORIZATION"] = other.defaults["HTTP_AUTHORIZATION"]
    assert client.get(address).json() == NOBODY


def test_without_the_setting_there_are_no_visitors(client: TenantClient, settings: Any, address: str) -> None:
    settings.LEASEHOLD_VISITORS = ""
    assert client.get(address, headers={"x-visitor": str(KNOWN)}).json() == NOBODY
    assert actors.claim(HttpRequest(), Entry(KNOWN, "", "", "", "")) is None


def test_as_staff_a_false_claim_has_asked_for_its_membership_and_nothing_else(
    server_log: ServerLog, client: TenantClient, two_tenants: TwoTenants
) -> None:
    person = factories.member(two_tenants[0], Role.VIEWER)
    client.sign_in(person)
    client.get("/who")
    with context.identity():
        Membership.objects.filter(user=person).update(ended_at="2020-01-01T00:00:00Z")
    server_log.forget()
    assert client.get("/who").json() == NOBODY
    messages = server_log.messages()
    staff = next(n for n, text in enumerate(messages) if text.endswith("leasehold.actor = 'staff'"))
    assert "tenants_membership" in messages[staff + 1]
    assert messages[staff + 2] == "COMMIT"
    assert messages[staff + 3].endswith("leasehold.actor = ''")
    assert not any("'staff'" in text for text in messages[staff + 1 :])


def test_a_visitor_s_false_claim_has_asked_for_its_row_and_nothing_else(
    server_log: ServerLog, client: TenantClient
) -> None:
    client.get("/who")
    server_log.forget()
    client.get("/who", headers={"x-visitor": str(UNKNOWN)})
    entering, asked, left, again = server_log.messages()[:4]
    assert entering.endswith(f"leasehold.actor = '{UNKNOWN}'")
    assert "visitors_visitor" in asked
    assert left == "COMMIT"
    assert again.endswith("leasehold.actor = ''")


def test_the_paths_of_identity_know_members_and_no_visitor(
    client: TenantClient, two_tenants: TwoTenants
) -> None:
    headers = {"x-visitor": str(KNOWN)}
    nobody = {"kind": "identity", "member": False, "visitor": None}
    assert client.get("/sign-in/simply", headers=headers).json() == nobody
    client.sign_in(factories.member(two_tenants[0], Role.VIEWER))
    assert client.get("/sign-in/simply", headers=headers).json() == nobody | {"member": True}


def test_who_acts_around_a_request_is_as_before_when_it_has_ended(
    client: TenantClient, two_tenants: TwoTenants
) -> None:
    client.get("/who", headers={"x-visitor": str(KNOWN)})
    with context.use(two_tenants[0]) as entered:
        assert entered.actor is Who.SYSTEM
