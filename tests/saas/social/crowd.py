"""Many people at once: each a thread with a connection and a transaction of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from tenants import context
from tenants.directory import Entry

AT_ONCE = 25  # the server of the tests has about 100 connections


def at_once(tenant: Entry, jobs: int, act: Callable[[int], None]) -> list[BaseException]:
    """Run act(0) to act(jobs - 1), AT_ONCE beginning together, each in its own context; return what they raised."""
    start = threading.Barrier(AT_ONCE)

    def run(number: int) -> None:
        try:
            start.wait(timeout=60)
            with context.use(tenant):
                act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = [pool.submit(run, number) for number in range(jobs)]
    return [error for job in done if (error := job.exception())]
