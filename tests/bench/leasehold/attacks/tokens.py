"""What proves something in one tenant, shown in another: keys, sessions, JWTs, CSRF tokens, cursors."""

import base64
import json
import random
import re
from collections.abc import Callable

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold.side import PASSWORD
from tests.bench.web import site
from tests.bench.web.client import Reply
from tests.bench.web.site import Site

Headers = list[tuple[str, str]]
READS = ("/api/v1/me", "/api/v1/products", "/api/v1/usage", "/api/v1/keys")
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def _keys(tenant: Tenant) -> list[Headers]:
    """Return the ways in which somebody may try to show an API key."""
    key = tenant.facts["key"]
    basic = base64.b64encode(f"{key}:".encode()).decode()
    return [
        [("Authorization", f"Bearer {key}")],
        [("Authorization", f"bearer   {key} ")],
        [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")],
        [("Authorization", f"Basic {basic}")],
        [("Authorization", f"Token {key}")],
        [("X-API-Key", key)],
        [("Cookie", f"{_name(tenant)}={key}")],
        [("Authorization", f"Bearer {key}"), *site.cookie(tenant)],
    ]


def _sessions(tenant: Tenant) -> list[Headers]:
    """Return the ways in which somebody may try to show a session."""
    cookie = tenant.facts["cookie"]
    session = cookie.partition("=")[2]
    return [
        [("Cookie", cookie)],
        [("Cookie", f"{cookie}; {cookie}")],
        [("Cookie", f"{_name(tenant)}=x; {cookie}")],
        [("Cookie", f'{_name(tenant)}="{session}"')],
        [("Cookie", f"session={session}; __Host-session={session}; __Secure-session={session}")],
        [("Cookie", f"sessionid={session}; console_session={session}")],
        [("Authorization", f"Bearer {session}")],
        [("X-Session", session), ("Cookie", f"$Version=1; {cookie}; $Domain={tenant.host}")],
    ]


def _name(tenant: Tenant) -> str:
    name: str = tenant.facts["cookie"].partition("=")[0]
    return name


def _shown_elsewhere(
    ways: Callable[[Tenant], list[Headers]], proof: Callable[[Tenant], Headers]
) -> Callable[[Run], None]:
    """Return the attack that shows A's proof on B's host in every way, and afterwards on A's own."""

    def show(run: Run) -> None:
        web = site.of(run)

        def work(rng: random.Random) -> None:
            a, b = rng.sample(list(run.side.tenants), 2)
            with run.tally.attempt(a) as found:
                target = rng.choice((*READS, f"/api/v1/products/{rng.choice(b.facts['products'])}"))
                site.saw(found, web.ask(b, target, headers=rng.choice(ways(a))), target)
                found.saw(bytes(web.ask(a, "/api/v1/products", headers=proof(a))), "its own host")

        site.each(run, 8, work)

    return show


attack("API key of A on B, in every way", tries=600, quick=30, sides=(OURS,), passes=Passes.REFUSED)(
    _shown_elsewhere(_keys, site.bearer)
)
attack("session of A on B, in every way", tries=600, quick=30, sides=(OURS,), passes=Passes.REFUSED)(
    _shown_elsewhere(_sessions, site.cookie)
)


def _forged(token: str, b: Tenant) -> list[str]:
    """Return A's token as it is, and as somebody may change it so that it says B."""
    header, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    said |= {"aud": [b.id, "api"], "sub": b.facts["membership"]}
    changed = _encode(said)
    unsigned = _encode({"alg": "none", "typ": "JWT", "kid": jwt.get_unverified_header(token)["kid"]})
    return [
        token,
        f"{header}.{changed}.{signature}",
        f"{unsigned}.{changed}.",
        f"{unsigned}.{changed}.{signature}",
        jwt.encode(said, header + claims, "HS256", {"kid": jwt.get_unverified_header(token)["kid"]}),
        jwt.encode(said, Ed25519PrivateKey.generate(), "EdDSA", jwt.get_unverified_header(token)),
    ]


def _encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@attack("JWT of A on B, as it is and forged", tries=300, quick=24, sides=(OURS,), passes=Passes.REFUSED)
def jwts(run: Run) -> None:
    """Show a fresh token of A's, and what was made of it, on B's host, with and without B's own session."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        with run.tally.attempt(a) as found:
            token = _token(web, a)
            shown = [("Authorization", f"Bearer {rng.choice(_forged(token, b))}")]
            target = rng.choice((*READS, f"/api/v1/products/{rng.choice(b.facts['products'])}"))
            headers = [*shown, *rng.choice(([], site.cookie(a), site.cookie(b)))]
            site.saw(found, web.ask(b, target, headers=headers), target)
            own = [("Authorization", f"Bearer {token}")]
            found.saw(bytes(web.ask(a, "/api/v1/products", headers=own)), "its own host")

    site.each(run, 6, work)


def _token(web: Site, tenant: Tenant) -> str:
    headers = [("Content-Type", "application/json"), *site.bearer(tenant)]
    reply = web.ask(tenant, "/api/v1/tokens", method="POST", headers=headers, body=b"{}")
    assert reply.status == 201, reply
    token: str = reply.json()["token"]
    return token


@attack("pagination cursor of A on B", tries=300, quick=20, sides=(OURS,), passes=Passes.REFUSED)
def cursors(run: Run) -> None:
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        with run.tally.attempt(a) as found:
            page = web.ask(a, "/api/v1/products?limit=2", headers=site.bearer(a))
            cursor = page.json()["next"]
            found.saw(bytes(page), "its own page")
            site.saw(found, web.ask(b, f"/api/v1/products?cursor={cursor}", headers=site.bearer(b)), "cursor")

    site.each(run, 8, work)


def browser(web: Site, tenant: Tenant) -> tuple[str, str]:
    """Return the Cookie header and the CSRF token of a member's browser."""
    page = web.ask(tenant, "/", headers=site.cookie(tenant))
    found = CSRF.search(page.body.decode())
    assert found, page
    jar = {name: value for name, value in page.cookies().items() if value}
    return "; ".join([tenant.facts["cookie"], *(f"{name}={value}" for name, value in jar.items())]), found[1]


def _post(web: Site, tenant: Tenant, headers: Headers) -> Reply:
    name = f"x{random.getrandbits(64):x}"
    body = f'{{"name": "{name}", "price": 1, "currency": "EUR"}}'.encode()
    kind = ("Content-Type", "application/json")
    return web.ask(tenant, "/api/v1/products", method="POST", headers=[kind, *headers], body=body)


@attack(
    "CSRF: A's page, token and cookie against B", tries=300, quick=24, sides=(OURS,), passes=Passes.REFUSED
)
def forgery(run: Run) -> None:
    """Have B's browser send a change with what A's host gave: nothing, A's token, A's token and its cookie."""
    web = site.of(run)
    browsers = {tenant: browser(web, tenant) for tenant in run.side.tenants}

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        (cookies_a, token_a), (cookies_b, token_b) = browsers[a], browsers[b]
        others = cookies_a.partition("; ")[2]
        headers = rng.choice(
            [
                [("Cookie", cookies_b)],
                [("Cookie", cookies_b), ("X-CSRFToken", token_a)],
                [("Cookie", f"{others}; {b.facts['cookie']}"), ("X-CSRFToken", token_a)],
                [("Cookie", f"{b.facts['cookie']}; {others}"), ("X-CSRFToken", token_a)],
                [("Cookie", cookies_b), ("X-CSRFToken", token_b), ("Origin", f"http://{a.host}")],
                [("Cookie", cookies_b), ("X-CSRFToken", token_b), ("Origin", "null")],
            ]
        )
        with run.tally.attempt(b) as found:
            site.saw(found, _post(web, b, headers), str(headers))
            found.saw(bytes(web.ask(b, "/api/v1/products", headers=site.bearer(b))), "B itself")

    site.each(run, 6, work)


@attack("session fixation over two hosts", tries=60, quick=6, sides=(OURS,), passes=Passes.REFUSED)
def fixation(run: Run) -> None:
    """Plant a session of A's, or one of the attacker's own making, in a browser that then signs in at B."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        planted = rng.choice((a.facts["cookie"], f"{_name(a)}={'x' * 32}"))
        with run.tally.attempt(b) as found:
            reply = sign_in(web, b, b.facts["email"], PASSWORD, headers=[("Cookie", planted)])
            assert reply.status == 200, reply
            fresh = reply.cookies()[_name(b)]
            assert fresh != planted.partition("=")[2], "the planted session was kept"
            mine = [("Cookie", f"{_name(b)}={fresh}")]
            found.saw(bytes(web.ask(b, "/api/v1/products", headers=mine)), "the new session")
            site.saw(
                found, web.ask(b, "/api/v1/products", headers=[("Cookie", planted)]), "the planted session"
            )

    site.each(run, 4, work)


def sign_in(web: Site, tenant: Tenant, email: str, password: str, *, headers: Headers = []) -> Reply:  # noqa: B006
    body = f'{{"email": "{email}", "password": "{password}"}}'.encode()
    kind = ("Content-Type", "application/json")
    return web.ask(tenant, "/api/v1/session", method="POST", headers=[kind, *headers], body=body)
