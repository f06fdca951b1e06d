"""django-tenants: tenants made by saving them, entered by `schema_context`, as its documentation says."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection
from django_tenants.utils import schema_context

from tests.bench import canaries, harness, rows
from tests.benchmarks import plain, signin
from tests.benchmarks.plain_tenants.models import Domain, Shop

ATTACKS = ["tests.bench.attacks"]


class Side:
    name = harness.THEIRS

    def __init__(self, tenants: Sequence[harness.Tenant]) -> None:
        self.tenants = tenants

    def enter(self, tenant: harness.Tenant) -> AbstractContextManager[Any]:
        entered: AbstractContextManager[Any] = schema_context(tenant.schema)
        return entered

    @contextmanager
    def request(self, tenant: harness.Tenant) -> Iterator[None]:
        """Do as TenantMainMiddleware does, which ends with set_tenant."""
        wrapper: Any = connection
        wrapper.set_schema_to_public()
        wrapper.set_tenant(Shop(schema_name=tenant.schema))
        yield

    def between_tasks(self) -> None:
        harness.close_connections()

    def furnish(self, tenant: harness.Tenant) -> None:
        with self.enter(tenant):
            rows.put(tenant)


def create(slugs: list[str]) -> list[dict[str, Any]]:
    """Make tenants; return what an attack may know of each."""
    plain.prepare()
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    return [_create(slug) for slug in slugs]


def _create(slug: str) -> dict[str, Any]:
    canary = canaries.new()
    shop = Shop(schema_name=f"s_{slug.replace('-', '_')}", name=slug)
    shop.save(verbosity=0)
    host = f"{slug}.example.com"
    Domain.objects.create(domain=host, tenant=shop, is_primary=True)
    tenant = harness.Tenant(
        id=str(uuid.UUID(int=shop.pk)),
        schema=shop.schema_name,
        slug=slug,
        host=host,
        canary=canary,
        facts=rows.ids(),
    )
    with schema_context(tenant.schema):
        rows.put(tenant)
        cookie = signin.cookie(canary)
    return {**tenant.as_json(), "facts": {**tenant.facts, "cookie": cookie}}
