"""Connections kept by a thread, for a while or for ever, and those that threads share: none brings a tenant along."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections, connections
from psycopg import pq

from saas.commerce.models import Category
from tenants import context, exceptions
from tenants.db.base import DatabaseWrapper
from tenants.directory import Entry
from tests import databases

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("module_db")


def wrapper() -> DatabaseWrapper:
    found = connections["default"]
    assert isinstance(found, DatabaseWrapper)
    return found


def who() -> str:
    with wrapper().cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def pid() -> int:
    backend: int = wrapper().connection.info.backend_pid
    return backend


@pytest.fixture
def age(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int | None]:
    wrapper().close()
    monkeypatch.setitem(wrapper().settings_dict, "CONN_MAX_AGE", request.param)
    yield request.param
    wrapper().close()


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """One connection for all threads, so that each tenant gets what the one before had."""
    connections.close_all()
    settings = wrapper().settings_dict
    options = {"min_size": 1, "max_size": 1, "timeout": 20.0}
    monkeypatch.setitem(settings, "CONN_MAX_AGE", 0)
    monkeypatch.setitem(settings["OPTIONS"], "pool", options)
    yield options
    connections.close_all()
    if made := wrapper()._connection_pools.pop("default", None):
        made.close()


# Kept by a thread.


@pytest.mark.parametrize("age", [0, 60, None], indirect=True)
def test_tenants_alternate_between_requests(two_tenants: TwoTenants, age: int | None) -> None:
    backends = set()
    for tenant in two_tenants * 3:
        close_old_connections()  # as at the beginning and the end of each request
        with context.use(tenant):
            assert who() == tenant.schema_name
            backends.add(pid())
        close_old_connections()
    assert len(backends) == (6 if age == 0 else 1)


@pytest.mark.parametrize("age", [0, 60, None], indirect=True)
def test_old_connections_that_are_closed_inside_a_context_end_it(
    two_tenants: TwoTenants, age: int | None
) -> None:
    acme, globex = two_tenants
    with pytest.raises(exceptions.TransactionAborted), context.use(acme):
        who()
        close_old_connections()
        with pytest.raises(DatabaseError):
            who()
    with context.use(globex):
        assert who() == globex.schema_name


# Shared by threads.


def test_a_pooled_connection_serves_one_tenant_after_the_other(
    two_tenants: TwoTenants, pool: dict[str, Any]
) -> None:
    backends = set()
    for tenant in two_tenants * 3:
        with context.use(tenant):
            assert who() == tenant.schema_name
            backends.add(pid())
        wrapper().close()  # gives it back
    assert len(backends) == 1


def test_threads_share_a_pooled_connection_and_nothing_else(
    fresh_db: str, two_tenants: TwoTenants, pool: dict[str, Any]
) -> None:
    pool["max_size"] = 2
    for tenant in two_tenants:
        with context.use(tenant):
            Category.objects.create(name=tenant.slug, slug=tenant.slug)
    connections.close_all()

    def visit(tenant: Entry) -> tuple[str, str, list[str]]:
        try:
            with context.use(tenant):
                return tenant.slug, who(), list(Category.objects.values_list("slug", flat=True))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as executor:
        found = list(executor.map(visit, two_tenants * 30))
    assert len(found) == 60
    names = {tenant.slug: tenant.schema_name for tenant in two_tenants}
    assert all((role, slugs) == (names[slug], [slug]) for slug, role, slugs in found)


SPOILED: dict[str, bytes] = {
    "role": b"SET ROLE identity",
    "search_path": b"SET search_path = public",
    "transaction": b"BEGIN; SET LOCAL ROLE identity",
    "aborted transaction": b"BEGIN; SELECT 1 / 0",
    "timeout": b"SET statement_timeout = 1",
    "name": b"SET application_name = 'someone'",
    "listener": b"LISTEN inbox",
    "held cursor": b"BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT 1; COMMIT",
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_connection_that_is_not_clean_does_not_come_back(
    two_tenants: TwoTenants, pool: dict[str, Any], spoil: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Left behind below every guard. An open transaction the pool ends; the rest costs the connection."""
    acme, globex = two_tenants
    with context.use(acme):
        who()
    before = pid()
    wrapper().connection.pgconn.exec_(SPOILED[spoil])
    with caplog.at_level(logging.WARNING, "psycopg.pool"):
        wrapper().close()
        with context.use(globex):
            assert who() == globex.schema_name
            after = pid()
    ended = "transaction" in spoil
    assert (after == before) is ended
    assert ("rolling back" if ended else "came back with another role") in caplog.text


def test_a_connection_given_back_answers_who_kept_a_cursor_no_more(
    two_tenants: TwoTenants, pool: dict[str, Any]
) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        kept = wrapper().connection.cursor()
        kept.execute("SELECT 1")
    wrapper().close()
    inside, asked = threading.Event(), threading.Event()
    seen: list[str] = []

    def visit() -> None:
        try:
            with context.use(globex):
                seen.append(who())
                inside.set()
                asked.wait(20)
                seen.append(who())
        finally:
            connections.close_all()

    with pytest.raises(exceptions.NoTenant):
        kept.execute("SELECT current_user")
    other = threading.Thread(target=visit)
    other.start()
    assert inside.wait(20)
    with pytest.raises(exceptions.NoTenant):
        kept.execute("SELECT current_user")  # of a connection that is globex's now
    asked.set()
    other.join()
    assert seen == [globex.schema_name] * 2


@pytest.mark.parametrize("close", [lambda: wrapper().close(), connections.close_all, close_old_connections])
def test_giving_it_back_inside_a_context_ends_that(
    two_tenants: TwoTenants, pool: dict[str, Any], close: Callable[[], None]
) -> None:
    acme, globex = two_tenants
    with pytest.raises(exceptions.TransactionAborted), context.use(acme):
        who()
        close()
        with pytest.raises((DatabaseError, exceptions.TransactionAborted)):
            who()
    with context.use(globex):
        assert who() == globex.schema_name


def test_a_lost_connection_is_not_given_out(two_tenants: TwoTenants, pool: dict[str, Any]) -> None:
    with context.use(two_tenants[0]):
        who()
        lost = pid()
    wrapper().close()
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
    with context.use(two_tenants[1]):
        assert who() == two_tenants[1].schema_name


def test_a_pooled_connection_is_told_the_time_zone(
    two_tenants: TwoTenants, pool: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(wrapper().settings_dict, "TIME_ZONE", "Europe/Vienna")
    wrapper().__dict__.pop("timezone_name", None)
    try:
        with context.use(two_tenants[0]):
            assert wrapper().connection.info.parameter_status("TimeZone") == "Europe/Vienna"
            assert who() == two_tenants[0].schema_name
    finally:
        wrapper().__dict__.pop("timezone_name", None)


def test_a_pool_takes_no_callbacks_in_the_place_of_ours(
    two_tenants: TwoTenants, pool: dict[str, Any]
) -> None:
    pool["reset"] = print
    with pytest.raises(ImproperlyConfigured, match="reset"), context.use(two_tenants[0]):
        pytest.fail("entered")


def test_a_pool_and_kept_connections_exclude_each_other(
    two_tenants: TwoTenants, pool: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(wrapper().settings_dict, "CONN_MAX_AGE", 60)
    with pytest.raises(ImproperlyConfigured, match="CONN_MAX_AGE"), context.use(two_tenants[0]):
        pytest.fail("entered")


def test_a_connection_in_the_pool_is_idle(two_tenants: TwoTenants, pool: dict[str, Any]) -> None:
    with context.use(two_tenants[0]):
        who()
    given_back = wrapper().connection
    wrapper().close()
    assert given_back.pgconn.transaction_status == pq.TransactionStatus.IDLE
