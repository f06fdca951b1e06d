"""A browser's cookies, shown on the host of another tenant."""

import random

from tests.bench.harness import Passes, Run, attack
from tests.bench.web import site


@attack("session cookie of A on B", tries=600, quick=20, passes=Passes.REFUSED)
def session(run: Run) -> None:
    """Ask B for a page of signed-in people with a session of A, then A."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        with run.tally.attempt(a) as found:
            site.saw(found, web.ask(b, "/mine", headers=site.cookie(a)), "/mine")
            found.saw(bytes(web.ask(a, "/mine", headers=site.cookie(a))), "its own")

    site.each(run, 8, work)
