"""kill -9 of each process while customers write and backups are taken: nothing is lost, nothing is half done."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from saas import local
from saas.demo.client import Client
from tests.saas.demo import process

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

SLUGS = ("acme", "globex")
PROCESSES = ("web", "console", "worker", "ddl-worker", "mail", "beat", "valkey", "postgresql")
ACKNOWLEDGED = 25  # writes before and after the kill
BACKUPS_EACH = 10
RESTART_SECONDS, TRAFFIC_SECONDS = 60.0, 90.0
# A lost message is found again after ledger.PATIENCE (20 s) by the next sweep (every 15 s).
BACKUP_SECONDS = 150.0

REQUEST = """
import json
from tenants import context, lifecycle, tasks
from tenants.backups import ledger
with context.operator():
    found = []
    for slug in {slugs!r} * {each}:
        found.append(ledger.request(lifecycle.find(slug), by="test_kill"))
        tasks.send(found[-1])
print(json.dumps([str(backup.id) for backup in found]))
"""
STATE = """
import json
from pathlib import Path
from django.conf import settings
from django.db import connections
from billing.models import Subscription, UsageEvent
from tenants import context
from tenants.backups import store
from tenants.models import Backup, Domain, Tenant
def column(query):
    with connections["owner"].cursor() as cursor:
        cursor.execute(query)
        return sorted(name for (name,) in cursor.fetchall())
with context.owner():
    live = list(Tenant.objects.filter(destroyed_at__isnull=True))
    print(json.dumps({
        "tenants": sorted(tenant.schema_name for tenant in live),
        "slugs": sorted(tenant.slug for tenant in live),
        "schemas": column("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-f]{32}$'"),
        "roles": column("SELECT rolname FROM pg_roles WHERE rolname ~ '^t_[0-9a-f]{32}$'"),
        "hosts": Domain.objects.filter(tenant__in=live, is_primary=True).count(),
        "subscriptions": Subscription.objects.filter(tenant__in=live, ended_at__isnull=True).count(),
        "backups": {
            backup.id.hex: [
                backup.state,
                backup.error,
                backup.finished_at is not None
                and store.verify(store.directory(backup.tenant_id, backup.id))[1] == backup.manifest_sha256,
            ]
            for backup in Backup.objects.all()
        },
        "manifests": sorted(path.parent.name for path in Path(settings.LEASEHOLD_BACKUP_DIR).glob("*/*/manifest.json")),
        "events": sorted(UsageEvent.objects.filter(meter="products_created").values_list("event_id", flat=True)),
    }))
"""

numbers = itertools.count(1)


class Traffic:
    """A customer of each shop who creates products one after the other and writes down every answer."""

    def __init__(self, demo: process.Demo) -> None:
        self.clients: dict[str, Client] = {slug: demo.client(slug) for slug in SLUGS}
        self.acknowledged: dict[str, list[str]] = {slug: [] for slug in SLUGS}
        self.attempted: set[str] = set()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._create, args=(slug,)) for slug in SLUGS]

    @contextmanager
    def flowing(self) -> Iterator["Traffic"]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def wait_for_more(self) -> None:
        """Wait until both shops have acknowledged so many more."""
        wanted = {slug: len(found) + ACKNOWLEDGED for slug, found in self.acknowledged.items()}
        process.until(
            lambda: all(len(self.acknowledged[slug]) >= count for slug, count in wanted.items()),
            TRAFFIC_SECONDS,
            "more acknowledged products",
        )

    def _create(self, slug: str) -> None:
        while not self._stop.is_set():
            name = f"kill-{os.getpid()}-{next(numbers)}"
            self.attempted.add(name)
            body = {"name": name, "slug": name, "sku": name.upper(), "price": 100, "currency": "EUR"}
            try:
                answer = self.clients[slug].post("/api/v1/products", body)
            except OSError:
                self._stop.wait(0.05)
                continue
            if answer.status == 201:
                self.acknowledged[slug].append(answer.body["id"])


@pytest.fixture(scope="module")
def history() -> list[Traffic]:
    """All traffic of the module: what was acknowledged before one kill must also survive the next."""
    return []


@pytest.mark.parametrize("name", PROCESSES)
def test_a_killed_process_loses_nothing(name: str, demo: process.Demo, history: list[Traffic]) -> None:
    traffic = Traffic(demo)
    history.append(traffic)
    with traffic.flowing():
        traffic.wait_for_more()
        creating = {slug: start_creating(demo, slug) for slug in (f"{name}-1", f"{name}-2")}
        requested = Requested(demo)
        killed = demo.pid_of(name)
        os.kill(killed, signal.SIGKILL)
        process.until(lambda: demo.pid_of(name) != killed, RESTART_SECONDS, f"the restart of {name}")
        traffic.wait_for_more()
    codes = {slug: child.wait(process.START_SECONDS) for slug, child in creating.items()}
    state = check_everything(demo, history, requested.ids())
    assert {slug: slug in state["slugs"] for slug in codes} == {
        slug: code == 0 for slug, code in codes.items()
    }


def test_a_killed_demo_goes_on_at_its_second_start(demo: process.Demo, history: list[Traffic]) -> None:
    traffic = Traffic(demo)
    history.append(traffic)
    with traffic.flowing():
        traffic.wait_for_more()
        requested = Requested(demo)
        assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    process.until(lambda: not process.running_in(demo.directory), 20, "the end of every process")
    demo.start()
    check_everything(demo, history, requested.ids())


def start_creating(demo: process.Demo, slug: str) -> "subprocess.Popen[bytes]":
    """Create a tenant by command, so that the kill finds it at some point of its way."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "tenant_create", slug],
        cwd=local.PROJECT,
        env=process.environment(LEASEHOLD_LOCAL_DIR=str(demo.directory)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Requested:
    """Backups that an operator asks for in another terminal; the first of them is being taken when this is made."""

    def __init__(self, demo: process.Demo) -> None:
        log = demo.directory / "log" / "worker.log"
        seen = log.stat().st_size
        self._asking = subprocess.Popen(
            process.shell_command(REQUEST.format(slugs=SLUGS, each=BACKUPS_EACH)),
            cwd=local.PROJECT,
            env=process.environment(LEASEHOLD_LOCAL_DIR=str(demo.directory)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        process.until(
            lambda: b"take_backup" in log.read_bytes()[seen:], process.START_SECONDS, "the first backup"
        )

    def ids(self) -> list[str]:
        said, _ = self._asking.communicate(timeout=process.START_SECONDS)
        return [name.replace("-", "") for name in json.loads(said.splitlines()[-1])]


def check_everything(demo: process.Demo, history: list[Traffic], wanted: list[str]) -> dict[str, Any]:
    def state_when_done() -> dict[str, Any] | None:
        state: dict[str, Any] = demo.shell(STATE)
        open_states = ("requested", "running")
        return None if any(state["backups"][name][0] in open_states for name in wanted) else state

    state = process.until(state_when_done, BACKUP_SECONDS, "the end of every backup")
    assert {name: state["backups"][name] for name in wanted} == {
        name: ["finished", "", True] for name in wanted
    }
    assert state["manifests"] == sorted(state["backups"])
    assert state["tenants"] == state["schemas"] == state["roles"]
    assert state["hosts"] == state["subscriptions"] == len(state["tenants"])
    check_products(demo, history, state)
    return state


def check_products(demo: process.Demo, history: list[Traffic], state: dict[str, Any]) -> None:
    """Acknowledged products exist; what exists was attempted; each has its billable event, and no event is alone."""
    created: list[str] = []
    for slug in SLUGS:
        found = {
            item["id"]: item["slug"] for item in all_products(demo.client(slug)) if "kill-" in item["slug"]
        }
        acknowledged = {name for traffic in history for name in traffic.acknowledged[slug]}
        assert acknowledged <= found.keys()
        assert set(found.values()) <= {name for traffic in history for name in traffic.attempted}
        created += found
    assert state["events"] == sorted(created)


def all_products(client: Client) -> Iterator[dict[str, Any]]:
    more = ""
    while True:
        page = client.get(f"/api/v1/products?limit=100{more}")
        assert page.status == 200, page
        yield from page.body["items"]
        if page.body["next"] is None:
            return
        more = f"&cursor={page.body['next']}"
