"""Log lines: one event is one line, and it names tenant, request and person of nobody else."""

import io
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import structlog
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from saas import logs
from saas.commerce.models import Category
from tenants import context, requests
from tenants.directory import Entry
from tenants.models import Role
from tenants.testing import TenantClient
from tests import databases, factories

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.urls("tests.saas.test_logs")
log = logging.getLogger("tests.logs")


def say(request: HttpRequest) -> HttpResponse:
    if bound := request.GET.get("bind"):
        structlog.contextvars.bind_contextvars(basket=bound)
    log.warning("said %s", request.GET.get("text", "it"))
    return HttpResponse()


urlpatterns = [path("say", say), path("sign-in/say", say)]


@pytest.fixture
def lines() -> Iterator[Any]:
    """Return what reads the lines that were written so far, as the product formats them."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Formatter())
    log.addHandler(handler)
    yield lambda: stream.getvalue().split("\n")[:-1]
    log.removeHandler(handler)


def on(tenant: Entry) -> Client:
    return Client(headers={"host": f"{tenant.slug}.localhost"})


def fields(line: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in line.split(" ") if "=" in part)


def test_a_line_names_tenant_request_path_and_person(lines: Any, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, Role.VIEWER)
    answer = TenantClient(acme).use_key(user).get("/say")
    found = fields(lines()[-1])
    assert (found["tenant"], found["context"]) == (acme.id.hex, "tenant")
    assert (found["method"], found["path"], found["user"]) == ("GET", "/say", str(user.pk))
    assert found["request_id"] == answer["X-Request-ID"]
    assert len(found["request_id"]) == 2 * requests.ID_BYTES


def test_a_request_of_nobody_names_nobody(lines: Any, two_tenants: TwoTenants) -> None:
    on(two_tenants[0]).get("/sign-in/say")
    found = fields(lines()[-1])
    assert "user" not in found
    assert (found["context"], "tenant" in found) == ("identity", False)


def test_a_client_cannot_choose_the_request_s_name(lines: Any, two_tenants: TwoTenants) -> None:
    on(two_tenants[0]).get("/say", headers={"x-request-id": "chosen"})
    assert "chosen" not in lines()[-1]


def test_requests_in_turn_on_one_thread_leave_nothing_to_the_next(
    lines: Any, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    user = factories.member(acme)
    TenantClient(acme).use_key(user).get("/say?bind=secret-of-acme")
    assert "secret-of-acme" in lines()[-1]
    on(globex).get("/say")
    assert fields(lines()[-1])["tenant"] == globex.id.hex
    assert not {"secret-of-acme", str(user.pk), acme.id.hex} & set(fields(lines()[-1]).values())
    log.warning("after")
    assert not {"request_id", "path", "user", "tenant", "basket"} & fields(lines()[-1]).keys()
    assert len({fields(line)["request_id"] for line in lines()[:2]}) == 2


def test_a_thread_that_works_for_many_tenants_does_not_mix_them(
    fresh_db: str, lines: Any, two_tenants: TwoTenants
) -> None:
    def work(number: int) -> None:
        try:
            on(two_tenants[number % 2]).get(f"/say?text=n{number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(24)))
    assert len(lines()) == 24
    for line in lines():
        number = int(line.split("said n", 1)[1].split('"')[0])
        assert fields(line)["tenant"] == two_tenants[number % 2].id.hex


@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\r\nb", "a\rb", "a\x1b[31mb", "a\0b", "a\x85b", "a\u2028b", "a\u202eb", "a\x0bb", "a\x7fb"],
    ids=ascii,
)
def test_no_value_can_begin_a_line_or_act_on_a_terminal(
    lines: Any, two_tenants: TwoTenants, text: str
) -> None:
    forged = f"{text} level=error tenant={'0' * 32}"
    with context.use(two_tenants[0]):
        log.warning("said %s", forged)
        log.warning("said", extra={"more": forged})
    for line in lines():
        assert line.isprintable()
        assert len(line.splitlines()) == 1
        assert f"said {text[0]}" in line or "event=said" in line


def test_an_exception_is_one_line_as_well(lines: Any) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        log.exception("failed")
    assert len(lines()) == 1
    assert "ValueError: first\\nsecond" in lines()[0]


def test_a_hostile_path_stays_one_line(lines: Any, two_tenants: TwoTenants) -> None:
    request = HttpRequest()
    request.method, request.path, request.id = "GET", "/a\r\nlevel=error", "1"  # type: ignore[attr-defined]
    token = requests.current.set(request)
    log.warning("said")
    requests.current.reset(token)
    (line,) = lines()
    assert 'path="/a\\\\r\\nlevel=error"' in line


def test_the_server_names_the_tenant_while_its_transaction_lasts(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    """`application_name` is set for the transaction; a connection that waits for the next one names nobody."""
    names = "SELECT application_name FROM pg_stat_activity WHERE usename = 'app'"
    for tenant in two_tenants:
        with context.use(tenant):
            Category.objects.count()
            assert databases.read_as_admin(names) == [(tenant.schema_name,)]
        assert databases.read_as_admin(names) == [("",)]
