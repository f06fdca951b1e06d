"""Every door of psycopg to the server, tried on the driver's own objects: inside a context, between two, and after."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import pq

from saas.commerce.models import Category
from tenants import context, exceptions
from tenants.db import driver
from tenants.db.base import DatabaseWrapper
from tenants.directory import Entry
from tests.conftest import ServerLog

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("module_db")


def wrapper() -> DatabaseWrapper:
    found = connections["default"]
    assert isinstance(found, DatabaseWrapper)
    return found


def raw() -> driver.Connection:
    """Return the driver's connection, as code has it that goes around Django."""
    wrapper().ensure_connection()
    found: driver.Connection = wrapper().connection
    return found


def who() -> object:
    with wrapper().cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


@pytest.fixture(params=[False, True], ids=["client binding", "server binding"])
def binding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """Both ways to bind parameters; with the server's, every statement is prepared at once."""
    wrapper().close()
    options = wrapper().settings_dict["OPTIONS"]
    if request.param:
        monkeypatch.setitem(options, "server_side_binding", True)
        monkeypatch.setitem(options, "prepare_threshold", 0)
    yield request.param
    wrapper().close()


WAYS: dict[str, Callable[[str], object]] = {
    "connection.execute": lambda statement: raw().execute(statement),
    "cursor": lambda statement: raw().cursor().execute(statement),
    "binary cursor": lambda statement: raw().cursor(binary=True).execute(statement),
    "prepared": lambda statement: raw().execute(statement, prepare=True),
    "executemany": lambda statement: raw().cursor().executemany(statement, [(), ()]),
    "executemany, returning": lambda statement: raw().cursor().executemany(statement, [()], returning=True),
    "stream": lambda statement: list(raw().cursor().stream(statement)),
    "named cursor": lambda statement: through_a_named_cursor(statement),
    "copy": lambda statement: raw().cursor().copy(statement).__enter__(),
    "pipeline": lambda statement: in_pipeline(statement),
    "Django": lambda statement: wrapper().cursor().execute(statement),
    "Django, executemany": lambda statement: wrapper().cursor().executemany(statement, [(), ()]),
    "raw": lambda statement: list(Category.objects.raw(statement)),
    "raw, named cursor": lambda statement: list(Category.objects.raw(statement).iterator()),
    "extra": lambda statement: list(Category.objects.extra(where=[f"true); {statement}; SELECT (1"])),
}


# Our list of first words; the server's: one statement in a message, one query in a cursor; the driver's.
REFUSALS = "may not run|multiple commands|syntax error|COPY|binary results|error in your SQL"


def through_a_named_cursor(statement: str) -> object:
    with raw().cursor("one") as cursor:
        return cursor.execute(statement).fetchall()


def fetch_from(name: str) -> object:
    """Read from a cursor that somebody else declared."""
    with raw().cursor(name) as cursor:
        return cursor.fetchone()


def in_pipeline(statement: str) -> object:
    with raw().pipeline():
        return raw().execute(statement).fetchall()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("statement", ["SELECT 1; RESET ROLE", "RESET ROLE", "COMMIT"])
def test_no_way_leaves_the_tenant(two_tenants: TwoTenants, binding: bool, way: str, statement: str) -> None:
    with (
        pytest.raises(Exception, match=REFUSALS),
        context.use(two_tenants[0]),
    ):
        WAYS[way](statement)
    for tenant in two_tenants:
        with context.use(tenant):
            assert who() == tenant.schema_name


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("copy", "binary cursor", "extra")])
def test_every_way_runs_in_the_tenant(two_tenants: TwoTenants, binding: bool, way: str) -> None:
    """As the first statement of the context, which must send the entry by itself."""
    if (binding, way) == (False, "binary cursor"):
        pytest.skip("client binding has no binary results")
    with context.use(two_tenants[0]):
        WAYS[way]("SELECT NULL::uuid AS id, current_user AS name")
        assert who() == two_tenants[0].schema_name


def test_a_procedure_is_called_in_the_tenant(two_tenants: TwoTenants, binding: bool) -> None:
    with context.use(two_tenants[0]), wrapper().cursor() as cursor:
        cursor.callproc("current_schema")
        assert cursor.fetchone() == (two_tenants[0].schema_name,)


def test_a_procedure_s_name_is_no_way_out(two_tenants: TwoTenants, binding: bool) -> None:
    with (
        pytest.raises(Exception, match="does not exist"),
        context.use(two_tenants[0]),
        wrapper().cursor() as cursor,
    ):
        cursor.callproc("current_schema(); RESET ROLE; SELECT current_schema")


def test_everything_in_a_context_travels_over_the_extended_protocol(
    server_log: ServerLog, two_tenants: TwoTenants, binding: bool
) -> None:
    wrapper().ensure_connection()
    server_log.forget()
    with context.use(two_tenants[0]):
        raw().execute("SELECT 1")
        list(Category.objects.iterator(chunk_size=1))
        with raw().transaction():
            list(Category.objects.all())
        with raw().cursor("one") as cursor:
            cursor.execute("SELECT generate_series(1, 5)")
            assert cursor.fetchmany(2) == [(1,), (2,)]
    lines = [
        line
        for line in server_log.path.read_bytes()[server_log.start :].decode().splitlines()
        if f"|{server_log.database}|app|" in line
    ]
    simple = [line.split("statement: ", 1)[1] for line in lines if "LOG:  statement: " in line]
    assert len([line for line in lines if "LOG:  execute" in line]) > 8
    assert [line.split(";")[0] for line in simple] == ["BEGIN", "COMMIT"]


def test_a_named_cursor_cannot_outlive_the_transaction(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        with raw().cursor("one", withhold=True) as cursor, pytest.raises(exceptions.StatementRefused):
            cursor.execute("SELECT 1")
        assert who() == two_tenants[0].schema_name


# The driver's own transactions.


ENDS: dict[str, Callable[[], object]] = {
    "commit": lambda: raw().commit(),
    "rollback": lambda: raw().rollback(),
    "tpc_begin": lambda: raw().tpc_begin("one"),
    "tpc_commit": lambda: raw().tpc_commit("one"),
    "tpc_rollback": lambda: raw().tpc_rollback("one"),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_driver_does_not_end_the_context_s_transaction(two_tenants: TwoTenants, end: str) -> None:
    with context.use(two_tenants[0]):
        who()
        with pytest.raises(exceptions.StatementRefused):
            ENDS[end]()
        assert who() == two_tenants[0].schema_name


@pytest.mark.parametrize("end", ["tpc_begin", "tpc_commit", "tpc_rollback"])
def test_nor_does_it_begin_one_of_its_own_there(two_tenants: TwoTenants, end: str) -> None:
    with context.use(two_tenants[0]):
        with pytest.raises(exceptions.StatementRefused):
            ENDS[end]()
        assert who() == two_tenants[0].schema_name


@pytest.mark.parametrize("attribute", ["autocommit", "isolation_level", "read_only", "deferrable"])
@pytest.mark.parametrize("first", [True, False], ids=["before the entry", "after it"])
def test_what_the_driver_would_begin_with_changes_nothing(
    two_tenants: TwoTenants, attribute: str, first: bool
) -> None:
    value: Any = psycopg.IsolationLevel.SERIALIZABLE if attribute == "isolation_level" else True
    try:
        with context.use(two_tenants[0]):
            if not first:
                who()
            try:
                setattr(raw(), attribute, value)
            except psycopg.ProgrammingError:
                assert not first
            assert who() == two_tenants[0].schema_name
            assert raw().pgconn.transaction_status == pq.TransactionStatus.INTRANS
    finally:
        wrapper().close()


@pytest.mark.parametrize("first", [True, False], ids=["before the entry", "after it"])
def test_the_driver_s_transaction_block_is_a_savepoint(two_tenants: TwoTenants, first: bool) -> None:
    with context.use(two_tenants[0]):
        if not first:
            who()
        with raw().transaction():
            assert who() == two_tenants[0].schema_name
        with pytest.raises(ZeroDivisionError), raw().transaction("mine"):
            raise ZeroDivisionError
        with raw().transaction(force_rollback=True):
            assert who() == two_tenants[0].schema_name
        assert who() == two_tenants[0].schema_name


def test_the_connection_s_own_block_ends_no_context(two_tenants: TwoTenants) -> None:
    """`with psycopg_connection:` commits or rolls back, and closes."""
    with pytest.raises(exceptions.TenancyError), context.use(two_tenants[0]):
        who()
        with raw():
            pass


def test_a_pipeline_does_not_outlive_its_context(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with pytest.raises(exceptions.TransactionAborted), context.use(acme):
        pipeline: AbstractContextManager[Any] = raw().pipeline()
        pipeline.__enter__()
        late = raw().execute("SELECT current_user")
    with pytest.raises((psycopg.Error, exceptions.NoTenant)):
        late.execute("SELECT current_user")
    with context.use(globex):
        assert who() == globex.schema_name


def test_a_cancel_from_another_thread_is_an_error_of_the_statement(two_tenants: TwoTenants) -> None:
    with pytest.raises(Exception, match="canceling statement"), context.use(two_tenants[0]):
        who()
        canceller = threading.Timer(0.2, raw().cancel)
        canceller.start()
        try:
            raw().execute("SELECT count(*) FROM generate_series(1, 1000000000)")
        finally:
            canceller.join()
    with context.use(two_tenants[1]):
        assert who() == two_tenants[1].schema_name


def test_a_stream_that_nobody_finishes_ends_its_context_with_an_error(two_tenants: TwoTenants) -> None:
    """It holds the driver's lock, for which COMMIT would wait for ever."""
    with pytest.raises(exceptions.TransactionAborted), context.use(two_tenants[0]):
        rows = raw().cursor().stream("SELECT generate_series(1, 100000)")
        assert next(rows) == (1,)
    with pytest.raises(psycopg.Error):
        list(rows)
    with context.use(two_tenants[1]):
        assert who() == two_tenants[1].schema_name


def test_plans_prepared_in_one_tenant_are_made_anew_in_the_next(
    fresh_db: str, two_tenants: TwoTenants, binding: bool
) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            Category.objects.create(name=tenant.slug, slug="same")
    for tenant in two_tenants * 4:
        with context.use(tenant):
            assert Category.objects.get(slug="same").name == tenant.slug
            row = raw().execute("SELECT slug FROM public.tenants_tenant", prepare=True).fetchall()
            assert row == [(tenant.slug,)]
    assert bool(raw()._prepared._names) is binding


def test_forgetting_prepared_statements_is_no_statement_of_the_tenant(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper().close()
    monkeypatch.setitem(wrapper().settings_dict["OPTIONS"], "prepare_threshold", 0)
    monkeypatch.setitem(wrapper().settings_dict["OPTIONS"], "server_side_binding", True)
    try:
        with context.use(two_tenants[0]):
            raw().prepared_max = 1
            for n in range(5):
                raw().execute(f"SELECT {n}, %s::int", [n])
            with pytest.raises(ZeroDivisionError), raw().transaction():
                raise ZeroDivisionError
            assert who() == two_tenants[0].schema_name
    finally:
        wrapper().close()


# Cursors that live on.


def test_a_named_cursor_reads_nothing_after_its_context(two_tenants: TwoTenants, binding: bool) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        cursor = raw().cursor("one")
        cursor.execute("SELECT current_user")
    with closing(cursor):
        with pytest.raises(exceptions.WrongTenant):
            cursor.fetchone()
        with context.use(globex):
            with raw().cursor("one") as other:
                other.execute("SELECT current_user")
                with pytest.raises(exceptions.WrongTenant):
                    cursor.fetchone()
                assert other.fetchone() == (globex.schema_name,)
            assert who() == globex.schema_name


def test_a_forgotten_iterator_reads_nothing_of_a_cursor_with_its_name(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    """Names come again: Django's hold the number of a thread, which a later thread gets, and count from 1 in each."""
    for tenant in two_tenants:
        with context.use(tenant):
            Category.objects.bulk_create([Category(name=tenant.slug, slug=f"{n}") for n in range(6)])
    acme, globex = two_tenants
    with context.use(acme):
        wrapper()._named_cursor_idx = 7
        forgotten = Category.objects.values_list("name", flat=True).iterator(chunk_size=1)
        assert next(forgotten) == "acme"
    with context.use(globex):
        wrapper()._named_cursor_idx = 7
        rows = Category.objects.values_list("name", flat=True).iterator(chunk_size=1)
        assert next(rows) == "globex"
        with pytest.raises(exceptions.WrongTenant):
            list(forgotten)
        assert set(rows) == {"globex"}


def test_closing_a_cursor_of_another_context_does_not_disturb_this_one(two_tenants: TwoTenants) -> None:
    """The garbage collector closes a forgotten `iterator()` whenever it likes."""
    acme, globex = two_tenants
    with context.use(acme):
        cursor = raw().cursor("one")
        cursor.execute("SELECT generate_series(1, 9)")
    with context.use(globex):
        who()
        cursor.close()
        assert who() == globex.schema_name


def test_a_cursor_kept_from_one_tenant_is_the_next_one_s_in_the_next(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        cursor = raw().cursor()
        cursor.execute("SELECT 1")
    with pytest.raises(exceptions.NoTenant):
        cursor.execute("SELECT current_user")
    with context.use(globex):
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (globex.schema_name,)


def test_without_a_context_the_driver_sends_nothing_but_empty_transactions(two_tenants: TwoTenants) -> None:
    for attempt in (
        lambda: raw().execute("SELECT 1"),
        lambda: through_a_named_cursor("SELECT 1"),
        lambda: fetch_from("one"),
        lambda: raw().tpc_commit("one"),
        lambda: list(raw().cursor().stream("SELECT 1")),
        lambda: in_pipeline("SELECT 1"),
    ):
        with pytest.raises(exceptions.NoTenant):
            attempt()
    assert raw().pgconn.transaction_status == pq.TransactionStatus.IDLE
    with raw().transaction():
        pass
    assert raw().pgconn.transaction_status == pq.TransactionStatus.IDLE


def test_a_connection_that_was_closed_answers_no_one(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        cursor = raw().cursor()
        cursor.execute("SELECT 1")
    wrapper().close()
    with context.use(two_tenants[1]):
        who()
        with pytest.raises((exceptions.NoTenant, psycopg.OperationalError)):
            cursor.execute("SELECT current_user")
