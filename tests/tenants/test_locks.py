"""Locks of a tenant: they keep its own requests apart, and nobody else notices."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from tenants import context, exceptions, locks
from tenants.directory import Entry
from tests import databases

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("module_db")
TAKE = "SELECT public.tenants_hold_lock(%s)"


@contextmanager
def session(role: str, login: str = "app") -> Iterator[psycopg.Connection[Any]]:
    """Another process in the middle of a transaction of this role, which waits for nothing longer than a moment."""
    parameters = connections["default"].get_connection_params()
    where = {key: parameters[key] for key in ("host", "port", "dbname", "password") if key in parameters}
    with psycopg.connect(**where, user=login) as connection:
        connection.execute("SET LOCAL statement_timeout = 200")
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        yield connection
        connection.rollback()


def keys_held(database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.servers().admin_url(database)) as admin:
        return admin.execute(
            "SELECT classid, objid, objsubid FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()


def test_a_second_transaction_of_the_tenant_waits(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        locks.hold("invoice numbers")
        with session(acme.schema_name) as other, pytest.raises(psycopg.errors.QueryCanceled):
            other.execute(TAKE, ["invoice numbers"])
        with session(acme.schema_name) as other:
            other.execute(TAKE, ["order numbers"])


def test_the_same_transaction_may_take_it_again(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        locks.hold("a")
        locks.hold("a")


def test_another_tenant_s_lock_of_that_name_is_another_lock(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        locks.hold("invoice numbers")
        with session(globex.schema_name) as other:
            other.execute(TAKE, ["invoice numbers"])


def test_it_ends_with_the_context(module_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        locks.hold("a")
        assert len(keys_held(module_db)) == 1
    assert keys_held(module_db) == []


def test_the_tenant_is_told_by_its_role_and_not_by_the_name(module_db: str, two_tenants: TwoTenants) -> None:
    """A name that spells another tenant's key gives a key of one's own."""
    acme, globex = two_tenants
    with session(globex.schema_name) as other:
        other.execute(TAKE, ["x"])
        (theirs,) = keys_held(module_db)
    with context.use(acme):
        locks.hold(f"{globex.schema_name}:x")
        locks.hold("x")
        assert len(keys_held(module_db)) == 2
        assert theirs not in keys_held(module_db)


def test_outside_a_tenant_there_is_no_lock() -> None:
    with pytest.raises(exceptions.NoTenant):
        locks.hold("a")
    with context.operator(), pytest.raises(exceptions.NoTenant):
        locks.hold("a")


@pytest.mark.parametrize("role", ["identity", "app"])
def test_a_role_that_is_no_tenant_may_not_ask(module_db: str, role: str) -> None:
    with session(role) as other, pytest.raises(psycopg.errors.InsufficientPrivilege, match="for function"):
        other.execute(TAKE, ["a"])


def test_the_group_of_tenants_is_no_tenant(module_db: str) -> None:
    with (
        session("tenant") as other,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="a tenant who"),
    ):
        other.execute(TAKE, ["a"])


def test_a_lock_without_a_name_is_refused(two_tenants: TwoTenants) -> None:
    """A strict function would answer NULL and hold nothing."""
    with (
        session(two_tenants[0].schema_name) as other,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="has a name"),
    ):
        other.execute("SELECT public.tenants_hold_lock(NULL)")


def test_a_tenant_that_logs_in_by_itself_holds_its_own(module_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with psycopg.connect(databases.servers().admin_url(module_db)) as login:
        login.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(acme.schema_name)))
        login.execute(TAKE, ["a"])
        with session(acme.schema_name) as other, pytest.raises(psycopg.errors.QueryCanceled):
            other.execute(TAKE, ["a"])


def test_the_function_runs_as_the_owner_on_a_pinned_path(module_db: str) -> None:
    with psycopg.connect(databases.servers().admin_url(module_db)) as admin:
        rows = admin.execute(
            "SELECT prosecdef, proconfig, proowner::regrole::text FROM pg_proc WHERE proname = 'tenants_hold_lock'"
        ).fetchall()
    assert rows == [(True, ["search_path=pg_catalog, pg_temp"], "owner")]
