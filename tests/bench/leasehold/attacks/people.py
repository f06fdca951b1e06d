"""Signing in on another tenant's host: one answer and one time for everybody who is no member."""

import random
import time

from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import timing
from tests.bench.leasehold.attacks.tokens import sign_in
from tests.bench.leasehold.side import PASSWORD
from tests.bench.web import site


@attack("password of A's member on B", tries=160, quick=16, sides=(OURS,), passes=Passes.REFUSED)
def passwords(run: Run) -> None:
    """Compare the answers to a member of another tenant, a wrong password and an address that nobody has."""
    web = site.of(run)
    times: dict[str, list[float]] = {
        "another tenant's member": [],
        "wrong password": [],
        "unknown address": [],
    }
    answers: set[bytes] = set()
    kinds = list(times)

    def attempt(n: int, a: Tenant, b: Tenant) -> None:
        kind = kinds[n % len(kinds)]
        email, password = {
            "another tenant's member": (a.facts["email"], PASSWORD),
            "wrong password": (b.facts["email"], "wrong"),
            "unknown address": (f"{random.getrandbits(128):032x}.......@example.com", PASSWORD),
        }[kind]
        with run.tally.attempt(a) as found:
            began = time.perf_counter()
            reply = sign_in(web, b, email, password)
            times[kind].append(time.perf_counter() - began)
            site.saw(found, reply, kind)
            answers.add(timing.comparable(reply))
            if len(answers) > 1:
                found.leaks.append(f"answers differ: {sorted(answers)}"[:400])
            found.saw(bytes(web.ask(a, "/api/v1/products", headers=site.bearer(a))), "A itself")

    for n in range(run.tries):
        attempt(n, *run.pair())
    for one in kinds[1:]:
        run.tally.note(timing.compare(f"sign-in, {kinds[0]} to {one}", times[kinds[0]], times[one]))


@attack(
    "login CSRF: A's page signs a browser in at B", tries=60, quick=6, sides=(OURS,), passes=Passes.REFUSED
)
def login_forgery(run: Run) -> None:
    """Post B's own credentials from a page of A, as JSON and as a form."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        origin = [("Origin", f"http://{a.host}"), ("Referer", f"http://{a.host}/")]
        form = f"email={b.facts['email']}&password={PASSWORD.replace(' ', '+')}".encode()
        with run.tally.attempt(b) as found:
            if rng.random() < 0.5:
                reply = sign_in(web, b, b.facts["email"], PASSWORD, headers=origin)
            else:
                kind = ("Content-Type", "application/x-www-form-urlencoded")
                reply = web.ask(b, "/sign-in", method="POST", headers=[kind, *origin], body=form)
            site.saw(found, reply, "login")
            if reply.cookies().keys() & {b.facts["cookie"].partition("=")[0]}:
                found.leaks.append(f"a session began: {bytes(reply)!r}"[:400])
            found.saw(bytes(web.ask(b, "/api/v1/products", headers=site.bearer(b))), "B itself")

    site.each(run, 4, work)


@attack("signed-in pages and API, all at once", tries=2_500, quick=80, sides=(OURS,))
def members(run: Run) -> None:
    """Read everything that a member can read, with a key or a session, of all tenants in turn."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        tenant = rng.choice(run.side.tenants)
        proof = rng.choice((site.bearer, site.cookie))(tenant)
        product = rng.choice(tenant.facts["products"])
        target = rng.choice(
            (
                "/",
                "/api/v1/me",
                "/api/v1/products",
                "/api/v1/keys",
                "/api/v1/usage",
                f"/api/v1/products/{product}",
            )
        )
        with run.tally.attempt(tenant) as found:
            site.saw(found, web.ask(tenant, target, headers=proof), target)

    site.each(run, 16, work)
