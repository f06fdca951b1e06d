"""An attack is a plain function that is registered here; a run gives it tenants, a tally and a number of tries."""

import importlib
import os
import pkgutil
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import psycopg

from tests.bench.tally import Score, Tally, Try

OURS, THEIRS = "leasehold", "django-tenants"
SEED = 20


class Passes(StrEnum):
    """What an attack must come to on our side. No foreign canary may arrive in any of them."""

    OWN = "own"  # each try sees its own canary, and none fails
    REFUSED = "refused"  # each try fails, and sees its own canary where it looks afterwards
    EITHER = "either"  # each try sees its own canary or fails, and some see it
    ALL_REFUSED = "all refused"  # each try fails; it has nothing of its own to see


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of one side, and what an attack may know of it. facts: keys, sessions, ids of rows."""

    id: str
    schema: str
    slug: str
    host: str
    canary: str
    facts: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


# Whose canary is everyone's: for work that was started for no tenant.
NOBODY = Tenant(id="", schema="", slug="", host="", canary="")


class Side(Protocol):
    """A way of keeping tenants apart, inside a Django process of its own."""

    name: str
    tenants: Sequence[Tenant]

    def enter(self, tenant: Tenant) -> AbstractContextManager[Any]:
        """Enter tenant as this side's documentation says."""

    def request(self, tenant: Tenant) -> AbstractContextManager[Any]:
        """Enter tenant as this side's middleware does."""

    def between_tasks(self) -> None:
        """Do what stands between two tasks of a Celery worker, which goes on after a time limit."""

    def furnish(self, tenant: Tenant) -> None:
        """Put the tenant's rows back as they were, its canary in each."""


@dataclass(frozen=True)
class Attack:
    name: str
    run: Callable[["Run"], None] | None  # None in the parent, which has no Django project
    tries: int
    quick: int
    sides: tuple[str, ...]
    passes: Passes
    over: tuple[str, ...]
    writes: bool
    open_on_managed: bool


@dataclass
class Run:
    """One attack on one side. `tries` is how many it has to make in all."""

    side: Side
    tries: int
    tally: Tally = field(default_factory=Tally)
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))

    @property
    def ours(self) -> bool:
        return self.side.name == OURS

    def pair(self, rng: random.Random | None = None) -> tuple[Tenant, Tenant]:
        """Return two tenants, the attacker and the victim, at random."""
        attacker, victim = (rng or self.rng).sample(list(self.side.tenants), 2)
        return attacker, victim

    @contextmanager
    def enter(self, tenant: Tenant) -> Iterator[None]:
        """Enter tenant, and do at the end with the connection what Django does at the end of a request."""
        try:
            with self.side.enter(tenant):
                yield
        finally:
            close_old_connections()

    def look(self, found: Try, tenant: Tenant) -> None:
        """Enter tenant anew, as the next request does, and note what its shop shows."""
        with self.enter(tenant):
            found.saw(_shop(), "its shop")

    @contextmanager
    def administrator(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the superuser, for what happens to a session from outside."""
        with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
            yield admin

    @property
    def login(self) -> str:
        """The database user of this process."""
        return os.environ["BENCH_LOGIN"]

    def threads(self, count: int, work: Callable[[int, random.Random], None]) -> None:
        """Do the tries in `count` threads at once: each calls work(tries of this thread, its own randomness)."""
        shares = [self.tries // count + (n < self.tries % count) for n in range(count)]
        barrier = threading.Barrier(count)

        def start(n: int, share: int) -> None:
            barrier.wait()
            try:
                work(share, random.Random(SEED + n))
            finally:
                close_connections()

        with ThreadPoolExecutor(count) as pool:
            for future in [pool.submit(start, n, share) for n, share in enumerate(shares)]:
                future.result()


def _shop() -> Any:
    from tests.bench import rows

    return rows.shop()


def close_connections() -> None:
    from django.db import connections  # the parent process loads this module without a Django project

    connections.close_all()


def close_old_connections() -> None:
    from django import db

    db.close_old_connections()


ATTACKS: dict[str, Attack] = {}


def attack(
    name: str,
    *,
    tries: int,
    quick: int,
    sides: tuple[str, ...] = (OURS, THEIRS),
    passes: Passes = Passes.OWN,
    over: tuple[str, ...] = ("direct",),
    writes: bool = False,
    open_on_managed: bool = False,
) -> Callable[[Callable[[Run], None]], Callable[[Run], None]]:
    """Register an attack. quick: tries in `make test`; 0 leaves it out there.

    over: by which connections it goes, see `ground.CONNECTIONS`; each is a row of the table. writes: it changes rows,
    which are put back afterwards. open_on_managed: it needs what an administrator who is no superuser cannot take from
    tenants; there it must get through, or it is named for nothing (docs/support.md).
    """

    def register(run: Callable[[Run], None]) -> Callable[[Run], None]:
        assert name not in ATTACKS, name
        ATTACKS[name] = Attack(name, run, tries, quick, sides, passes, over, writes, open_on_managed)
        return run

    return register


def load(packages: Sequence[str]) -> dict[str, Attack]:
    """Return every attack of the modules in these packages, in the order of modules and lines."""
    for package in packages:
        path = importlib.import_module(package).__path__
        for module in sorted(found.name for found in pkgutil.iter_modules(path)):
            importlib.import_module(f"{package}.{module}")
    return ATTACKS


def failures(attack: Attack, score: Score, planned: int) -> list[str]:
    """Return what keeps our side from passing."""
    own, errors = score.own, score.errors
    rules = {
        "a foreign canary arrived": score.foreign == 0,
        "fewer tries ran than planned": score.tries >= planned,
        "its own canary did not always arrive": attack.passes in (Passes.EITHER, Passes.ALL_REFUSED)
        or own == score.tries,
        "its own canary never arrived": attack.passes is Passes.ALL_REFUSED or own > 0,
        "a try failed": attack.passes is not Passes.OWN or errors == 0,
        "a try was not refused": attack.passes not in (Passes.REFUSED, Passes.ALL_REFUSED)
        or errors == score.tries,
        "a try neither failed nor saw its canary": attack.passes is not Passes.EITHER
        or own + errors >= score.tries,
    }
    return [problem for problem, holds in rules.items() if not holds]
