"""Streamed bodies: each in its tenant's context, also with slow clients, early ends, and on the event loop."""

import asyncio
import gc
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.db import IntegrityError, connections
from django.http import FileResponse, StreamingHttpResponse
from django.test import Client

from saas.commerce.models import Category
from tenants import context, exceptions, streaming
from tenants.directory import Entry
from tests import databases
from tests.tenants import small_site
from tests.tenants.conftest import Server, read_all

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.urls("tests.tenants.small_site")
ROWS = 30


@pytest.fixture(autouse=True)
def nothing_closed() -> None:
    small_site.closed.clear()


@pytest.fixture
def filled(tenant_db: None, two_tenants: TwoTenants) -> TwoTenants:
    for tenant in two_tenants:
        with context.use(tenant):
            Category.objects.bulk_create(
                [Category(name="x", slug=f"{tenant.slug}-{number:02}") for number in range(ROWS)]
            )
    return two_tenants


def lines_of(tenant: Entry) -> list[str]:
    return [f"{tenant.schema_name} {tenant.id.hex} {tenant.slug}-{number:02}" for number in range(ROWS)]


def on(tenant: Entry) -> Client:
    return Client(headers={"host": f"{tenant.slug}.localhost"})


def kept(tenant: Entry, slug: str) -> bool:
    with context.use(tenant):
        return Category.objects.filter(slug=slug).exists()


def test_a_body_is_produced_in_its_tenant_s_context(filled: TwoTenants) -> None:
    for tenant in filled:
        answer = on(tenant).get("/rows")
        assert answer.getvalue().decode().splitlines() == lines_of(tenant)
        assert context.current() is None
    assert small_site.closed == [(tenant.schema_name, ROWS) for tenant in filled]


def test_the_caller_sees_no_tenant_between_two_parts(fresh_db: str, filled: TwoTenants) -> None:
    answer = on(filled[0]).get("/rows")
    body = iter(answer)
    for _ in range(3):
        next(body)
        assert context.current() is None
    answer.close()


def test_a_body_that_is_never_read_enters_nothing(fresh_db: str, filled: TwoTenants) -> None:
    response = StreamingHttpResponse(iter(["x"]))
    streaming.bind(response, filled[0])
    response.close()
    assert connections["default"].bound is None  # type: ignore[attr-defined]
    assert on(filled[0]).get("/nothing").getvalue() == b"012"


def test_what_a_body_writes_is_kept_when_it_has_ended(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    assert on(acme).get("/write/a").getvalue() == b"first\nsecond\n"
    assert kept(acme, "a")
    assert not kept(globex, "a")


def test_a_body_that_fails_is_rolled_back(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with pytest.raises(ZeroDivisionError):
        on(acme).get("/write/a?fail=1").getvalue()
    assert not kept(acme, "a")
    assert context.current() is None


def test_a_body_with_a_status_of_400_and_above_is_rolled_back(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    assert on(acme).get("/write/a/404").getvalue() == b"first\nsecond\n"
    assert not kept(acme, "a")


def test_a_body_that_is_closed_early_cleans_up_in_its_tenant_and_keeps_nothing(
    fresh_db: str, filled: TwoTenants
) -> None:
    acme, globex = filled
    for path in ("/rows", "/write/a"):
        answer = on(acme).get(path)
        assert next(iter(answer))
        assert connections["default"].bound is not None  # type: ignore[attr-defined]
        answer.close()
        assert connections["default"].bound is None  # type: ignore[attr-defined]
    assert small_site.closed == [(acme.schema_name, ROWS)]
    assert not kept(acme, "a")
    assert on(globex).get("/rows").getvalue().decode().splitlines() == lines_of(globex)


def test_a_body_whose_commit_is_refused_does_not_end_well(
    fresh_db: str, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = iter(on(two_tenants[0]).get("/write/a"))
    assert [next(body), next(body)] == [b"first\n", b"second\n"]

    def refuse_once() -> None:
        monkeypatch.undo()
        raise IntegrityError("from COMMIT")

    monkeypatch.setattr(connections["default"], "_commit", refuse_once)
    with pytest.raises(IntegrityError):
        next(body)
    assert not kept(two_tenants[0], "a")


def test_two_bodies_in_one_thread_refuse_and_never_mix(fresh_db: str, filled: TwoTenants) -> None:
    """One connection carries one context; a server gives each response a thread, where this cannot happen."""
    acme, globex = filled
    answers = on(acme).get("/rows"), on(globex).get("/nothing")
    first, second = map(iter, answers)
    next(first)
    with pytest.raises(exceptions.WrongTenant):
        next(second)
    assert next(first).decode().split()[1] == acme.id.hex
    for answer in answers:
        answer.close()


def test_a_body_on_a_path_of_identity_belongs_to_no_tenant(filled: TwoTenants) -> None:
    with pytest.raises(exceptions.NoTenant):
        on(filled[0]).get("/sign-in/rows").getvalue()


def test_files_are_left_to_the_server(two_tenants: TwoTenants) -> None:
    response = FileResponse(io.BytesIO(b"x"))
    before = response._iterator  # type: ignore[attr-defined]
    streaming.bind(response, two_tenants[0])
    assert response._iterator is before  # type: ignore[attr-defined]


# A real web server.


@pytest.fixture
def tenants_with_rows(fresh_db: str, filled: TwoTenants) -> TwoTenants:
    return filled


def test_slow_clients_of_two_tenants_get_their_own_rows(
    gunicorn: Server, tenants_with_rows: TwoTenants
) -> None:
    """Eight clients at once, more than one per thread in turn, each reading a byte or two at a time."""
    clients = []
    for number in range(8):
        tenant = tenants_with_rows[number % 2]
        request = (
            f"GET /rows?pause=0.01 HTTP/1.1\r\nHost: {tenant.slug}.localhost\r\nConnection: close\r\n\r\n"
        )
        clients.append((tenant, gunicorn.send(request.encode()), bytearray()))
    waiting = list(clients)
    while waiting:
        for client in list(waiting):
            part = client[1].recv(100)
            client[2].extend(part)
            if not part:
                client[1].close()
                waiting.remove(client)
    for tenant, _, found in clients:
        lines = [line for line in found.decode().splitlines() if line.startswith("t_")]
        assert lines == lines_of(tenant)


def test_clients_that_leave_early_leave_nothing_behind(
    gunicorn: Server, tenants_with_rows: TwoTenants
) -> None:
    acme, globex = tenants_with_rows
    for number in range(16):
        tenant = tenants_with_rows[number % 2]
        request = (
            f"GET /rows?pause=0.02 HTTP/1.1\r\nHost: {tenant.slug}.localhost\r\nConnection: close\r\n\r\n"
        )
        with gunicorn.send(request.encode()) as connection:
            assert b"200" in connection.recv(20)
    for tenant in (acme, globex) * 8:
        status, answer = gunicorn.get(f"{tenant.slug}.localhost", "/rows")
        lines = [line for line in answer.decode().splitlines() if line.startswith("t_")]
        assert (status, lines) == (200, lines_of(tenant))
    until_idle()


def test_a_body_that_fails_cuts_the_connection(gunicorn: Server, tenants_with_rows: TwoTenants) -> None:
    acme, globex = tenants_with_rows
    with gunicorn.send(b"GET /write/a?fail=1 HTTP/1.1\r\nHost: acme.localhost\r\n\r\n") as connection:
        answer = read_all(connection)
    assert b"second" in answer
    assert not answer.endswith(b"0\r\n\r\n"), "the last chunk would say that the body is whole"
    assert not kept(acme, "a")
    assert gunicorn.get("globex.localhost", "/here")[1].endswith(
        f'{{"tenant": "{globex.id.hex}", "role": "{globex.schema_name}"}}'.encode()
    )


def until_idle() -> None:
    """Wait until no session of the web process is inside of a transaction."""
    deadline = 100
    while open_transactions():
        deadline -= 1
        assert deadline, open_transactions()
        asyncio.run(asyncio.sleep(0.1))


def open_transactions() -> list[Any]:
    query = (
        "SELECT application_name, state FROM pg_stat_activity WHERE usename = 'app' AND state LIKE 'idle in%'"
    )
    return databases.read_as_admin(query)


# The event loop.


def asgi(tenant: Entry, path: str) -> ApplicationCommunicator:
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", f"{tenant.slug}.localhost".encode())],
    }
    return ApplicationCommunicator(ASGIHandler(), scope)


async def receive_all(caller: ApplicationCommunicator, pause: float = 0) -> str:
    await caller.send_input({"type": "http.request", "body": b""})
    found = bytearray()
    while True:
        message = await caller.receive_output(timeout=30)
        found += message.get("body", b"")
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await caller.wait(30)
            return str(found.decode())
        await asyncio.sleep(pause)


@pytest.fixture
def loop(fresh_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], Any]]:
    """Each request has a thread of its own, which ends with it: a connection that is kept would be lost there."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    yield asyncio.run
    connections.close_all()


def test_asynchronous_bodies_of_two_tenants_do_not_mix(loop: Any, tenants_with_rows: TwoTenants) -> None:
    async def all_of_them() -> list[str]:
        callers = [asgi(tenants_with_rows[number % 2], "/async") for number in range(6)]
        return await asyncio.gather(*(receive_all(caller, 0.001) for caller in callers))

    for number, found in enumerate(loop(all_of_them())):
        tenant = tenants_with_rows[number % 2]
        assert found.splitlines() == [line.split(" ", 1)[1] for line in lines_of(tenant)]
    assert sorted(small_site.closed) == sorted((tenant.id.hex, ROWS) for tenant in tenants_with_rows * 3)


def test_an_asynchronous_body_whose_client_leaves_ends_in_its_tenant(
    loop: Any, tenants_with_rows: TwoTenants
) -> None:
    async def leave() -> None:
        caller = asgi(tenants_with_rows[0], "/async")
        await caller.send_input({"type": "http.request", "body": b""})
        for _ in range(3):
            await caller.receive_output(timeout=30)
        await caller.send_input({"type": "http.disconnect"})
        await caller.wait(30)

    loop(leave())
    assert context.current() is None
    until_idle()


def test_an_asynchronous_body_that_fails_raises(loop: Any, tenants_with_rows: TwoTenants) -> None:
    with pytest.raises(ZeroDivisionError):
        loop(receive_all(asgi(tenants_with_rows[0], "/async?fail=1")))
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # Django's handler leaves the request's body open then
        gc.collect()
    assert small_site.closed == [(tenants_with_rows[0].id.hex, ROWS)]
    until_idle()
