"""Many requests of many tenants at once, with pauses, errors, timeouts, and clients and processes that go away."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.bench.harness import OURS, Passes, Run, attack
from tests.bench.web import client, site

AT_ONCE = 500
PLACES = ("before", "between", "behind")
ERRORS = ("raise", "missing", "denied", "break", "swallow", "close")
POOLED = ("direct", "pgbouncer")


def _read(rng: random.Random) -> str:
    return f"/bench/read?pause={rng.uniform(0, 0.03):.3f}"


def _failing(rng: random.Random) -> str:
    return f"{_read(rng)}&fail={rng.choice(PLACES)}:{rng.choice(ERRORS)}"


@attack(
    "500 HTTP requests at once, pauses and exceptions",
    tries=4_000,
    quick=150,
    passes=Passes.EITHER,
    over=POOLED,
)
def crowd(run: Run) -> None:
    """Open 500 connections before the first of them sends its request, again and again."""
    web, count = site.of(run), min(AT_ONCE, run.tries)
    barrier = threading.Barrier(count)

    def work(share: int, rng: random.Random) -> None:
        for _ in range(share):
            tenant, target = rng.choice(run.side.tenants), rng.choice((_read, _read, _failing))(rng)
            with run.tally.attempt(tenant) as found, client.Connection(web.port) as connection:
                barrier.wait()
                connection.send(client.request(tenant.host, target, close=True))
                site.saw(found, connection.reply(), target)

    run.tries = -(-run.tries // count) * count  # each round of the barrier needs all of them
    run.threads(count, work)


def _everywhere(target: str, *, at_once: int = 16) -> Callable[[Run], None]:
    """Return the attack that asks every tenant for the same address."""

    def ask(run: Run) -> None:
        web = site.of(run)

        def work(rng: random.Random) -> None:
            tenant = rng.choice(run.side.tenants)
            with run.tally.attempt(tenant) as found:
                site.saw(found, web.ask(tenant, target.format(pause=f"{rng.uniform(0, 0.02):.3f}")), target)

        site.each(run, at_once, work)

    return ask


attack("a cache key that every tenant uses", tries=1_000, quick=40)(_everywhere("/bench/cached"))
attack("cache_page: one path on all hosts", tries=800, quick=40)(_everywhere("/bench/page"))
attack("ORM and cache in a thread of a view", tries=600, quick=40)(_everywhere("/bench/threads"))
attack("a cache filled by a thread of a view", tries=600, quick=40)(_everywhere("/bench/cached-in-thread"))
attack("gzip for all in turn", tries=300, quick=20)(_everywhere("/bench/zipped"))
attack("streams among other answers", tries=800, quick=40, passes=Passes.EITHER, over=POOLED)(
    _everywhere("/bench/stream?pause={pause}", at_once=32)
)


@attack(
    "statement timeouts under traffic", tries=400, quick=0, sides=(OURS,), passes=Passes.EITHER, over=POOLED
)
def timeouts(run: Run) -> None:
    """Let one request in 20 run into the timeout, between the others; django-tenants has none of its own."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        tenant = rng.choice(run.side.tenants)
        target = "/bench/read?fail=between:slow" if rng.random() < 0.05 else _read(rng)
        with run.tally.attempt(tenant) as found:
            site.saw(found, web.ask(tenant, target), target)

    site.each(run, 16, work)


@attack("clients that hang up in the middle", tries=1_000, quick=40, passes=Passes.EITHER)
def hang_up(run: Run) -> None:
    """Leave before the answer or after its first bytes, and have another tenant served on the same thread."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        leaver, tenant = rng.sample(list(run.side.tenants), 2)
        with suppress(OSError), client.Connection(web.port) as connection:
            connection.send(client.request(leaver.host, f"/bench/stream?pause={rng.uniform(0, 0.02):.3f}"))
            if rng.random() < 0.5:
                connection.socket.recv(rng.randrange(1, 200))
        target = _read(rng)
        with run.tally.attempt(tenant) as found:
            site.saw(found, web.ask(tenant, target), target)

    site.each(run, 16, work)


@attack("one connection, another host each time", tries=2_000, quick=80, passes=Passes.EITHER)
def keep_alive(run: Run) -> None:
    """Ask for A, B, a host that nobody has, and A again over one connection."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        with client.Connection(web.port) as connection:
            for tenant in (a, b, None, a):
                target = rng.choice((_read, _failing))(rng)
                connection.send(client.request(tenant.host if tenant else site.NOBODY, target))
                with run.tally.attempt(tenant or a) as found:
                    reply = connection.reply()
                    (site.saw if tenant else site.saw_nothing)(found, reply, target)

    run.tries = max(1, run.tries // 4)
    site.each(run, 12, work)


@attack("pipelined requests for several hosts", tries=1_200, quick=40, passes=Passes.EITHER)
def pipeline(run: Run) -> None:
    """Send all requests of a connection before the first answer; answers come in the order of the questions."""
    web, length = site.of(run), min(6, len(run.side.tenants))

    def work(rng: random.Random) -> None:
        asked = rng.sample(list(run.side.tenants), length)
        with client.Connection(web.port) as connection:
            connection.send(b"".join(client.request(tenant.host, _read(rng)) for tenant in asked))
            for tenant in asked:
                with run.tally.attempt(tenant) as found:
                    site.saw(found, connection.reply(), "pipelined")

    run.tries = -(-run.tries // length)  # rounds, of a request to each
    site.each(run, 8, work)


@attack("web processes that die in the middle", tries=300, quick=0, passes=Passes.EITHER)
def die(run: Run) -> None:
    """Take the process down a few times; its requests are cut off, the next process starts from nothing."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        tenant = rng.choice(run.side.tenants)
        end = rng.choice(("/bench/die", "/bench/read?fail=between:exit"))
        target = end if rng.random() < 0.02 else _read(rng)
        with run.tally.attempt(tenant) as found:
            site.saw(found, web.ask(tenant, target), target)

    site.each(run, 8, work)
