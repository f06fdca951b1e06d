"""The same kills for django-tenants as its documentation sets it up: a tenant is saved, and deleted with force_drop."""

import sys
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import setup_test_environment

from tests.bench import striking
from tests.bench.wire import Moment, Point
from tests.benchmarks.plain_tenants.models import Domain, Shop

NAME, LIKE, URL = "umbrella", "acme", "DATABASE_URL"
WORKER = """
import sys, django
django.setup()
from tests.benchmarks.plain_tenants.models import Domain, Shop
verb, name = sys.argv[1:]
if verb == "create":
    shop = Shop(schema_name=name, name=name)
    shop.save(verbosity=0)
    Domain.objects.create(domain=f"{name}.example.com", tenant=shop, is_primary=True)
else:
    Shop.objects.get(schema_name=name).delete(force_drop=True)
"""
MADE = """
SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s)
UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = to_regnamespace(%s) AND contype <> 'n'
"""
setup_test_environment()


def install() -> None:
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    _create(LIKE)


def record(verb: str) -> list[tuple[str, float]]:
    _before(verb)
    found = striking.record(_command(verb), URL)
    _forget()
    return found


def strike(verb: str, target: str, number: int, moment: str, seconds: float) -> dict[str, Any]:
    _before(verb)
    struck, code = striking.kill(
        _command(verb),
        URL,
        target=target,
        at=Point(number, Moment(moment)),
        during=seconds,
        look=lambda: None,
    )
    connection.close()
    state = _state()
    found = {"state": state, "status": _answer(), "left": [] if state in ("absent", "whole") else [state]}
    found |= {"repaired": [], "left_after": found["left"], "again": _again(verb)}
    _forget()
    return {"struck": struck.words, "code": code, "during": [], **found}


def _state() -> str:
    row = Shop.objects.filter(schema_name=NAME).exists()
    host = Domain.objects.filter(domain=f"{NAME}.example.com").exists()
    made, like = _made(NAME), _made(LIKE)
    if not row and not host and not made:
        return "absent"
    if row and host and made == like:
        return "whole"
    return f"row {row}, host {host}, {len(made)} of {len(like)} relations"


def _answer() -> int:
    try:
        return Client(headers={"host": f"{NAME}.example.com"}).get("/newest").status_code
    except DatabaseError:
        return 500
    finally:
        _leave()


def _again(verb: str) -> bool:
    """Whether the verb can be done again: what it left stands in its way or not."""
    try:
        if verb == "create" and not Shop.objects.filter(schema_name=NAME).exists():
            _create(NAME)
    except Exception:  # noqa: BLE001  whatever django-tenants says
        return False
    return _state() == "whole" or verb == "destroy"


def _made(schema: str) -> set[str]:
    _leave()
    with connection.cursor() as cursor:
        cursor.execute(MADE, [schema, schema])
        return {name for (name,) in cursor.fetchall()}


def _before(verb: str) -> None:
    _forget()
    if verb == "destroy":
        _create(NAME)
    connection.close()


def _create(name: str) -> None:
    shop = Shop(schema_name=name, name=name)
    shop.save(verbosity=0)
    Domain.objects.create(domain=f"{name}.example.com", tenant=shop, is_primary=True)


def _forget() -> None:
    _leave()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS umbrella CASCADE")
        cursor.execute("DELETE FROM plain_tenants_domain WHERE domain LIKE %s", [f"{NAME}.%"])
        cursor.execute("DELETE FROM plain_tenants_shop WHERE schema_name = %s", [NAME])


def _leave() -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def _command(verb: str) -> list[str]:
    return [sys.executable, "-c", WORKER, verb, NAME]
