"""Tenants that are suspended, archived or destroyed, and hosts that nobody has: no byte of anybody comes from there."""

import itertools
import random
import time
from collections.abc import Iterator

from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import staff
from tests.bench.leasehold.attacks.tokens import sign_in
from tests.bench.leasehold.side import PASSWORD
from tests.bench.web import client, site
from tests.bench.web.site import Site

WAYS = ("suspend", "archive", "destroy")
SETTLED_SECONDS = 2.5  # every process sees a closed host within 2 s
TARGETS = (
    "/ /sign-in /sign-out /api/v1/me /api/v1/products /api/v1/keys /api/v1/usage /api/v1/session /api/v1/docs"
    " /api/v1/openapi.json /bench/read /bench/stream /bench/cached /bench/page /bench/visits /static/x /admin/ /nothing"
).split()
METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
numbers = itertools.count()


@attack(
    "hosts that are closed, asked by their members",
    tries=900,
    quick=0,
    sides=(OURS,),
    passes=Passes.ALL_REFUSED,
)
def closed(run: Run) -> None:
    """Read a tenant's pages until it is closed, then ask for them again with everything that its member holds."""
    web = site.of(run)
    slugs = [f"closing-{next(numbers)}" for _ in WAYS]
    tenants = [Tenant(**made) for made in staff.call("create", slugs=slugs)]
    run.tally.score.made += [tenant.as_json() for tenant in tenants]
    for tenant, how in zip(tenants, WAYS, strict=True):
        for target in TARGETS:
            for headers in (site.bearer(tenant), site.cookie(tenant)):
                web.ask(tenant, target, headers=headers)  # every cache holds its pages now
        staff.call("close", slug=tenant.slug, how=how)
    time.sleep(SETTLED_SECONDS)
    asked = _questions(tenants)

    def work(share: int, rng: random.Random) -> None:
        for _ in range(share):
            tenant, method, target, headers = next(asked)
            with run.tally.attempt(tenant) as found:
                reply = web.ask(tenant, target, method=method, headers=headers)
                site.saw_nothing(found, reply, f"{method} {target}")
        _sign_in(run, web, rng.choice(tenants))

    run.threads(8, work)
    _elsewhere(run, web, tenants)


def _questions(tenants: list[Tenant]) -> Iterator[tuple[Tenant, str, str, list[tuple[str, str]]]]:
    found = itertools.product(METHODS, TARGETS, tenants)
    for n, (method, target, tenant) in enumerate(itertools.cycle(found)):
        yield tenant, method, target, [site.bearer, site.cookie][n % 2](tenant)


def _sign_in(run: Run, web: Site, tenant: Tenant) -> None:
    with run.tally.attempt(tenant) as found:
        site.saw_nothing(found, sign_in(web, tenant, tenant.facts["email"], PASSWORD), "sign in")


def _elsewhere(run: Run, web: Site, closed: list[Tenant]) -> None:
    """What a closed tenant's member holds is nothing on an open host either."""
    for tenant, host in itertools.product(closed, run.side.tenants[:2]):
        for headers in (site.bearer(tenant), site.cookie(tenant)):
            with run.tally.attempt(tenant) as found:
                site.saw_nothing(found, web.ask(host, "/api/v1/products", headers=headers), "on an open host")


@attack("hosts that nobody has, every method", tries=500, quick=40, sides=(OURS,), passes=Passes.ALL_REFUSED)
def unknown(run: Run) -> None:
    """Ask hosts without a row for everything, with a member's key and session."""
    web = site.of(run)
    hosts = (
        "nobody.example.com",
        "example.org",
        "console.example.com",
        "admin.example.com",
        "www.example.com",
    )

    def work(rng: random.Random) -> None:
        tenant, method, target = rng.choice(run.side.tenants), rng.choice(METHODS), rng.choice(TARGETS)
        headers = rng.choice((site.bearer, site.cookie))(tenant)
        host = rng.choice(
            (*hosts, f"www.{tenant.host}", f"{tenant.slug}.example.org", f"{tenant.schema}.example.com")
        )
        with run.tally.attempt(tenant) as found:
            data = client.request(host, target, method=method, headers=headers, close=True)
            site.saw_nothing(found, client.ask(web.port, data, method=method), f"{method} {host}{target}")

    site.each(run, 8, work)
