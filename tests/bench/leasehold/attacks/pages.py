"""What browsers, caches and crawlers do: conditional and partial requests, other methods, redirects, errors, the console."""

import itertools
import random
from collections.abc import Iterator

from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.web import site
from tests.bench.web.client import Reply

Headers = list[tuple[str, str]]
EVIL = "evil.example.net"
CONDITIONS: list[Headers] = [
    [("If-None-Match", "*")],
    [("If-None-Match", '"the same for every shop"')],
    [("If-Match", "*")],
    [("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")],
    [("If-Unmodified-Since", "Fri, 01 Jan 1980 00:00:00 GMT")],
    [("Range", "bytes=0-99")],
    [("Range", "bytes=-1"), ("If-Range", '"the same for every shop"')],
    [("Range", "bytes=0-0,5-9,99999999999-")],
    [("Accept-Encoding", "gzip")],
    [("Accept-Encoding", "gzip;q=0, *"), ("Cache-Control", "only-if-cached")],
    [("TE", "trailers"), ("Expect", "x")],
]
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method")
PAGES = (
    "/",
    "/api/v1/products",
    "/api/v1/me",
    "/bench/conditional",
    "/bench/zipped",
    "/bench/page",
    "/bench/read",
)
CONSOLE = "/admin/tenants/tenant/ /admin/billing/plan/ /login/ /tenants/tenant/ /billing/plan/ /console/ /django-admin/ /unfold/".split()
ADMIN = "/admin/commerce/product/"
ADMIN_PAGES = ("change", "delete", "history")
METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "SEARCH", "X")
UNKNOWN = (
    "/nothing /api/v1/nothing /api/v2/products /api/v1/products/ /api/v1/products/x /..%2f..%2fetc/passwd /%00 /%ff"
    " /static/../manage.py /.git/config /metrics /debug /graphql /api/v1/tenants /api/v1/docs/x"
).split()


@attack("If-None-Match, Range, gzip over two hosts", tries=600, quick=44, sides=(OURS,), passes=Passes.EITHER)
def conditions(run: Run) -> None:
    """Take A's ETag and dates to B: B answers with its own data, or with none."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        target, headers = rng.choice(PAGES), rng.choice(CONDITIONS)
        with run.tally.attempt(a) as found:
            seen = web.ask(a, target, headers=site.bearer(a))
            found.saw(bytes(seen), target)
        taken = [("If-None-Match", tag) for tag in seen.headers("ETag")] or headers
        with run.tally.attempt(b) as found:
            reply = web.ask(b, target, headers=[*site.bearer(b), *rng.choice((headers, taken))])
            found.saw(bytes(reply), f"{target} {headers}")
            if not found.seen:
                found.error = f"status {reply.status}"

    run.tries = max(1, run.tries // 2)
    site.each(run, 8, work)


@attack("HEAD, OPTIONS and other methods", tries=600, quick=40, sides=(OURS,), passes=Passes.REFUSED)
def methods(run: Run) -> None:
    """Call pages of B by methods that they do not have, and by one method in the name of another, as A's member."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        target = f"/api/v1/products/{rng.choice(b.facts['products'])}"
        if rng.random() < 0.3:
            method, more = "HEAD", []
        elif rng.random() < 0.5:
            method, more = "POST", [(rng.choice(OVERRIDES), rng.choice(("GET", "DELETE")))]
        else:
            method, more = rng.choice(METHODS), []
        with run.tally.attempt(a) as found:
            reply = web.ask(b, target, method=method, headers=[*site.bearer(a), *more])
            site.saw(found, reply, f"{method} {more}")
            found.saw(bytes(web.ask(a, "/api/v1/products", headers=site.bearer(a))), "A itself")

    site.each(run, 8, work)


@attack(
    "the admin of B for A's people, and rows of B in A's",
    tries=600,
    quick=40,
    sides=(OURS,),
    passes=Passes.EITHER,
)
def admins(run: Run) -> None:
    """Open B's admin with A's session, and in A's admin the rows of B by id, to read, change and delete them."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        theirs = f"{ADMIN}{rng.choice(b.facts['products'])}/"
        with run.tally.attempt(a) as found:
            found.saw(bytes(web.ask(a, ADMIN, headers=site.cookie(a))), "A's own list")
            for host, target in (
                (b, ADMIN),
                (b, f"{theirs}change/"),
                (a, f"{theirs}{rng.choice(ADMIN_PAGES)}/"),
            ):
                site.saw(found, web.ask(host, target, headers=site.cookie(a)), target)

    site.each(run, 8, work)


@attack(
    "unknown paths, and the console on tenants' hosts",
    tries=600,
    quick=60,
    sides=(OURS,),
    passes=Passes.ALL_REFUSED,
)
def console(run: Run) -> None:
    """A member finds nothing where operators' pages would be, by any method, and unknown paths tell nothing."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        tenant, method = rng.choice(run.side.tenants), rng.choice(("GET", "HEAD", *METHODS))
        target = rng.choice((*CONSOLE, *UNKNOWN))
        with run.tally.attempt(tenant) as found:
            reply = web.ask(
                tenant, target, method=method, headers=rng.choice((site.bearer, site.cookie))(tenant)
            )
            site.saw_nothing(found, reply, f"{method} {target}")

    site.each(run, 8, work)


def injections(tenant: Tenant) -> Iterator[tuple[str, str, bytes | None]]:
    """Yield requests whose answers would carry a header, or lead to a place, of the attacker's choice."""
    split = f"%0d%0aSet-Cookie:%20session=evil%0d%0aLocation:%20http://{EVIL}/"
    for path in ("/", "/sign-in", "/bench/located", "/nothing", "/api/v1/me", "/api/v1/docs"):
        yield "GET", f"{path}?next=http://{EVIL}/&url=//{EVIL}&q={split}", None
        yield "GET", f"{path}{split}", None
    for path in (
        f"//{EVIL}",
        f"///{EVIL}/..",
        f"/\\{EVIL}",
        f"/http://{EVIL}",
        f"/{EVIL}//",
        "//sign-in",
        "/sign-in/",
    ):
        yield "GET", path, None
    form = f"email={tenant.facts['email']}%0d%0aSet-Cookie:x=y&password=x&next=//{EVIL}/"
    yield "POST", f"/sign-in?next=http://{EVIL}/", form.encode()
    yield "POST", f"/sign-out?next=//{EVIL}/", form.encode()


@attack(
    "redirects and headers of the attacker's choice", tries=400, quick=24, sides=(OURS,), passes=Passes.EITHER
)
def injected(run: Run) -> None:
    """No answer leads elsewhere, sets a cookie of the attacker's, or gives a cookie to a whole domain."""
    web = site.of(run)
    asked = itertools.cycle([(tenant, *one) for tenant in run.side.tenants for one in injections(tenant)])
    questions = [next(asked) for _ in range(run.tries)]

    def work(share: int, rng: random.Random) -> None:
        for _ in range(share):
            tenant, method, target, body = questions.pop()
            kind = [("Content-Type", "application/x-www-form-urlencoded")] if body else []
            with run.tally.attempt(tenant) as found:
                reply = web.ask(
                    tenant, target, method=method, headers=[*site.cookie(tenant), *kind], body=body
                )
                site.saw(found, reply, target)
                found.leaks += [f"{target}: {problem}" for problem in _problems(reply)]
                if not found.seen:
                    found.error = f"status {reply.status}"

    run.threads(8, work)


def _problems(reply: Reply) -> Iterator[str]:
    """Yield what is wrong with an answer's headers."""
    for place in reply.headers("Location"):
        if not place.startswith("/") or place.startswith(("//", "/\\")):
            yield f"leads to {place}"
    for cookie in reply.headers("Set-Cookie"):
        attributes = [part.strip().lower() for part in cookie.split(";")[1:]]
        if any(part.startswith("domain") for part in attributes):
            yield f"a cookie for a whole domain: {cookie}"
        if "secure" not in attributes or "evil" in cookie:
            yield f"a cookie that others can set or read: {cookie}"
    if reply.status and EVIL in reply.head.decode("latin-1"):
        yield f"{EVIL} in the head: {reply.head!r}"


@attack("error pages in production", tries=400, quick=30, sides=(OURS,), passes=Passes.ALL_REFUSED)
def errors(run: Run) -> None:
    """Views raise with their tenant's rows in the message; the page tells nobody, not even the own tenant."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        tenant = rng.choice(run.side.tenants)
        target = f"/bench/read?fail={rng.choice(('before', 'between', 'behind'))}:{rng.choice(('raise', 'denied', 'missing', 'break', 'swallow'))}"
        with run.tally.attempt(tenant) as found:
            reply = web.ask(tenant, target, headers=rng.choice((site.bearer, site.cookie))(tenant))
            site.saw_nothing(found, reply, target)

    site.each(run, 8, work)


@attack(
    "broken requests: bodies, lengths, encodings",
    tries=400,
    quick=24,
    sides=(OURS,),
    passes=Passes.ALL_REFUSED,
)
def broken(run: Run) -> None:
    """Have the parser of JSON, forms and cookies fail for A while B is served."""
    web = site.of(run)
    bodies = (
        b"{",
        b"[" * 5_000,
        b'{"name": "\\ud800"}',
        b"\xff\xfe",
        b"null",
        b'{"name": {"$ne": 1}}',
        b"NaN" * 9,
    )

    def work(rng: random.Random) -> None:
        tenant = rng.choice(run.side.tenants)
        kind = rng.choice(
            ("application/json", "application/json; charset=utf-7", "multipart/form-data; boundary=x")
        )
        headers = [
            *site.bearer(tenant),
            ("Content-Type", kind),
            ("Content-Encoding", rng.choice(("", "gzip", "x"))),
        ]
        with run.tally.attempt(tenant) as found:
            reply = web.ask(
                tenant, "/api/v1/products", method="POST", headers=headers, body=rng.choice(bodies)
            )
            site.saw_nothing(found, reply, kind)

    site.each(run, 8, work)


@attack("what a session of A holds on B", tries=300, quick=24, sides=(OURS,), passes=Passes.EITHER)
def visits(run: Run) -> None:
    """Write A's rows into a session, and show its cookie on B, whose rows go into the session as well."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        jar: Headers = site.cookie(a)
        for tenant in (a, b, a):
            with run.tally.attempt(tenant) as found:
                reply = web.ask(tenant, "/bench/visits", headers=jar)
                site.saw(found, reply, "visits")

    run.tries = max(1, run.tries // 3)
    site.each(run, 8, work)
