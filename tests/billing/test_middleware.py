"""Counting API calls: every call on a tenant's host, whatever its answer, and nothing else."""

from collections import Counter
from uuid import UUID

import pytest
from django.test import Client

from billing import usage
from billing.models import UsageHour
from tenants import context
from tenants.directory import Entry

TwoTenants = tuple[Entry, Entry]


def counted() -> dict[tuple[UUID, str], int]:
    found: Counter[tuple[UUID, str]] = Counter()
    for (tenant_id, meter, _), quantity in usage.counters._counts.items():
        found[tenant_id, meter] += quantity
    return dict(found)


def get(host: str, path: str) -> int:
    return Client(headers={"host": host}, raise_request_exception=False).get(path).status_code


def test_each_call_counts_for_the_tenant_of_the_host(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    for _ in range(3):
        get("acme.localhost", "/api/v1/products")
    get("globex.localhost", "/api/v1/products")
    assert counted() == {(acme.id, "api_calls"): 3, (globex.id, "api_calls"): 1}


@pytest.mark.parametrize(
    "path", ["/api/v1/me", "/api/v1/nowhere", "/api/v1/products?limit=x", "/api/v1/openapi.json"]
)
def test_a_call_counts_whatever_its_answer(two_tenants: TwoTenants, path: str) -> None:
    get("acme.localhost", path)
    assert counted() == {(two_tenants[0].id, "api_calls"): 1}


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("acme.localhost", "/"),
        ("acme.localhost", "/healthz"),
        ("acme.localhost", "/apiary"),
        ("nobody.localhost", "/api/v1/products"),
        ("localhost", "/api/v1/products"),
    ],
)
def test_nothing_else_counts(two_tenants: TwoTenants, host: str, path: str) -> None:
    get(host, path)
    assert counted() == {}


def test_a_call_that_is_refused_keeps_its_count(fresh_db: str, two_tenants: TwoTenants) -> None:
    assert get("acme.localhost", "/api/v1/products") == 401
    usage.flush()
    with context.operator():
        usage.roll_up()
    with context.use(two_tenants[0]):
        assert [row.quantity for row in UsageHour.objects.all()] == [1]
