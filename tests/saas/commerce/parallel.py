"""Many at once: real threads, each with a context, a transaction and a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from saas.commerce.exceptions import CommerceError
from tenants import context
from tenants.directory import Entry

AT_ONCE = 25  # connections


def all_at_once(work: Callable[[int], object], count: int, *, tenant: Entry) -> list[object]:
    """Run work(0) to work(count - 1) in batches that start together; return results or the codes of refusals."""

    def run(number: int, together: threading.Barrier) -> object:
        try:
            together.wait()
            with context.use(tenant):
                return work(number)
        except CommerceError as error:
            return error.code
        finally:
            connections.close_all()

    found: list[object] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, count, AT_ONCE):
            batch = range(start, min(start + AT_ONCE, count))
            together = threading.Barrier(len(batch), timeout=60)
            found += pool.map(lambda number, at=together: run(number, at), batch)
    return found
