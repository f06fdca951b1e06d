"""Joining by the domain of an address, on the tenant's host: one answer to whoever may not."""

from typing import Any

import pytest
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, EmailDomain, Membership, Role, User
from tenants.people import memberships
from tenants.testing import TenantClient
from tests import databases, factories

PASSWORD = databases.PASSWORD
ADA = "ada@acme.example"


@pytest.fixture(autouse=True)
def open_domain(shop: Entry) -> None:
    with context.identity():
        EmailDomain.objects.create(
            tenant_id=shop.id,
            domain="acme.example",
            token="t",
            join_role=Role.VIEWER,
            verified_at=timezone.now(),
        )


def person(email: str = ADA, *, verified: bool = True) -> User:
    with context.identity():
        return factories.UserFactory(email=email, password=PASSWORD, verified=verified)


def join(client: TenantClient, **body: str) -> Any:
    return client.post("/api/v1/join", body, content_type="application/json")


def test_a_person_of_the_domain_joins_and_signs_in(shop: Entry) -> None:
    person()
    client = TenantClient(shop)
    answer = join(client, email=ADA, password=PASSWORD)
    assert (answer.status_code, answer.json()) == (200, {"email": ADA, "role": "viewer"})
    assert client.get("/api/v1/me").status_code == 401
    client.post("/sign-in", {"email": ADA, "password": PASSWORD})
    assert client.get("/api/v1/me").json()["role"] == "viewer"
    assert join(TenantClient(shop), email=ADA, password=PASSWORD).json()["code"] == "already_member"


def test_a_wrong_password_nobody_and_who_may_not_get_one_answer(shop: Entry, globex: Entry) -> None:
    person()
    person("ada@elsewhere.example")
    person("unproven@acme.example", verified=False)
    answers = [
        join(TenantClient(place), email=email, password=password)
        for place, email, password in (
            (shop, ADA, "not it"),
            (shop, "nobody@acme.example", PASSWORD),
            (shop, "ada@elsewhere.example", PASSWORD),
            (shop, "unproven@acme.example", PASSWORD),
            (globex, ADA, PASSWORD),
        )
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, answers[0].content)}
    assert answers[0].json()["code"] == "join_refused"
    with context.identity():
        assert not Membership.objects.filter(user__email__in=[ADA, "ada@elsewhere.example"]).exists()
    with context.use(shop):
        assert AuditEntry.objects.filter(action="access.refused", subject="join").count() == 4


def test_who_was_removed_is_told_so_in_their_own_session(shop: Entry) -> None:
    user = factories.member(shop, Role.EDITOR, email=ADA, verified=True)
    client = TenantClient(shop).sign_in(user)
    assert join(client).json()["code"] == "already_member"
    with context.identity():
        memberships.end(Membership.objects.get(user=user), by="test")
    refused = join(client).json()
    assert refused["code"] == "join_refused"
    assert "was ended" in refused["detail"]


def test_a_session_of_another_tenant_is_nobody_s_here(shop: Entry, globex: Entry) -> None:
    client = TenantClient(shop)
    client.cookies = TenantClient(globex).sign_in(factories.member(globex, email=ADA, verified=True)).cookies
    assert join(client).status_code == 422


def test_a_page_of_another_host_makes_nobody_join(shop: Entry) -> None:
    person()
    body = {"email": ADA, "password": PASSWORD}
    answer = TenantClient(shop).post(
        "/api/v1/join", body, content_type="application/json", headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    with context.identity():
        assert not Membership.objects.filter(user__email=ADA).exists()


def test_the_eleventh_try_waits(shop: Entry) -> None:
    person()
    for _ in range(10):
        assert join(TenantClient(shop), email=ADA, password="not it").status_code == 403
    assert join(TenantClient(shop), email=ADA, password=PASSWORD).status_code == 429
