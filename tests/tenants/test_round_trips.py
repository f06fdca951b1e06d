"""What a request and a context send to the server, one entry per message, read from the server's own log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import RequestFactory

from saas.commerce.models import Product
from tenants import context, directory
from tenants.directory import Entry
from tenants.models import Role
from tenants.testing import TenantClient
from tests import databases, factories

TwoTenants = tuple[Entry, Entry]
Get = Callable[[str], int]
# A list of products is one query, and whose it is another one: the membership.
LIST, QUERIES = "/api/v1/products", 2


@pytest.fixture
def caller(tenant_client: type[TenantClient], two_tenants: TwoTenants) -> TenantClient:
    return tenant_client(two_tenants[0])


@pytest.fixture
def get(caller: TenantClient) -> Get:
    """Answer as a web server has it answered; Django's test client leaves out the work between two requests."""
    application = WSGIHandler()

    def answer(path: str) -> int:
        cookies = caller.cookies.output(header="", sep=";").strip()
        environ = RequestFactory().get(path).environ | caller.defaults | {"HTTP_COOKIE": cookies}
        response = application(environ, lambda *_: None)  # type: ignore[arg-type]
        response.close()
        return response.status_code

    return answer


@pytest.fixture(autouse=True)
def nobody_asks_for_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a second a process asks whether the directory has changed; on a busy machine that would be during a test."""
    monkeypatch.setattr(directory, "MAX_AGE", timedelta(hours=1))


def warm(get: Get) -> None:
    """Fill the caches, of hosts and of who has which key or session."""
    assert get(LIST) == 200


@pytest.mark.parametrize("way", ["use_key", "sign_in"])
def test_a_request_costs_its_queries_and_two_messages(
    server_log: Any, caller: TenantClient, get: Get, two_tenants: TwoTenants, way: str
) -> None:
    getattr(caller, way)(factories.member(two_tenants[0], Role.VIEWER))
    warm(get)
    server_log.forget()
    assert get(LIST) == 200
    messages = server_log.messages()
    assert len(messages) == QUERIES + 2, messages
    assert messages[0].startswith(f"BEGIN; SET LOCAL ROLE {two_tenants[0].schema_name};")
    assert messages[-1] == "COMMIT"


def test_a_request_with_a_token_costs_no_more(
    server_log: Any, caller: TenantClient, get: Get, two_tenants: TwoTenants
) -> None:
    """Its signature is verified with keys that the process remembers."""
    caller.use_key(factories.member(two_tenants[0], Role.VIEWER))
    token = caller.post("/api/v1/tokens", {}, "application/json").json()["token"]
    caller.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    warm(get)
    server_log.forget()
    assert get(LIST) == 200
    assert len(server_log.messages()) == QUERIES + 2, server_log.messages()


def test_a_request_without_a_query_sends_nothing(server_log: Any, get: Get) -> None:
    assert get(LIST) == 401
    server_log.forget()
    assert get(LIST) == 401
    assert server_log.messages() == []


def test_a_context_costs_its_queries_and_two_messages(server_log: Any, two_tenants: TwoTenants) -> None:
    for tenant in two_tenants:
        server_log.forget()
        with context.use(tenant):
            assert not Product.objects.exists()
            assert not Product.objects.exists()
        assert len(server_log.messages()) == 2 + 2


def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used(
    fresh_db: str, caller: TenantClient, get: Get, two_tenants: TwoTenants
) -> None:
    caller.use_key(factories.member(two_tenants[0], Role.VIEWER))
    warm(get)
    former = connections["default"].connection.info.backend_pid
    with psycopg.connect(databases.servers().admin_url(fresh_db)) as admin:
        assert admin.execute("SELECT pg_terminate_backend(%s, 5000)", [former]).fetchone() == (True,)
    assert get(LIST) == 200
    assert connections["default"].connection.info.backend_pid != former
