"""Cancels and timeouts at any moment: during the entry, a query, COMMIT. An error is fine, another's row is not."""

import ctypes
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, close_old_connections, connections, transaction

from saas.commerce.models import Category
from tenants import context, exceptions
from tenants.db.base import DatabaseWrapper
from tenants.directory import Entry
from tests import databases

TwoTenants = tuple[Entry, Entry]
SECONDS, LONGEST, ENOUGH = 2.0, 60.0, 10
FINE = (DatabaseError, psycopg.Error, exceptions.EntryFailed, exceptions.TransactionAborted)


def wrapper() -> DatabaseWrapper:
    found = connections["default"]
    assert isinstance(found, DatabaseWrapper)
    return found


@pytest.fixture
def canaries(fresh_db: str, two_tenants: TwoTenants) -> TwoTenants:
    for tenant in two_tenants:
        with context.use(tenant):
            Category.objects.create(name=tenant.slug, slug="canary")
    return two_tenants


@contextmanager
def storm(signal: str) -> Iterator[Callable[[int], None]]:
    """Cancel or end the backend that is named last, again and again, at random moments; yields what names it."""
    target, over = [0], threading.Event()

    def rage() -> None:
        chance = random.Random(7)
        with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
            while not over.is_set():
                if target[0]:
                    admin.execute(f"SELECT {signal}(%s)".encode(), [target[0]])
                time.sleep(chance.random() * (0.002 if signal == "pg_cancel_backend" else 0.1))

    raging = threading.Thread(target=rage)
    raging.start()
    try:
        yield lambda pid: target.__setitem__(0, pid)
    finally:
        over.set()
        raging.join()


def read_and_write(tenant: Entry) -> set[tuple[str, str]]:
    """Return each (role, name) seen on every way to rows."""
    seen = set()
    with wrapper().cursor() as cursor:
        cursor.execute("SELECT current_user, name FROM commerce_category")
        seen |= set(cursor.fetchall())
    with transaction.atomic():
        Category.objects.filter(slug="canary").update(position=1)
    seen |= {(tenant.schema_name, name) for name in Category.objects.values_list("name", flat=True)}
    seen |= {(tenant.schema_name, row.name) for row in Category.objects.iterator(chunk_size=1)}
    return seen


def visits(tenants: TwoTenants, found: Counter[str]) -> Iterator[Entry]:
    """Yield tenants in turn for some seconds, and on a busy machine until there was something to judge."""
    began = time.monotonic()
    while (seconds := time.monotonic() - began) < LONGEST:
        if seconds > SECONDS and min(found["right"], found["errors"]) >= ENOUGH:
            return
        yield from tenants


def weather(tenants: TwoTenants, name: Callable[[int], None]) -> Counter[str]:
    found: Counter[str] = Counter()
    for tenant in visits(tenants, found):
        seen: set[tuple[str, str]] = set()
        try:
            with context.use(tenant):
                name(wrapper().connection.info.backend_pid)
                seen = read_and_write(tenant)
        except FINE:
            found["errors"] += 1
        else:
            found["right"] += seen == {(tenant.schema_name, tenant.slug)}
        found["wrong"] += not seen <= {(tenant.schema_name, tenant.slug)}
    return found


@pytest.mark.parametrize("signal", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_storm_ends_contexts_in_errors_and_never_elsewhere(canaries: TwoTenants, signal: str) -> None:
    with storm(signal) as name:
        found = weather(canaries, name)
    assert found["wrong"] == 0, found
    assert min(found["right"], found["errors"]) >= ENOUGH, found
    for tenant in canaries:
        with context.use(tenant):
            assert Category.objects.get().name == tenant.slug


def test_a_storm_of_timeouts_does_neither(canaries: TwoTenants, settings: Any) -> None:
    settings.LEASEHOLD_STATEMENT_TIMEOUT_MS = 1
    found: Counter[str] = Counter()
    for tenant in visits(canaries, found):
        try:
            with context.use(tenant), wrapper().cursor() as cursor:
                cursor.execute(
                    "SELECT c.name, count(*) FROM commerce_category c, generate_series(1, %s) GROUP BY 1",
                    [random.randrange(20_000)],
                )
                found[
                    "right" if [name for name, _ in cursor.fetchall()] in ([tenant.slug], []) else "wrong"
                ] += 1
        except FINE:
            found["errors"] += 1
    assert found["wrong"] == 0, found
    assert min(found["right"], found["errors"]) >= ENOUGH, found


class Interrupted(Exception):
    """What a time limit raises in the middle of anything."""


def test_an_exception_between_any_two_instructions_does_neither(
    canaries: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Celery's soft time limit and a server's worker timeout raise it: also inside the entry and the leaving."""
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # it strikes in destructors as well
    found: Counter[str] = Counter()
    over = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        struck = executor.submit(threading.get_ident).result()
        chance = random.Random(7)
        for _ in range(20):  # again when it strikes where nobody catches it
            work = executor.submit(visit_and_survive, canaries, found)
            while not (work.done() or over.wait(chance.random() * 0.05)):
                strike(struck, Interrupted)
            strike(struck, None)  # takes back one that was not raised yet
            wait([work])
            if work.exception() is None:
                break
        executor.submit(connections.close_all).result()
    assert found["wrong"] == 0, found
    assert min(found["right"], found["errors"]) >= ENOUGH, found


def strike(thread: int, error: type[Exception] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error and ctypes.py_object(error))


def visit_and_survive(canaries: TwoTenants, found: Counter[str]) -> None:
    for tenant in visits(canaries, found):
        seen: set[tuple[str, str]] = set()
        try:
            close_old_connections()  # as between two requests or tasks
            with context.use(tenant):
                seen = read_and_write(tenant)
            found["right"] += seen == {(tenant.schema_name, tenant.slug)}
        except Exception:  # noqa: BLE001  psycopg and Django wrap it, or break off elsewhere
            found["errors"] += 1
        found["wrong"] += not seen <= {(tenant.schema_name, tenant.slug)}
