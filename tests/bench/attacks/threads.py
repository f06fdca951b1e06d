"""Threads, executors and the event loop: work that was started in one tenant and runs somewhere else."""

import asyncio
import contextvars
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from tests.bench import rows
from tests.bench.harness import NOBODY, Passes, Run, Tenant, attack, close_connections

WORKERS = 6


@attack("a thread that inherits nothing", tries=300, quick=10, passes=Passes.REFUSED)
def thread(run: Run) -> None:
    _start_inside(run, lambda work: work)


@attack("a thread with a copy of the context", tries=300, quick=10, passes=Passes.REFUSED)
def thread_with_a_copy(run: Run) -> None:
    _start_inside(run, lambda work: _bind(contextvars.copy_context(), work))


@attack("an executor's threads, tenants taking turns", tries=6_000, quick=60)
def executor(run: Run) -> None:
    def job(tenant: Tenant, pause: float) -> None:
        with run.tally.attempt(tenant) as found, run.enter(tenant):
            found.saw(rows.first(), "first query")
            time.sleep(pause)
            found.saw(rows.first(), "second query")

    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [
            pool.submit(job, run.rng.choice(run.side.tenants), run.rng.random() * 0.002)
            for _ in range(run.tries)
        ]
        for done in jobs:
            done.result()
        _close_in(pool)


@attack("work for no tenant in a thread that served one", tries=600, quick=10, passes=Passes.ALL_REFUSED)
def after_a_request(run: Run) -> None:
    """A request has ended in this thread; what runs next forgot to say for whom it works."""
    with ThreadPoolExecutor(1) as pool:
        for _ in range(run.tries):
            tenant = run.rng.choice(run.side.tenants)
            pool.submit(_serve, run, tenant).result()
            pool.submit(_read_for_nobody, run).result()
        _close_in(pool)


@attack("gather of tasks in threads of their own", tries=3_000, quick=40)
def gather(run: Run) -> None:
    def read(tenant: Tenant) -> None:
        with run.tally.attempt(tenant) as found:
            try:
                with run.enter(tenant):
                    found.saw(rows.first(), "first query")
                    time.sleep(0.001)
                    found.saw(rows.first(), "second query")
            finally:
                close_connections()

    async def all_of(tenants: list[Tenant]) -> None:
        await asyncio.gather(*(sync_to_async(read, thread_sensitive=False)(tenant) for tenant in tenants))

    for batch in _batches(run):
        async_to_sync(all_of)(batch)


@attack("gather of tasks in one thread", tries=3_000, quick=40)
def gather_in_one_thread(run: Run) -> None:
    def read(tenant: Tenant) -> None:
        with run.tally.attempt(tenant) as found, run.enter(tenant):
            found.saw(rows.first(), "a query")

    async def all_of(tenants: list[Tenant]) -> None:
        await asyncio.gather(*(sync_to_async(read)(tenant) for tenant in tenants))

    for batch in _batches(run):
        async_to_sync(all_of)(batch)
    async_to_sync(sync_to_async(close_connections))()


@attack("a tenant entered on the event loop", tries=300, quick=20, passes=Passes.REFUSED)
def enter_on_the_loop(run: Run) -> None:
    """Tasks take turns between entering and reading; what they share is the loop's thread."""

    async def read(tenant: Tenant) -> None:
        with run.tally.attempt(tenant) as found:
            with found.hostile("on the loop"), run.side.enter(tenant):
                await asyncio.sleep(random.random() * 0.002)
                found.saw(await sync_to_async(rows.first)(), "read in a thread")
            await sync_to_async(run.look)(found, tenant)

    async def all_of(tenants: list[Tenant]) -> None:
        await asyncio.gather(*map(read, tenants))

    for batch in _batches(run):
        async_to_sync(all_of)(batch)


def _start_inside(run: Run, wrap: Any) -> None:
    for _ in range(run.tries):
        tenant = run.rng.choice(run.side.tenants)
        with run.tally.attempt(tenant) as found:
            with found.hostile("thread"), run.enter(tenant):
                rows.first()
                found.saw(_in_thread(wrap(rows.first)), "read in a thread")
            run.look(found, tenant)


def _bind(context: contextvars.Context, work: Any) -> Any:
    return lambda: context.run(work)


def _in_thread(work: Any) -> Any:
    answer: Future[Any] = Future()

    def start() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # noqa: BLE001  raised again where it is waited for
            answer.set_exception(error)
        finally:
            close_connections()

    worker = threading.Thread(target=start)
    worker.start()
    worker.join()
    return answer.result()


def _serve(run: Run, tenant: Tenant) -> None:
    with run.side.request(tenant):
        assert tenant.canary in str(rows.first())


def _read_for_nobody(run: Run) -> None:
    with run.tally.attempt(NOBODY) as found:
        found.saw(rows.first(), "read for nobody")


def _batches(run: Run) -> list[list[Tenant]]:
    size = 20
    return [
        [run.rng.choice(run.side.tenants) for _ in range(min(size, run.tries - start))]
        for start in range(0, run.tries, size)
    ]


def _close_in(pool: ThreadPoolExecutor) -> None:
    """Have every thread of the pool close its connection: each waits until all have begun."""
    barrier = threading.Barrier(pool._max_workers)

    def close() -> None:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(5)
        close_connections()

    for done in [pool.submit(close) for _ in range(pool._max_workers)]:
        done.result()
