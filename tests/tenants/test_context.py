"""A context is a block, a transaction and a role: what nests, what is refused, what leaves with an error."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from django.db import IntegrityError, ProgrammingError, connections, transaction

from saas.commerce.models import Category
from tenants import context, exceptions
from tenants.context import Kind, Who
from tenants.db import entry
from tenants.directory import Entry
from tenants.models import Tenant
from tests.conftest import ServerLog

TwoTenants = tuple[Entry, Entry]

KINDS: dict[Kind, Callable[[], Any]] = {
    Kind.IDENTITY: context.identity,
    Kind.PUBLIC: context.public,
    Kind.OPERATOR: context.operator,
    Kind.OWNER: context.owner,
    Kind.BACKUP: context.backup,
}
LOGIN = {
    Kind.IDENTITY: ("app", "identity"),
    Kind.PUBLIC: ("app", "app"),
    Kind.OPERATOR: ("console", "console"),
    Kind.OWNER: ("owner", "owner"),
    Kind.BACKUP: ("backup", "backup"),
}


@pytest.fixture(autouse=True)
def no_rows_of_the_test_before(request: pytest.FixtureRequest, module_db: str) -> None:
    if "db" not in request.fixturenames:
        for tenant in request.getfixturevalue("two_tenants"):
            with context.use(tenant):
                Category.objects.all().delete()


def who(alias: str = "default") -> tuple[str, str, str]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT session_user, current_user, current_setting('search_path')")
        found: tuple[str, str, str] = cursor.fetchone()
        return found


def slugs() -> set[str]:
    return set(Category.objects.values_list("slug", flat=True))


def slugs_and_close() -> set[str]:
    """Like `slugs`, on a thread that nobody asks to clean up."""
    try:
        return slugs()
    finally:
        connections.close_all()


def add(slug: str) -> Category:
    return Category.objects.create(name="x", slug=slug)


# Who one is inside.


def test_a_tenant_s_context_is_its_role_and_its_schema(two_tenants: TwoTenants) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            assert who() == ("app", tenant.schema_name, f"{tenant.schema_name}, public")


@pytest.mark.parametrize("kind", KINDS)
def test_each_other_context_is_one_login_and_one_role(kind: Kind) -> None:
    with KINDS[kind]() as entered:
        assert who(entered.alias) == (*LOGIN[kind], "public")


def test_queries_go_to_the_login_of_the_context() -> None:
    for kind, enter in KINDS.items():
        with enter():
            assert Tenant.objects.all().db == context.ALIAS[kind]


def test_a_login_that_this_process_does_not_hold_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(settings.DATABASES, "console")
    with pytest.raises(exceptions.NoLogin, match="console"), context.operator():
        pytest.fail("entered")


def test_current_is_the_context_and_none_outside(two_tenants: TwoTenants) -> None:
    assert context.current() is None
    with context.use(two_tenants[0]) as entered:
        assert context.current() is entered
        assert context.tenant_id() == two_tenants[0].id
    assert context.current() is None


@pytest.mark.parametrize("kind", [Kind.IDENTITY, Kind.PUBLIC])
def test_only_a_tenant_s_context_has_a_tenant(db: None, kind: Kind) -> None:
    with KINDS[kind](), pytest.raises(exceptions.NoTenant):
        context.tenant_id()


# Who acts inside.


def actor() -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('leasehold.actor'), public.actor_sees_all(), public.current_visitor()"
        )
        text, sees_all, visitor = cursor.fetchone()
    assert sees_all == (text in ("system", "staff"))
    assert str(visitor or "") == ("" if sees_all else text)
    return str(text)


def test_a_context_is_the_system_s_unless_somebody_is_named(two_tenants: TwoTenants) -> None:
    visitor = uuid4()
    for named, text in ((None, "system"), (Who.STAFF, "staff"), (visitor, str(visitor)), (Who.NOBODY, "")):
        with context.use(two_tenants[0], actor=named) as entered:
            assert actor() == text
            assert str(entered.actor) == text


@pytest.mark.parametrize(
    "named", ["', role = 'x", "staff2", "01234567-89ab-cdef-0123-456789abcdef", 0, b"staff"]
)
def test_nobody_else_can_be_named(two_tenants: TwoTenants, named: Any) -> None:
    with pytest.raises(exceptions.WrongActor), context.use(two_tenants[0], actor=named):
        slugs()


def test_outside_of_tenants_nobody_acts(two_tenants: TwoTenants) -> None:
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT public.actor_sees_all(), public.current_visitor()")
        assert cursor.fetchone() == (False, None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Kind.OWNER])
def test_who_has_no_tenant_cannot_even_ask(kind: Kind, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        slugs()  # the same session has had an actor
    for function in ("actor_sees_all", "current_visitor"):
        with KINDS[kind]() as entered, connections[entered.alias].cursor() as cursor:
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(entered.alias),
            ):
                cursor.execute(f"SELECT public.{function}()")
            cursor.execute("SELECT coalesce(current_setting('leasehold.actor', true), '')")
            assert cursor.fetchone() == ("",)


def test_nested_one_acts_as_around_it(two_tenants: TwoTenants) -> None:
    visitor = uuid4()
    with context.use(two_tenants[0], actor=visitor):
        for same in (None, visitor):
            with context.use(two_tenants[0], actor=same):
                assert actor() == str(visitor)


@pytest.mark.parametrize("inner", [Who.SYSTEM, Who.NOBODY, uuid4()])
def test_another_actor_nested_is_refused_and_changes_nothing(two_tenants: TwoTenants, inner: Any) -> None:
    with context.use(two_tenants[0], actor=Who.STAFF):
        with pytest.raises(exceptions.WrongActor), context.use(two_tenants[0], actor=inner):
            pytest.fail("entered")
        assert actor() == "staff"


def test_what_runs_on_commit_acts_as_the_context_did(two_tenants: TwoTenants) -> None:
    found: list[str] = []

    def look() -> None:
        with context.use(two_tenants[0]):
            found.append(actor())

    with context.use(two_tenants[0], actor=Who.NOBODY):
        transaction.on_commit(look)
        slugs()
    assert found == [""]


def test_who_acts_around_is_the_default_and_enters_nothing(two_tenants: TwoTenants) -> None:
    with context.acting(Who.NOBODY):
        assert context.current() is None
        with context.use(two_tenants[0]):
            assert actor() == ""
        with context.use(two_tenants[0], actor=Who.SYSTEM):
            assert actor() == "system"
    with context.use(two_tenants[0]):
        assert actor() == "system"


# Outside.


def test_a_tenant_s_table_outside_a_context_is_no_tenant(db: None) -> None:
    with pytest.raises(exceptions.NoTenant):
        list(Category.objects.all())


def test_a_shared_table_outside_a_context_is_no_tenant(db: None) -> None:
    with pytest.raises(exceptions.NoTenant):
        Tenant.objects.count()


@pytest.mark.parametrize("ask", [context.tenant_id, context.roll_back])
def test_questions_about_the_context_outside_of_one_raise(ask: Callable[[], object]) -> None:
    with pytest.raises(exceptions.NoTenant):
        ask()


def test_a_query_made_in_one_tenant_is_evaluated_as_nobody_outside(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        lazy = Category.objects.all()
    with pytest.raises(exceptions.NoTenant):
        list(lazy)


# Nesting.


def test_the_same_tenant_nested_is_a_savepoint(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme) as outer:
        add("outer")
        with pytest.raises(ZeroDivisionError), context.use(acme) as inner:
            assert inner is outer
            add("inner")
            raise ZeroDivisionError
        assert slugs() == {"outer"}
        assert who()[1] == acme.schema_name
    with context.use(acme):
        assert slugs() == {"outer"}


def test_what_a_nested_context_wrote_goes_with_the_outer_one(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with pytest.raises(ZeroDivisionError), context.use(acme):
        with context.use(acme):
            add("inner")
        raise ZeroDivisionError
    with context.use(acme):
        assert slugs() == set()


def test_another_tenant_nested_is_refused_and_changes_nothing(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        with pytest.raises(exceptions.WrongTenant), context.use(globex):
            pytest.fail("entered")
        assert context.tenant_id() == acme.id
        assert who()[1] == acme.schema_name


def test_another_tenant_nested_is_refused_before_any_query(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme), pytest.raises(exceptions.WrongTenant), context.use(globex):
        pytest.fail("entered")


@pytest.mark.parametrize("kind", [Kind.IDENTITY, Kind.PUBLIC])
def test_another_kind_on_the_same_login_nested_is_refused(two_tenants: TwoTenants, kind: Kind) -> None:
    with context.use(two_tenants[0]), pytest.raises(exceptions.WrongTenant), KINDS[kind]():
        pytest.fail("entered")
    with KINDS[kind](), pytest.raises(exceptions.WrongTenant), context.use(two_tenants[0]):
        pytest.fail("entered")


@pytest.mark.parametrize("kind", KINDS)
def test_another_kind_nested_is_refused_whatever_its_login(two_tenants: TwoTenants, kind: Kind) -> None:
    with context.use(two_tenants[0]):
        with pytest.raises(exceptions.WrongTenant), KINDS[kind]():
            pytest.fail("entered")
        assert who()[1] == two_tenants[0].schema_name


def test_an_ordinary_atomic_around_a_context_is_refused(two_tenants: TwoTenants) -> None:
    refused = pytest.raises(exceptions.WrongTenant, match="transaction is open")
    with transaction.atomic(), refused, context.use(two_tenants[0]):
        pytest.fail("entered")


def test_an_ordinary_atomic_inside_a_context_is_a_savepoint(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        add("kept")
        with pytest.raises(IntegrityError), transaction.atomic():
            add("kept")
        add("also")
    with context.use(two_tenants[0]):
        assert slugs() == {"kept", "also"}


# Leaving.


def test_leaving_commits(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        add("tea")
    connections["default"].close()
    with context.use(two_tenants[0]):
        assert slugs() == {"tea"}
    with context.use(two_tenants[1]):
        assert slugs() == set()


def test_an_exception_rolls_back_and_passes(two_tenants: TwoTenants) -> None:
    with pytest.raises(ZeroDivisionError), context.use(two_tenants[0]):
        add("tea")
        raise ZeroDivisionError
    assert context.current() is None
    with context.use(two_tenants[0]):
        assert slugs() == set()


def test_roll_back_discards_without_an_exception(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        add("tea")
        context.roll_back()
    with context.use(two_tenants[0]):
        assert slugs() == set()


def test_leaving_with_a_swallowed_error_raises(two_tenants: TwoTenants) -> None:
    with pytest.raises(exceptions.TransactionAborted), context.use(two_tenants[0]):
        add("tea")
        with pytest.raises(IntegrityError):
            add("tea")
    with context.use(two_tenants[0]):
        assert slugs() == set()


def test_leaving_with_a_swallowed_error_of_raw_sql_raises(two_tenants: TwoTenants) -> None:
    with pytest.raises(exceptions.TransactionAborted), context.use(two_tenants[0]):
        add("tea")
        with connections["default"].cursor() as cursor, pytest.raises(Exception, match="division by zero"):
            cursor.execute("SELECT 1 / 0")
    with context.use(two_tenants[0]):
        assert slugs() == set()


def test_an_aborted_transaction_that_is_to_be_rolled_back_anyway_leaves_quietly(
    two_tenants: TwoTenants,
) -> None:
    with context.use(two_tenants[0]):
        with connections["default"].cursor() as cursor, pytest.raises(Exception, match="division by zero"):
            cursor.execute("SELECT 1 / 0")
        context.roll_back()


def test_a_python_error_that_left_a_block_without_a_savepoint_is_not_kept_quietly(
    two_tenants: TwoTenants,
) -> None:
    with pytest.raises(exceptions.TransactionAborted), context.use(two_tenants[0]):
        add("tea")
        with pytest.raises(ZeroDivisionError), transaction.atomic(savepoint=False):
            raise ZeroDivisionError


def test_rolling_a_nested_context_back_is_no_excuse_for_a_swallowed_error(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with pytest.raises(exceptions.TransactionAborted), context.use(acme):
        with context.use(acme):
            add("milk")
            context.roll_back()
        assert slugs() == set()
        add("tea")
        with pytest.raises(IntegrityError):
            add("tea")


def test_rolling_both_back_leaves_quietly(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        add("tea")
        context.roll_back()
        with context.use(acme):
            context.roll_back()
    with context.use(acme):
        assert slugs() == set()


# on_commit.


def test_on_commit_runs_after_the_context_and_not_when_it_failed(two_tenants: TwoTenants) -> None:
    ran: list[str] = []
    with context.use(two_tenants[0]):
        transaction.on_commit(lambda: ran.append("kept"))
        assert ran == []
    with pytest.raises(ZeroDivisionError), context.use(two_tenants[0]):
        transaction.on_commit(lambda: ran.append("lost"))
        raise ZeroDivisionError
    assert ran == ["kept"]


def test_on_commit_knows_the_tenant_but_must_enter_it_for_a_query(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    seen: list[object] = []

    def callback() -> None:
        seen.append(context.tenant_id())
        with pytest.raises(exceptions.TenancyError):
            slugs()
        with context.use(acme):
            seen.append(slugs())
            add("later")

    with context.use(acme):
        add("tea")
        transaction.on_commit(callback)
    assert seen == [acme.id, {"tea"}]
    assert context.current() is None
    with context.use(acme):
        assert slugs() == {"tea", "later"}


def test_on_commit_of_one_tenant_cannot_enter_another(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    refused: list[bool] = []

    def callback() -> None:
        with pytest.raises(exceptions.WrongTenant), context.use(globex):
            pytest.fail("entered")
        refused.append(True)

    with context.use(acme):
        transaction.on_commit(callback)
    assert refused == [True]


# Threads, tasks, generators.


def in_thread(work: Callable[[], Any]) -> Any:
    result: list[Any] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001  handed to the test
            result.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]


def test_a_thread_sees_no_context(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        assert in_thread(context.current) is None
        assert isinstance(in_thread(slugs), exceptions.NoTenant)


def test_a_thread_that_gets_the_context_still_has_no_transaction_of_it(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        slugs()
        copied = contextvars.copy_context()
        assert isinstance(in_thread(lambda: copied.run(slugs)), exceptions.WrongTenant)


def test_work_that_lost_the_context_on_the_same_thread_reads_nothing(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        add("tea")
        with pytest.raises(exceptions.NoTenant):
            contextvars.Context().run(slugs)
        assert slugs() == {"tea"}
    with context.use(two_tenants[0]), pytest.raises(exceptions.NoTenant):
        contextvars.Context().run(slugs)


def test_threads_in_different_tenants_do_not_meet(two_tenants: TwoTenants) -> None:
    both_inside = threading.Barrier(2, timeout=20)

    def visit(tenant: Entry) -> tuple[str, set[str]]:
        with context.use(tenant):
            add(tenant.slug)
            both_inside.wait()
            found = who()[1], slugs()
            both_inside.wait()
        return found

    results: dict[str, Any] = {}
    threads = [
        threading.Thread(
            target=lambda one=tenant: results.__setitem__(one.slug, in_thread(lambda: visit(one)))
        )
        for tenant in two_tenants
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {tenant.slug: (tenant.schema_name, {tenant.slug}) for tenant in two_tenants}


def test_tasks_of_an_event_loop_keep_their_own_context(two_tenants: TwoTenants) -> None:
    async def visit(tenant: Entry, others: asyncio.Barrier) -> set[str]:
        def work() -> set[str]:
            with context.use(tenant):
                return {who()[1]}

        await others.wait()
        found = await sync_to_async(work)()
        assert context.current() is None
        return found

    async def main() -> list[set[str]]:
        others = asyncio.Barrier(2)
        found = await asyncio.gather(*(visit(tenant, others) for tenant in two_tenants))
        await sync_to_async(connections.close_all)()
        return found

    assert asyncio.run(main()) == [{tenant.schema_name} for tenant in two_tenants]


def test_a_context_is_not_entered_on_the_event_loop_itself(two_tenants: TwoTenants) -> None:
    async def main() -> None:
        with pytest.raises(SynchronousOnlyOperation), context.use(two_tenants[0]):
            pytest.fail("entered")
        assert context.current() is None

    asyncio.run(main())


@pytest.mark.parametrize("sensitive", [True, False])
def test_many_tenants_at_once_on_one_loop_do_not_meet(two_tenants: TwoTenants, sensitive: bool) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            add(tenant.slug)

    def work(tenant: Entry) -> tuple[str, set[str]]:
        try:
            with context.use(tenant):
                return who()[1], slugs()
        finally:
            connections.close_all()

    async def main() -> list[tuple[str, set[str]]]:
        visit = sync_to_async(work, thread_sensitive=sensitive)
        return await asyncio.gather(*(visit(tenant) for tenant in two_tenants * 6))

    assert asyncio.run(main()) == [(tenant.schema_name, {tenant.slug}) for tenant in two_tenants] * 6


def test_an_async_query_inside_a_context_runs_on_its_thread_and_nowhere_else(two_tenants: TwoTenants) -> None:
    """As in an async view: the context was entered by the thread that waits for the loop."""

    async def view() -> tuple[list[str], object]:
        found = [row.slug async for row in Category.objects.all()]
        try:
            return found, await sync_to_async(slugs_and_close, thread_sensitive=False)()
        except exceptions.TenancyError as error:
            return found, type(error)

    with context.use(two_tenants[0]):
        add("tea")
        assert async_to_sync(view)() == (["tea"], exceptions.WrongTenant)


@pytest.mark.parametrize("copied", [True, False])
def test_an_executor_s_thread_reads_nothing_of_its_submitter(two_tenants: TwoTenants, copied: bool) -> None:
    with ThreadPoolExecutor(1) as executor, context.use(two_tenants[0]):
        slugs()
        variables = contextvars.copy_context() if copied else contextvars.Context()
        with pytest.raises(exceptions.WrongTenant if copied else exceptions.NoTenant):
            executor.submit(variables.run, slugs_and_close).result()


def test_a_generator_that_outlives_its_context_reads_nothing_of_the_next(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    for tenant in two_tenants:
        with context.use(tenant):
            Category.objects.bulk_create([Category(name="x", slug=f"{tenant.slug}-{n}") for n in range(10)])

    def stream() -> Iterator[str]:
        yield from Category.objects.values_list("slug", flat=True).order_by("slug").iterator(chunk_size=2)

    with context.use(acme):
        rows = stream()
        assert next(rows) == "acme-0"
    with context.use(globex):
        rest = []
        with pytest.raises((exceptions.TenancyError, Exception)):
            rest += list(rows)
        assert not any(slug.startswith("globex") for slug in rest)


# Messages on the server.


def test_an_empty_context_opens_no_transaction(server_log: ServerLog, two_tenants: TwoTenants) -> None:
    connections["default"].ensure_connection()  # a new one is asked what its login may do
    server_log.forget()
    with context.use(two_tenants[0]):
        pass
    assert server_log.messages() == []


def test_one_query_is_three_messages(server_log: ServerLog, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    connections["default"].ensure_connection()  # a new one is asked what its login may do
    server_log.forget()
    with context.use(acme):
        slugs()
    entering, query, commit = server_log.messages()
    assert entering.startswith(f"BEGIN; SET LOCAL ROLE {acme.schema_name}; ")
    assert query.startswith("SELECT ")
    assert commit == "COMMIT"


def test_each_further_query_is_one_more(server_log: ServerLog, two_tenants: TwoTenants) -> None:
    connections["default"].ensure_connection()  # a new one is asked what its login may do
    server_log.forget()
    with context.use(two_tenants[0]):
        for _ in range(4):
            slugs()
    assert len(server_log.messages()) == 4 + 2


def test_a_context_that_rolls_back_costs_the_same(server_log: ServerLog, two_tenants: TwoTenants) -> None:
    connections["default"].ensure_connection()  # a new one is asked what its login may do
    server_log.forget()
    with context.use(two_tenants[0]):
        slugs()
        context.roll_back()
    assert len(server_log.messages()) == 3
    assert server_log.messages()[-1] == "ROLLBACK"


# Inside a test's own transaction.


def test_role_and_path_are_reset_inside_a_test_s_own_transaction(db: None, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        add("tea")
    assert raw(
        "SELECT current_user, current_setting('search_path'), current_setting('statement_timeout'),"
        " current_setting('leasehold.actor')"
    ) == (
        "app",
        '""',
        "0",
        "",
    )
    with context.use(two_tenants[1]):
        assert who()[1] == two_tenants[1].schema_name
        assert slugs() == set()
    with context.use(two_tenants[0]):
        assert slugs() == {"tea"}


def test_they_are_reset_there_after_an_error_too(db: None, two_tenants: TwoTenants) -> None:
    with pytest.raises(IntegrityError), context.use(two_tenants[0]):
        add("tea")
        add("tea")
    assert raw("SELECT current_user") == ("app",)
    with context.use(two_tenants[0]):
        assert slugs() == set()


def test_a_failed_context_there_takes_only_its_own_work_along(db: None, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        add("tea")
    with pytest.raises(ZeroDivisionError), context.use(two_tenants[0]):
        add("milk")
        raise ZeroDivisionError
    with context.use(two_tenants[0]):
        assert slugs() == {"tea"}


def raw(statement: str) -> tuple[Any, ...]:
    """Ask below every guard, as the session that the contexts leave behind."""
    connection: psycopg.Connection[Any] = connections["default"].connection
    result = connection.pgconn.exec_(statement.encode())
    assert result.status == psycopg.pq.ExecStatus.TUPLES_OK, result.get_error_message()
    return tuple((result.get_value(0, n) or b"").decode() for n in range(result.nfields))


# The entry message.


def test_the_entry_names_nothing_that_a_user_wrote(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    message = entry.message(context.Context(Kind.TENANT, acme.id), begin=True).decode()
    assert message.replace(acme.schema_name, "T") == (
        "BEGIN; SET LOCAL ROLE T; SET LOCAL search_path = T, public; SET LOCAL application_name = T;"
        " SET LOCAL statement_timeout = 30000; SET LOCAL leasehold.actor = 'system'"
    )


def test_a_backup_s_context_is_one_snapshot() -> None:
    with context.backup(), connections["backup"].cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_isolation')")
        assert cursor.fetchone() == ("repeatable read",)


def test_what_an_interruption_left_entered_can_be_abandoned(two_tenants: TwoTenants) -> None:
    """A time limit struck after the block was entered and before Python knew that it has to be left."""
    first, second = two_tenants
    interrupted = context.use(first)
    interrupted.__enter__()
    Category.objects.create(name="never committed", slug="never-committed")
    with pytest.raises(exceptions.WrongTenant), context.use(second):
        pass
    context.abandon()
    with context.use(second):
        assert who()[1] == second.schema_name
    with context.use(first):
        assert "never-committed" not in slugs()


def test_nothing_is_abandoned_where_nothing_was_interrupted(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        slugs()
        before = connections["default"].connection
    context.abandon()
    with context.use(two_tenants[1]):
        slugs()
        assert connections["default"].connection is before


def test_a_test_s_own_transaction_is_no_interrupted_one(db: None, acme: Entry) -> None:
    context.abandon()
    assert context.tenant_id() == acme.id
