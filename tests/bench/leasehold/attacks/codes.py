"""One-time codes of the apex: of A's member, shown to B, in another browser, and twice."""

import random
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings

from tenants import context
from tenants.models import User
from tenants.people import hop
from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.tally import Try
from tests.bench.web import site
from tests.bench.web.client import Reply

Headers = list[tuple[str, str]]

# The attacker is no faster for being counted; what is asked here is what a code opens.
hop.PER_PERSON = replace(hop.PER_PERSON, times=1_000_000)


def issue(tenant: Tenant, nonce: str) -> str:
    """Return the path with a code for the tenant's own member, in the browser that has the nonce."""
    binding = urlsplit(hop.ask_url(tenant, nonce, tenant.host)).query.partition("binding=")[2][:64]
    with context.identity():
        person = User.objects.get(pk=tenant.facts["user"])
        url = hop.issue(person, tenant.slug, binding=binding, methods=[])
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _cookie(nonce: str) -> Headers:
    return [("Cookie", f"{settings.HOST_ONLY}hop={nonce}")]


def _refuse(found: Try, reply: Reply, what: object) -> None:
    site.saw(found, reply, str(what))
    if reply.status != 403 or settings.SESSION_COOKIE_NAME in reply.cookies():
        found.leaks.append(f"a session began: {bytes(reply)!r}"[:400])


@attack("one-time code of A on B", tries=300, quick=20, sides=(OURS,), passes=Passes.REFUSED)
def on_another_host(run: Run) -> None:
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        nonce = hop.new_nonce()
        path, headers = issue(a, nonce), _cookie(nonce)
        if rng.random() < 0.5:
            headers = [("Cookie", f"{headers[0][1]}; {b.facts['cookie']}")]  # signed in at B already
        with run.tally.attempt(b) as found:
            _refuse(found, web.ask(b, path, headers=headers), headers)
            found.saw(bytes(web.ask(b, "/api/v1/products", headers=site.bearer(b))), "B itself")

    site.each(run, 6, work)


@attack(
    "one-time code in another browser, and twice", tries=300, quick=20, sides=(OURS,), passes=Passes.REFUSED
)
def in_another_browser(run: Run) -> None:
    """What is refused must not use the code up: its own browser gets in afterwards, and nobody after that."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a = rng.choice(run.side.tenants)
        nonce = hop.new_nonce()
        path, mine = issue(a, nonce), _cookie(nonce)
        with run.tally.attempt(a) as found:
            for elsewhere in (_cookie(hop.new_nonce()), _cookie(""), site.cookie(a), []):
                _refuse(found, web.ask(a, path, headers=elsewhere), elsewhere)
            own = web.ask(a, path, headers=mine)
            assert own.status == 302, own
            begun = [
                ("Cookie", f"{settings.SESSION_COOKIE_NAME}={own.cookies()[settings.SESSION_COOKIE_NAME]}")
            ]
            found.saw(bytes(web.ask(a, "/api/v1/products", headers=begun)), "its own browser")
            _refuse(found, web.ask(a, path, headers=mine), "again")

    site.each(run, 6, work)
