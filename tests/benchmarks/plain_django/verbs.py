"""What the benchmarks ask of a Django project without tenants."""

from typing import Any

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from tests.benchmarks import shop, signin, traffic


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def furnish(name: str) -> dict[str, str]:
    """Add products and one signed-in person; return what a request needs."""
    shop.stock(name)
    return {"host": f"{name}.example.com", "session": signin.cookie(name)}


def reconnect() -> None:
    connection.close()


cpu = traffic.cpu


def count(log: str, requests: list[dict[str, str]], cold: str = "") -> dict[str, Any]:
    return traffic.count(log, requests, cache.clear if cold else lambda: None)
