"""Many requests on one event loop: async views that wait between two reads while others are served."""

import asyncio
from typing import Any

from tests.bench.harness import Passes, Run, Tenant, attack

AT_ONCE = 25


@attack("async views on one event loop (ASGI)", tries=1_500, quick=50, passes=Passes.EITHER)
def event_loop(run: Run) -> None:
    """Ask Django's ASGI application of this process, without a server, so that nothing but the loop is between."""
    asyncio.run(_ask_all(run))


async def _ask_all(run: Run) -> None:
    from django.core.asgi import get_asgi_application

    application: Any = get_asgi_application()
    for _ in range(-(-run.tries // AT_ONCE)):
        await asyncio.gather(*(_ask(run, application) for _ in range(AT_ONCE)))


async def _ask(run: Run, application: Any) -> None:
    tenant: Tenant = run.rng.choice(run.side.tenants)
    target = run.rng.choice(
        ("/bench/async", "/bench/async", "/bench/read", "/bench/stream", "/bench/async-stream")
    )
    fail = run.rng.choice(("", "", "", "between:raise", "behind:swallow"))
    with run.tally.attempt(tenant) as found:
        status, answer = await _send(
            application, tenant, target, f"pause={run.rng.uniform(0, 0.02):.3f}&fail={fail}"
        )
        found.saw(answer, target)
        if status >= 400:
            found.error = f"status {status}"


async def _send(application: Any, tenant: Tenant, path: str, query: str) -> tuple[int, bytes]:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", tenant.host.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict[str, Any]] = []
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in asked:
            return message
        await asyncio.Event().wait()  # the client stays
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    head = b"".join(name + value for message in sent for name, value in message.get("headers", ()))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0].get("status", 0), head + body
