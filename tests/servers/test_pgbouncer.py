"""PgBouncer in transaction mode between us and the database: a context is one transaction, and nothing is left of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connections

from saas.commerce.models import Category
from tenants import context, exceptions, lifecycle, strict
from tenants.db import logins
from tenants.db.base import DatabaseWrapper
from tenants.directory import Entry
from tests.servers import process

pytestmark = pytest.mark.skipif(
    process.PGBOUNCER is None, reason="PgBouncer is not installed (Debian: apt-get install pgbouncer)"
)


@pytest.fixture
def bouncer(tenants: list[Entry], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Have every thread connect through PgBouncer, which has two connections; yields the settings of the alias."""
    settings = wrapper().settings_dict
    with process.pgbouncer() as folder:
        connections.close_all()
        monkeypatch.setitem(settings, "HOST", folder)
        monkeypatch.setitem(settings, "PORT", "6432")
        yield settings
        connections.close_all()


def wrapper() -> DatabaseWrapper:
    found = connections["default"]
    assert isinstance(found, DatabaseWrapper)
    return found


def seen() -> tuple[str, str, list[str]]:
    with wrapper().cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('search_path'), %s", [1])
        role, path, _ = cursor.fetchone()
    return role, path, [row.name for row in Category.objects.iterator(chunk_size=1)]


def place_of(tenant: Entry) -> tuple[str, str, list[str]]:
    return tenant.schema_name, f"{tenant.schema_name}, public", [tenant.slug]


@pytest.mark.parametrize("binding", ["client", "server"])
def test_more_threads_than_connections_see_their_own_tenant(
    bouncer: dict[str, Any], tenants: list[Entry], binding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if binding == "server":
        monkeypatch.setitem(bouncer["OPTIONS"], "server_side_binding", True)

    def visit(tenant: Entry) -> tuple[str, str, list[str]]:
        with context.use(tenant):
            return seen()

    def work(first: int) -> list[tuple[Entry, tuple[str, str, list[str]]]]:
        try:
            visits = [tenants[(first + n) % len(tenants)] for n in range(30)]
            return [(tenant, visit(tenant)) for tenant in visits]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as executor:
        found = [one for part in executor.map(work, range(8)) for one in part]
    assert len(found) == 240
    assert [one for tenant, one in found if one != place_of(tenant)] == []


def test_statements_are_not_prepared_behind_it(bouncer: dict[str, Any], tenants: list[Entry]) -> None:
    """PgBouncer before 1.21 knows no prepared statements of the protocol."""
    assert wrapper().get_connection_params()["prepare_threshold"] is None
    for _ in range(8):
        with context.use(tenants[0]):
            assert seen() == place_of(tenants[0])


def test_between_two_contexts_the_connection_is_nobody_s(
    bouncer: dict[str, Any], tenants: list[Entry]
) -> None:
    with context.use(tenants[0]):
        seen()
    result = wrapper().connection.pgconn.exec_(b"SELECT current_user, current_setting('search_path')")
    assert (result.get_value(0, 0), result.get_value(0, 1)) == (b"app", b'""')
    with pytest.raises(exceptions.NoTenant):
        seen()


def test_a_context_that_fails_leaves_nothing_for_the_next(
    bouncer: dict[str, Any], tenants: list[Entry]
) -> None:
    for tenant in tenants * 3:
        with pytest.raises(DatabaseError), context.use(tenant), wrapper().cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        with context.use(tenant):
            assert seen() == place_of(tenant)


def test_strict_tenants_come_through_it_as_users_of_their_own(
    tenants: list[Entry], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LEASEHOLD_STRICT_KEY = "a key of the tests, long and varied enough: 0123456789"
    made = lifecycle.make_strict(lifecycle.create("strictly", by="test").slug, by="test")
    try:
        with process.pgbouncer(made.schema_name) as folder:
            connections.close_all()
            strict.clear()
            monkeypatch.setitem(wrapper().settings_dict, "HOST", folder)
            monkeypatch.setitem(wrapper().settings_dict, "PORT", "6432")
            for _ in range(3):
                with context.use(made), wrapper().cursor() as cursor:
                    cursor.execute("SELECT session_user, current_user")
                    assert cursor.fetchone() == (made.schema_name, made.schema_name)
                with context.use(tenants[0]):
                    assert seen() == place_of(tenants[0])
            connections.close_all()
            logins.close_all()
    finally:
        lifecycle.relax(made.slug, by="test")
        strict.clear()


def test_django_s_pool_in_front_of_it_works_too(
    bouncer: dict[str, Any], tenants: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bouncer, "CONN_MAX_AGE", 0)
    monkeypatch.setitem(bouncer["OPTIONS"], "pool", {"min_size": 1, "max_size": 2})
    try:
        for tenant in tenants * 3:
            with context.use(tenant):
                assert seen() == place_of(tenant)
            wrapper().close()
    finally:
        wrapper().close_pool()
