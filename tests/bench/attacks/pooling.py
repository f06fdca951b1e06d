"""Attacks by numbers: many threads and tenants over few connections."""

import random

from saas.commerce.models import Product
from tests.bench.harness import Run, attack

CONNECTIONS = ("direct", "pgbouncer", "server binding", "closed at once", "prepared")


@attack("reads and writes, 8 threads", tries=4_000, quick=40, over=CONNECTIONS, writes=True)
def read_and_write_8(run: Run) -> None:
    _read_and_write(run, 8)


def _read_and_write(run: Run, threads: int) -> None:
    def work(tries: int, rng: random.Random) -> None:
        for n in range(tries):
            tenant = rng.choice(run.side.tenants)
            with run.tally.attempt(tenant) as found, run.enter(tenant):
                found.saw(list(Product.objects.values_list("name", "description")[:3]), "products")
                if n % 4 == 0:
                    Product.objects.filter(slug=f"{tenant.canary}-0").update(price=n)
                    found.saw(Product.objects.get(slug__endswith="-0").name, "what was written")

    run.threads(threads, work)
