"""What the benchmarks ask of a django-tenants project."""

import time
from typing import Any

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import schema_context

from saas.commerce.models import Product
from tests.benchmarks import plain, shop, signin, traffic
from tests.benchmarks.plain_tenants.models import Domain, Shop


def migrate() -> None:
    plain.prepare()
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)


def create(names: list[str]) -> list[float]:
    """Make tenants by saving them, which creates and migrates the schema; return the seconds of each."""
    found = []
    for name in names:
        began = time.perf_counter()
        tenant = Shop(schema_name=name, name=name)
        tenant.save(verbosity=0)
        Domain.objects.create(domain=f"{name}.example.com", tenant=tenant, is_primary=True)
        found.append(time.perf_counter() - began)
    return found


def furnish(name: str) -> dict[str, str]:
    """Make a tenant with products and one signed-in person; return what a request needs."""
    create([name])
    with schema_context(name):
        shop.stock(name)
        session = signin.cookie(name)
    return {"host": f"{name}.example.com", "session": session}


def reconnect() -> None:
    connection.close()


cpu = traffic.cpu


def count(log: str, requests: list[dict[str, str]], cold: str = "") -> dict[str, Any]:
    return traffic.count(log, requests, cache.clear if cold else lambda: None)


def count_block(log: str, name: str) -> dict[str, Any]:
    """Count a query inside `schema_context`."""

    def call() -> None:
        with schema_context(name):
            assert Product.objects.values_list("name", flat=True).first()

    return traffic.count_call(log, call)
