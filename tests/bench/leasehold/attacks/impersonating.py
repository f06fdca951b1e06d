"""An operator's handover: its code on another tenant or shown twice, its session on another tenant or past its time."""

import random

from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import staff
from tests.bench.web import site
from tests.bench.web.client import Reply
from tests.bench.web.site import Site

FORM = ("Content-Type", "application/x-www-form-urlencoded")
READS = ("/api/v1/me", "/api/v1/products", "/api/v1/usage", "/api/v1/keys", "/api/v1/audit")
KINDS = ("code of A on B", "code of A on A twice", "session of A on B", "session past its time")


@attack(
    "impersonation past its time, its code on another tenant",
    tries=80,
    quick=8,
    sides=(OURS,),
    passes=Passes.REFUSED,
)
def handovers(run: Run) -> None:
    """Read the API with whatever a code or an ended session gives; nothing shall."""
    web = site.of(run)
    pairs = [run.pair() for _ in range(run.tries)]
    made = staff.call("hand_over", slugs=[a.slug for a, _ in pairs])
    cookies = {}
    for n, (a, _) in enumerate(pairs):
        if n % len(KINDS):  # the code of the first kind stays unused until B sees it
            cookies[n] = _cookie(show(web, a, made[n]["code"]))
            assert web.ask(a, "/api/v1/me", headers=cookies[n]).status == 200, "the handover itself must work"
    staff.call("pass_time", grants=[made[n]["grant"] for n in range(run.tries) if n % len(KINDS) == 3])
    for n, (a, b) in enumerate(pairs):
        kind = KINDS[n % len(KINDS)]
        host = a if kind in (KINDS[1], KINDS[3]) else b
        headers = cookies.get(n, [])
        # Nobody may read the host's rows in this try, not even its own: the one who acts is the other tenant.
        actor = b if host is a else a
        with run.tally.attempt(actor) as found:
            if n % len(KINDS) < 2:
                reply = show(web, host, made[n]["code"])
                found.leaks += [] if reply.status == 403 else [f"{kind}: status {reply.status}"]
                headers = _cookie(reply)
            target = random.Random(n).choice(READS)
            site.saw(found, web.ask(host, target, headers=headers), f"{kind}: {target}")
            found.saw(bytes(web.ask(actor, "/api/v1/products", headers=site.bearer(actor))), "its own host")


def show(web: Site, tenant: Tenant, code: str) -> Reply:
    return web.ask(tenant, "/impersonation", method="POST", headers=[FORM], body=f"code={code}".encode())


def _cookie(reply: Reply) -> list[tuple[str, str]]:
    return [("Cookie", f"{name}={value}") for name, value in reply.cookies().items()]
