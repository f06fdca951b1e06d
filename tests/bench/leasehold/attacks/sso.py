"""Single sign-on: what the identity provider of one tenant answered, shown to another."""

import random
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.utils import timezone

from tenants import context
from tenants.models import EmailDomain
from tenants.people import sso
from tests import idp
from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold.attacks.tokens import Headers
from tests.bench.leasehold.side import Entry
from tests.bench.web import site
from tests.bench.web.site import Site

CLIENT_ID = "bench"


@attack("OIDC answer of A on B, in every way", tries=200, quick=16, sides=(OURS,), passes=Passes.REFUSED)
def answers(run: Run) -> None:
    """All tenants trust one provider under one client id; whom it signs in at A shall be nobody at B."""
    web = site.of(run)
    with idp.Liar() as liar:
        for tenant in run.side.tenants:
            _bring(tenant, liar)

        def work(rng: random.Random) -> None:
            a, b = rng.sample(list(run.side.tenants), 2)
            with run.tally.attempt(a) as found:
                mine, theirs = _start(web, a), _start(web, b)
                own = _answer(liar, a, nonce=mine.nonce, state=mine.state)
                ways: list[tuple[dict[str, str], Headers]] = [
                    (own, []),
                    (own, mine.cookie),
                    (own, theirs.cookie),
                    (own, [("Cookie", f"{mine.cookie[0][1]}; {theirs.cookie[0][1]}")]),
                    ({**own, "state": theirs.state}, theirs.cookie),
                    # B's own sign-in is honest but for whom the provider speaks of.
                    (_answer(liar, a, nonce=theirs.nonce, state=theirs.state), theirs.cookie),
                ]
                query, headers = rng.choice(ways)
                reply = web.ask(b, f"/sso/callback?{urlencode(query)}", headers=headers)
                # Its page shows B's public name, as the sign-in page does; what counts is the status and what follows.
                if reply.status != 403:
                    found.leaks.append(f"status {reply.status} for {query}")
                shown = [("Cookie", f"{name}={value}") for name, value in reply.cookies().items()]
                for held in (*shown, *headers):
                    site.saw(found, web.ask(b, "/api/v1/products", headers=[held]), "what it left behind")
                own = _answer(liar, a, nonce=mine.nonce, state=mine.state)
                entered = web.ask(a, f"/sso/callback?{urlencode(own)}", headers=mine.cookie)
                assert entered.status == 302, entered
                session = [("Cookie", f"{name}={value}") for name, value in entered.cookies().items()]
                found.saw(bytes(web.ask(a, "/api/v1/products", headers=session)), "its own host")
                site.saw(found, web.ask(b, "/api/v1/products", headers=session), "the session")

        site.each(run, 4, work)


def _domain(tenant: Tenant) -> str:
    return f"{tenant.id.replace('-', '')}.bench.example"


def _bring(tenant: Tenant, liar: idp.Liar) -> None:
    with context.identity():
        EmailDomain.objects.get_or_create(
            tenant_id=UUID(tenant.id),
            domain=_domain(tenant),
            defaults={"token": "bench", "verified_at": timezone.now()},
        )
        sso.configure(Entry(tenant), sso.Wish(liar.issuer, CLIENT_ID, "bench", jit=True), by="bench")


@dataclass(frozen=True, slots=True)
class Started:
    """A browser that is on its way to the provider."""

    state: str
    nonce: str
    cookie: Headers


def _start(web: Site, tenant: Tenant) -> Started:
    reply = web.ask(tenant, "/sso/start")
    assert reply.status == 302, reply
    asked = idp.query(reply.header("Location") or "")
    cookie = "; ".join(f"{name}={value}" for name, value in reply.cookies().items())
    return Started(asked["state"], asked["nonce"], [("Cookie", cookie)])


def _answer(liar: idp.Liar, tenant: Tenant, *, nonce: str, state: str) -> dict[str, str]:
    """Have the provider speak of a person of tenant; return what the browser carries back."""
    code = secrets.token_urlsafe(8)
    email = f"sso@{_domain(tenant)}"
    liar.tokens[code] = liar.sign(
        aud=CLIENT_ID, nonce=nonce, sub=f"sso-{tenant.id}", email=email, email_verified=True
    )
    return {"code": code, "state": state}
