"""The verbs of the process that lets a worker be killed, and then looks at what is left: `tests.benchmarks.child`."""

import contextlib
import itertools
import sys
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import DatabaseError, connections
from django.test import Client
from django.test.utils import setup_test_environment

from billing.models import Subscription
from saas.commerce.models import Category
from tenants import context, ddl, directory, exceptions, ids, lifecycle, repair
from tenants.audit import leftovers
from tenants.backups import ledger, take
from tenants.fleet import catalog
from tenants.models import Domain, Tenant
from tests.bench import striking
from tests.bench.wire import Moment, Point

SLUG, NAME, LIKE = "umbrella", "Umbrella Ltd", "acme"
CANARY = "canary-of-a-kill"
OWNER = "DATABASE_URL_OWNER"

backup_id: UUID | None = None
numbers = itertools.count(1)
setup_test_environment()


def install() -> None:
    """Make the shared tables, a tenant to compare with, and a backup of it to restore."""
    global backup_id  # noqa: PLW0603  one process, one installation
    call_command("migrate", verbosity=0, interactive=False)
    _furnish(lifecycle.create(LIKE, by="bench"))
    with context.operator():
        backup = ledger.request(lifecycle.find(LIKE), by="bench")
    take.take(backup.id, backup.tenant_id)
    backup_id = backup.id


def record(verb: str) -> list[tuple[str, float]]:
    """Run the verb to its end and return its messages: first words, and seconds of the server."""
    _before(verb)
    found = striking.record(_command(verb), OWNER)
    _after()
    return found


def strike(verb: str, target: str, number: int, moment: str, seconds: float) -> dict[str, Any]:
    """Kill the worker, or the backend that serves it, at one message; say what was left and what repair made of it."""
    _before(verb)
    answered: list[int] = []

    def look() -> None:
        if verb != "destroy":  # where a request would wait for the lock on a table that is being dropped
            answered.append(_answer())

    point = Point(number, Moment(moment))
    struck, code = striking.kill(_command(verb), OWNER, target=target, at=point, during=seconds, look=look)
    connections.close_all()
    return {"struck": struck.words, "code": code, "during": answered, **_look(verb)}


def plant(what: str) -> dict[str, Any]:
    """Make only the rows of a tenant, or only a schema, and say what the look finds."""
    _before("create")
    with context.owner():
        if what == "rows":
            lifecycle.add_rows(SLUG, name=NAME)
        else:
            ddl.build(ids.new())
    return _look("create")


def _look(verb: str) -> dict[str, Any]:
    """What is left: by the audit, by the host's answer, and after a repair by making the same slug again."""
    left, state, status = _left(), _state(), _answer()
    steps = [step.done for step in repair.run(by="bench")]
    found = {"left": left, "state": state, "status": status, "repaired": steps, "left_after": _left()}
    found["again"] = _again(verb)
    _after()
    return found


def _left() -> list[str]:
    with context.owner(), ddl.cursor() as cursor:
        return [f"{finding.rule}: {finding.object}" for finding in leftovers.find(cursor)]


def _state() -> str:
    """Return absent, whole, or what is missing: whole has the shape, grants and rows of a tenant that nobody hit."""
    with context.owner():
        tenant = Tenant.objects.filter(slug=SLUG, destroyed_at__isnull=True).first()
        if tenant is None:
            return (
                "absent"
                if not Domain.objects.filter(hostname=_host()).exists()
                else "a host without a tenant"
            )
        if not Subscription.objects.filter(tenant=tenant, ended_at__isnull=True).exists():
            return "no subscription"
        if not Domain.objects.filter(tenant=tenant, hostname=_host(), is_primary=True).exists():
            return "no host"
        owner = connections["owner"]
        like = catalog.facts(owner, lifecycle.find(LIKE).schema_name)
        try:
            missing = catalog.difference(like, catalog.facts(owner, tenant.schema_name))
        except exceptions.TenancyError as error:
            return str(error)
    return "whole" if not missing else f"differs: {missing[:3]}"


def _answer() -> int:
    directory.clear()
    try:
        page = Client(headers={"host": _host()}).get("/")
        whole = NAME in page.content.decode() or SLUG in page.content.decode()
        return page.status_code if page.status_code != 200 or whole else -1
    finally:
        connections.close_all()


def _again(verb: str) -> bool:
    """Whether the same slug can be made, and used, after the repair; a tenant that is whole is used as it is."""
    with contextlib.suppress(exceptions.SlugTaken):
        _furnish(lifecycle.create(SLUG, name=NAME, by="bench"))
    with context.operator():
        tenant = lifecycle.find(SLUG)
    try:
        with context.use(tenant):
            rows = Category.objects.filter(slug=CANARY).count()
    except (exceptions.TenancyError, DatabaseError):
        return False
    # What tenant_create makes is empty; a restored or a spared tenant has its row.
    return rows == 1 or (verb == "create" and rows == 0)


def _before(verb: str) -> None:
    _after()
    if verb == "destroy":
        _furnish(lifecycle.create(SLUG, name=NAME, by="bench"))
    connections.close_all()


def _after() -> None:
    with contextlib.suppress(exceptions.UnknownTenant):
        lifecycle.destroy(SLUG, by="bench")


def _furnish(tenant: Tenant) -> None:
    with context.use(tenant):
        Category.objects.create(name=CANARY, slug=CANARY)


def _host() -> str:
    return f"{SLUG}.localhost"


def _command(verb: str) -> list[str]:
    command = {
        "create": [
            "tenant_create",
            SLUG,
            "--name",
            NAME,
            "--plan",
            "pro",
            "--owner",
            f"u{next(numbers)}@example.com",
        ],
        "restore": ["backup_restore", str(backup_id), SLUG, "--name", NAME, "--json"],
        "destroy": ["tenant_destroy", SLUG, "--yes"],
    }[verb]
    return [sys.executable, "manage.py", *command]
