"""The verbs of the process that lets a worker be killed, and then looks at what is left: `tests.benchmarks.child`."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit
from uuid import UUID

import psycopg
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
from tests.bench.wire import Moment, Point, Wire

SLUG, NAME, LIKE = "umbrella", "Umbrella Ltd", "acme"
CANARY = "canary-of-a-kill"
SECONDS = 90.0
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
    with _wire(None, lambda _: None) as (wire, environment):
        code = _start(verb, environment).wait(SECONDS)
    assert code == 0, f"{verb} ended with {code}"
    _after()
    return [(message.words, message.seconds) for message in wire.messages]


def strike(verb: str, target: str, number: int, moment: str, seconds: float) -> dict[str, Any]:
    """Kill the worker, or the backend that serves it, at one message; say what was left and what repair made of it."""
    _before(verb)
    worker: list[subprocess.Popen[bytes]] = []
    answered: list[int] = []

    def hit(backend: int) -> None:
        if verb != "destroy" and moment != Moment.DURING:
            answered.append(_answer())  # what the host says while the verb stands in its middle
        if target == "worker":
            worker[0].kill()
            worker[0].wait()
        elif target == "backend":
            with contextlib.suppress(ProcessLookupError):
                os.kill(backend, signal.SIGKILL)
        else:
            with psycopg.connect(os.environ[OWNER], autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [backend])

    with _wire(Point(number, Moment(moment)), hit, seconds) as (wire, environment):
        worker.append(_start(verb, environment))
        code = worker[0].wait(SECONDS)
    assert wire.struck is not None, f"{verb} has no message {number}"
    _wait_for_the_end_of(wire.backends)
    return {"struck": wire.struck.words, "code": code, "during": answered, **_look(verb)}


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


def _start(verb: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = {
        "create": [
            "tenant_create",
            SLUG,
            "--name",
            NAME,
            "--plan",
            "pro",
            "--owner",
            f"u{next(numbers)}@umbrella.example",
        ],
        "restore": ["backup_restore", str(backup_id), SLUG, "--name", NAME, "--json"],
        "destroy": ["tenant_destroy", SLUG, "--yes"],
    }[verb]
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def _wire(point: Point | None, hit: Any, during: float = 0) -> Iterator[tuple[Wire, dict[str, str]]]:
    """Put a wire between the worker's login `owner` and the server; yields it and the worker's variables."""
    url = urlsplit(os.environ[OWNER])
    (server,) = parse_qs(url.query)["host"]
    with tempfile.TemporaryDirectory(prefix="wire-") as place:
        wire = Wire(Path(place), Path(server), point, hit, during)
        try:
            # urlunsplit would drop the empty authority of postgresql:///name.
            netloc = url.netloc or "@"
            through = urlunsplit(url._replace(netloc=netloc, query=f"host={quote(place)}"))
            yield wire, {**os.environ, OWNER: through}
        finally:
            wire.close()


def _wait_for_the_end_of(backends: list[int]) -> None:
    """A backend whose client is dead goes on to the end of its statement; a server that lost one starts anew."""
    connections.close_all()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(os.environ[OWNER]) as looking:
            query = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)"
            if looking.execute(query, [backends]).fetchone() == (0,):
                return
        time.sleep(0.05)
    raise TimeoutError(f"backends {backends} still run")
