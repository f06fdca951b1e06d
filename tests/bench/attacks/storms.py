"""Attacks from outside: sessions are cancelled, ended, timed out and interrupted at any moment."""

import random
import signal
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings
from psycopg import sql

from saas.commerce.models import Product
from tests.bench import rows
from tests.bench.harness import Passes, Run, attack, close_connections

THREADS = 4
PAUSE = 0.0002  # seconds between two blows at every session


class TimeIsUp(Exception):
    """Raised by a signal, as Celery's soft time limit and a web server's timeout are."""


@attack("storm of cancels", tries=6_000, quick=80, over=("direct", "pgbouncer"), passes=Passes.EITHER)
def cancel(run: Run) -> None:
    with _storm(run, "pg_cancel_backend", PAUSE):
        run.threads(THREADS, lambda tries, rng: _read(run, tries, rng))


@attack("storm of ended sessions", tries=1_000, quick=30, over=("direct", "pgbouncer"), passes=Passes.EITHER)
def end(run: Run) -> None:
    with _storm(run, "pg_terminate_backend", 250 * PAUSE):
        run.threads(THREADS, lambda tries, rng: _read(run, tries, rng))


@attack("storm of statement timeouts", tries=3_000, quick=60, passes=Passes.EITHER)
def time_out(run: Run) -> None:
    """The limit of the login is near what a read takes, so that it strikes at any statement."""
    with _limit(run, 3):
        run.threads(THREADS, lambda tries, rng: _read_slowly(run, tries, rng))


@attack("a time limit strikes at any moment", tries=3_000, quick=60, passes=Passes.EITHER)
def strike(run: Run) -> None:
    """One thread, interrupted between any two steps of Python: whatever is half done belongs to nobody else."""

    def raise_it(_number: int, _frame: Any) -> None:
        raise TimeIsUp

    usual = _seconds_of_a_read(run)
    former = signal.signal(signal.SIGALRM, raise_it)
    try:
        for _ in range(run.tries):
            tenant = run.rng.choice(run.side.tenants)
            with run.tally.attempt(tenant) as found:
                try:
                    signal.setitimer(signal.ITIMER_REAL, usual * run.rng.uniform(0.05, 2.5))
                    with run.enter(tenant):
                        found.saw(rows.first(), "products")
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    run.side.between_tasks()
    finally:
        signal.signal(signal.SIGALRM, former)


def _seconds_of_a_read(run: Run) -> float:
    found = []
    for tenant in run.side.tenants[:20]:
        began = time.perf_counter()
        with run.enter(tenant):
            rows.first()
        found.append(time.perf_counter() - began)
        run.side.between_tasks()
    return statistics.median(found)


def _read(run: Run, tries: int, rng: random.Random) -> None:
    for _ in range(tries):
        tenant = rng.choice(run.side.tenants)
        with run.tally.attempt(tenant) as found, run.enter(tenant):
            found.saw(list(Product.objects.values_list("name", "description")[:3]), "products")


def _read_slowly(run: Run, tries: int, rng: random.Random) -> None:
    for _ in range(tries):
        tenant = rng.choice(run.side.tenants)
        with run.tally.attempt(tenant) as found, run.enter(tenant):
            found.saw(rows.first(), "products")
            steps = rng.randrange(40_000)
            slow = Product.objects.extra(
                select={"x": "(SELECT count(*) FROM generate_series(1, %s))"}, select_params=[steps]
            )
            found.saw(list(slow.values_list("name", "x")[:1]), "slow products")


@contextmanager
def _storm(run: Run, function: str, pause: float) -> Iterator[None]:
    """Have a thread strike every session of the side, over and over."""
    over = threading.Event()
    blow = sql.SQL(
        "SELECT {}(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user"
    ).format(sql.Identifier(function))

    def strike() -> None:
        with run.administrator() as admin:
            while not over.wait(pause):
                admin.execute(blow)

    thread = threading.Thread(target=strike)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        close_connections()


@contextmanager
def _limit(run: Run, limit: int) -> Iterator[None]:
    """Set the limit of the login, and of our side's contexts, which set their own."""
    statement = sql.SQL("ALTER ROLE {} SET statement_timeout = {}")
    with run.administrator() as admin:
        close_connections()
        admin.execute(statement.format(sql.Identifier(run.login), sql.Literal(str(limit))))
        try:
            with override_settings(LEASEHOLD_STATEMENT_TIMEOUT_MS=limit):
                yield
        finally:
            admin.execute(sql.SQL("ALTER ROLE {} RESET statement_timeout").format(sql.Identifier(run.login)))
            close_connections()
