"""Requests that name two hosts, half a host or none: each is refused, or answered by the tenant in its Host line."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.harness import Passes, Run, Tenant, attack
from tests.bench.web import client, site

TARGET = "/bench/read"
FORWARDING = (
    "X-Forwarded-Host X-Host X-Original-Host X-HTTP-Host-Override X-Forwarded-Server X-Forwarded-For X-Tenant"
    " X-Rewrite-URL X-Original-URL X_Forwarded_Host HTTP_HOST Host_ SERVER_NAME True-Host Origin Referer Via"
).split()


@dataclass(frozen=True, slots=True)
class Variant:
    """The bytes of a request, and whether it names its tenant so plainly that it must be answered."""

    title: str
    data: bytes
    plain: bool = False


def variants(a: str, b: str, port: int) -> Iterator[Variant]:
    """Yield requests for the host a that mention b as well."""
    yield from _forwarded(a, b)
    yield from _targets(a, b)
    yield from _spellings(a, b, port)
    yield from _lines(a, b)


def _forwarded(a: str, b: str) -> Iterator[Variant]:
    for name in FORWARDING:
        for value in (b, f"{a}, {b}", f"http://{b}/"):
            yield Variant(f"{name}: {value}", client.request(a, TARGET, headers=[(name, value)], close=True))
    for value in (f"host={b}", f'for=127.0.0.1;host="{b}";proto=https', f"host={a}, host={b}"):
        yield Variant(
            "Forwarded", client.request(a, TARGET, headers=[("Forwarded", value)], close=True), plain=True
        )


def _targets(a: str, b: str) -> Iterator[Variant]:
    for target in (
        f"http://{b}{TARGET}",
        f"http://{b}:80{TARGET}",
        f"http://{a}@{b}{TARGET}",
        f"http://{b}@{a}{TARGET}",
        f"//{b}{TARGET}",
        f"http:///{b}{TARGET}",
        f"{TARGET}#@{b}",
        f"{TARGET}?host={b}&tenant={b}",
        f"{TARGET}%0d%0aHost:%20{b}",
        f"/{b}{TARGET}",
        f"\\\\{b}{TARGET}",
        f"{TARGET};host={b}",
    ):
        yield Variant(target, client.request(a, target, close=True))
    yield Variant("absolute, same host", client.request(a, f"http://{a}{TARGET}", close=True))
    for method, target in (("OPTIONS", "*"), ("CONNECT", f"{b}:443"), ("CONNECT", f"{a}:443")):
        yield Variant(f"{method} {target}", client.request(a, target, method=method, close=True))


def _spellings(a: str, b: str, port: int) -> Iterator[Variant]:
    """Yield one Host line each, in which a is spelled oddly or b follows."""
    for host in (f"{a}:{port}", f"{a}:80", a.upper(), a.title()):
        yield Variant(host, client.request(host, TARGET, close=True), plain=True)
    for host in (
        f"{a}.",
        f"{a}..",
        f".{a}",
        f"x{a}",
        f"{a}.example",
        f"{a} ",
        f" \t{a}\t",
        f"{a},{b}",
        f"{a}, {b}",
        f"{a} {b}",
        f"{a}:80:{b}",
        f"{a}:{b}",
        f"{a}:-1",
        f"{a}:99999999",
        f"{a}:80@{b}",
        f"{a}@{b}",
        f"{a}/{b}",
        f"{a}/../{b}",
        f"{a}#{b}",
        f"{a}?{b}",
        f"{a}\\{b}",
        f"{a};{b}",
        f"{a}%00{b}",
        f"{a}\x00{b}",
        f"{a}\x7f",
        f"{a}\xad",
        f"{a.replace('.', '%2e')}",
        f"{a.replace('.', chr(0xB7))}",
        f"http://{a}",
        f"[{a}]",
        "[::1]",
        f"127.0.0.1:{port}",
        "localhost",
        "example.com",
        "*.example.com",
        "%",
        "_",
        f"{a}" + "a" * 70_000,
        "a." * 2_000 + a,
        "",
        f"{a}'; --",
        f"{a.split('.', maxsplit=1)[0]}",
    ):
        yield Variant(repr(host[:80]), client.request(host, TARGET, close=True))


def _lines(a: str, b: str) -> Iterator[Variant]:
    """Yield header blocks that a proxy and a server may read differently."""
    start = f"GET {TARGET} HTTP/1.1\r\n"
    end = "Connection: close\r\n\r\n"
    for title, block in {
        "no Host": start,
        "no Host, HTTP/1.0": f"GET {TARGET} HTTP/1.0\r\n",
        "HTTP/0.9": f"GET {TARGET}\r\n",
        "two Hosts": f"{start}Host: {a}\r\nHost: {b}\r\n",
        "two Hosts, other way round": f"{start}Host: {b}\r\nHost: {a}\r\n",
        "the same Host twice": f"{start}Host: {a}\r\nHost: {a}\r\n",
        "Host and host": f"{start}Host: {a}\r\nhost: {b}\r\n",
        "folded": f"{start}Host: {a}\r\n {b}\r\n",
        "folded with a tab": f"{start}Host: {a}\r\n\tX: {b}\r\n",
        "space before the colon": f"{start}Host : {b}\r\nHost: {a}\r\n",
        "tab before the colon": f"{start}Host\t: {b}\r\nHost: {a}\r\n",
        "space before the name": f"{start} Host: {b}\r\nHost: {a}\r\n",
        "NUL in the name": f"{start}Ho\x00st: {b}\r\nHost: {a}\r\n",
        "bare line feeds": f"GET {TARGET} HTTP/1.1\nHost: {a}\nHost: {b}\n",
        "a bare line feed in a value": f"{start}X: y\nHost: {b}\r\nHost: {a}\r\n",
        "a bare carriage return": f"{start}X: y\rHost: {b}\r\nHost: {a}\r\n",
        "no name": f"{start}: {b}\r\nHost: {a}\r\n",
        "an unknown version": f"GET {TARGET} HTTP/9.9\r\nHost: {a}\r\nHost: {b}\r\n",
        "two spaces": f"GET  {TARGET}  HTTP/1.1\r\nHost: {a}\r\nX-Forwarded-Host: {b}\r\n",
        "h2c": f"{start}Host: {a}\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nX-Forwarded-Host: {b}\r\n",
        "websocket": f"{start}Host: {a}\r\nUpgrade: websocket\r\nX-Forwarded-Host: {b}\r\n",
        "HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "PROXY protocol": f"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n{start}Host: {a}\r\n",
    }.items():
        yield Variant(title, (block + end).encode("latin-1"))


@attack("Host, X-Forwarded-Host and their like", tries=1_500, quick=190, passes=Passes.EITHER)
def headers(run: Run) -> None:
    """Send each variant for a pair of tenants; who answers is the tenant that the Host line names, or nobody."""
    web = site.of(run)
    pairs: list[tuple[Tenant, Variant]] = []
    while len(pairs) < run.tries:
        a, b = run.pair()
        pairs += [(a, variant) for variant in variants(a.host, b.host, web.port)]
    pairs = pairs[: run.tries]

    def work(share: int, rng: random.Random) -> None:
        for _ in range(share):
            tenant, variant = pairs.pop()
            with run.tally.attempt(tenant) as found:
                data = client.raw(web.port, variant.data)
                found.saw(data, variant.title)
                if not found.seen:
                    found.error = status(data)
                if run.ours and variant.plain and not found.seen:
                    found.leaks.append(f"{variant.title} was not answered: {data[:300]!r}")

    run.threads(8, work)


def status(data: bytes) -> str:
    """Return the first line of an answer, which may be no HTTP at all."""
    return data.partition(b"\r")[0][:40].decode("latin-1") or "no answer"


def smuggled(a: str, b: str) -> Iterator[Variant]:
    """Yield requests for a that hold one for b where one reader sees a body and another one the next request."""
    inner = f"GET {TARGET} HTTP/1.1\r\nHost: {b}\r\nX: "
    rest = f"GET {TARGET} HTTP/1.1\r\nHost: {b}\r\n\r\n"
    chunked = f"0\r\n\r\n{rest}"
    start = f"POST /bench/echo HTTP/1.1\r\nHost: {a}\r\n"
    both = f"Content-Length: {len(chunked)}\r\n"
    for coding in (
        "Transfer-Encoding: chunked",
        "Transfer-Encoding:chunked",
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: x, chunked",
        "Transfer-Encoding: chunked, x",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding: chunked\x0b",
        "Transfer-Encoding: \x00chunked",
        'Transfer-Encoding: "chunked"',
        "Transfer-Encoding: CHUNKED",
        "Transfer-Encoding:\r\n chunked",
        "Transfer_Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
    ):
        yield Variant(f"CL and {coding!r}", f"{start}{both}{coding}\r\n\r\n{chunked}".encode("latin-1"))
    for length in ("0x2", "+2", "-1", "2, 2", "2 2", "2_", "02\x00", "1e1", "\xb2", ""):
        yield Variant(
            f"Content-Length: {length}", f"{start}Content-Length: {length}\r\n\r\n{rest}".encode("latin-1")
        )
    lengths = f"Content-Length: {len(rest)}\r\nContent-Length: 0\r\n"
    yield Variant("two lengths", f"{start}{lengths}\r\n{rest}".encode("latin-1"))
    for size in ("0x0", "-0", "+0", "0 ", " 0", "0;x=\n", "0_0", "\xb2", ""):
        body = f"{size}\r\n\r\n{rest}"
        yield Variant(
            f"chunk of {size!r}",
            f"{start}Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX{body}".encode("latin-1"),
        )
    yield Variant(
        "HTTP/1.0, chunked",
        f"{start.replace('1.1', '1.0')}{both}Transfer-Encoding: chunked\r\n\r\n{chunked}".encode(),
    )
    yield Variant(
        "GET with a body",
        f"GET {TARGET} HTTP/1.1\r\nHost: {a}\r\nContent-Length: {len(rest)}\r\n\r\n{rest}".encode(),
    )
    yield Variant(
        "unread body",
        f"POST {TARGET} HTTP/1.1\r\nHost: {a}\r\nContent-Length: {len(inner)}\r\n\r\n{inner}".encode(),
    )


@attack("request smuggling", tries=900, quick=45, passes=Passes.EITHER)
def smuggle(run: Run) -> None:
    """Hide a request for B in the body of one for A: no answer of B may come over this connection."""
    web = site.of(run)
    pairs: list[tuple[Tenant, Variant]] = []
    while len(pairs) < run.tries:
        a, b = run.pair()
        pairs += [(a, variant) for variant in smuggled(a.host, b.host)]
    pairs = pairs[: run.tries]

    def work(share: int, rng: random.Random) -> None:
        for _ in range(share):
            tenant, variant = pairs.pop()
            with run.tally.attempt(tenant) as found:
                data = client.raw(web.port, variant.data, timeout=0.3)
                found.saw(data, variant.title)
                if not found.seen:
                    found.error = status(data)

    run.threads(8, work)
