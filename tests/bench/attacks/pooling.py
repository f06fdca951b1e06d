"""Attacks by numbers: many threads and tenants over few connections."""

import random
from contextlib import suppress

from django.db import IntegrityError, connection, transaction

from saas.commerce.models import Category, Product
from tests.bench import rows
from tests.bench.harness import Run, Tenant, attack

CONNECTIONS = ("direct", "pgbouncer", "pool", "server binding", "prepared")


class Interruption(BaseException):
    """What no `except Exception` catches, as a worker that is told to stop."""


@attack("reads, 8 threads", tries=9_000, quick=40, over=CONNECTIONS)
def read_in_8_threads(run: Run) -> None:
    run.threads(8, lambda tries, rng: _read(run, tries, rng))


@attack("reads, 64 threads", tries=9_000, quick=0, over=("direct", "pgbouncer"))
def read_in_64_threads(run: Run) -> None:
    run.threads(64, lambda tries, rng: _read(run, tries, rng))


@attack("reads, a connection for each", tries=1_500, quick=20, over=("closed at once",))
def read_with_a_connection_each(run: Run) -> None:
    run.threads(4, lambda tries, rng: _read(run, tries, rng))


@attack("reads and writes, 8 threads", tries=3_000, quick=40, over=("direct", "pgbouncer"), writes=True)
def write_in_8_threads(run: Run) -> None:
    run.threads(8, lambda tries, rng: _write(run, tries, rng))


@attack(
    "exceptions inside a block, then the next tenant", tries=4_000, quick=70, over=("direct", "pgbouncer")
)
def fail_inside(run: Run) -> None:
    run.threads(4, lambda tries, rng: _fail(run, tries, rng))


def _read(run: Run, tries: int, rng: random.Random) -> None:
    for _ in range(tries):
        tenant = rng.choice(run.side.tenants)
        with run.tally.attempt(tenant) as found, run.enter(tenant):
            found.saw(list(Product.objects.values_list("name", "description")[:3]), "products")


def _write(run: Run, tries: int, rng: random.Random) -> None:
    for n in range(tries):
        tenant = rng.choice(run.side.tenants)
        with run.tally.attempt(tenant) as found, run.enter(tenant):
            Product.objects.filter(slug=f"{tenant.canary}-0").update(price=n)
            found.saw(Product.objects.get(slug__endswith="-0").name, "what was written")
            found.saw(list(Category.objects.values_list("name")), "categories")


def _fail(run: Run, tries: int, rng: random.Random) -> None:
    for n in range(tries):
        broken, tenant = run.pair(rng)
        with run.tally.attempt(tenant) as found:
            with suppress(Exception, Interruption), run.enter(broken):
                # What the broken one may see is its own.
                assert all(broken.canary in name for name in Product.objects.values_list("name", flat=True))
                FAILURES[n % len(FAILURES)](broken)
            run.look(found, tenant)


def _raise(_: Tenant) -> None:
    raise ValueError


def _interrupt(_: Tenant) -> None:
    raise Interruption


def _violate(_: Tenant) -> None:
    """Whose ever shop it is written to, it is there already."""
    Category.objects.create(id=rows.TWIN, name="again", slug="again")


def _swallow(tenant: Tenant) -> None:
    with suppress(IntegrityError):
        _violate(tenant)


def _overflow(_: Tenant) -> None:
    Product.objects.extra(where=["1/0 = 1"]).count()


def _close(_: Tenant) -> None:
    connection.close()


def _roll_back(_: Tenant) -> None:
    with transaction.atomic():
        transaction.set_rollback(True)


FAILURES = [_raise, _interrupt, _violate, _swallow, _overflow, _close, _roll_back]
