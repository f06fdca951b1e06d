"""The backend on a real server: one statement per message, one role per transaction, and nothing swallowed."""

import psycopg
import pytest
from django.apps.registry import Apps
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connections,
    models,
    transaction,
)
from django.db.backends.signals import connection_created
from django.db.models import Count, F
from django.db.models.expressions import RawSQL
from psycopg import pq

from saas.commerce.models import Category
from tenants import context, exceptions, guard, lifecycle
from tenants.db.base import DatabaseWrapper
from tenants.directory import Entry
from tenants.models import Tenant
from tests import databases

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("module_db")

STACKED = "SELECT 1; SET LOCAL ROLE NONE"
NOT_ALLOWED = [
    "SET ROLE NONE",
    "SET LOCAL ROLE NONE",
    "RESET ROLE",
    "RESET ALL",
    "SET search_path = public",
    "SET SESSION AUTHORIZATION DEFAULT",
    "DISCARD ALL",
    "ROLLBACK",
    "COMMIT",
    "/* SELECT */ RESET ROLE",
    "--\rRESET ROLE /*\n/**/ SELECT */",
    "DO $$ BEGIN PERFORM 1; END $$",
    "LISTEN inbox",
    "NOTIFY inbox",
    "PREPARE later AS SELECT 1",
    "DECLARE later CURSOR WITH HOLD FOR SELECT 1",
    "CREATE TEMP TABLE inbox (note text)",
    "CREATE TABLE inbox (note text)",
    "EXPLAIN SELECT 1",
    "LOCK commerce_category",
]
# Each begins with an allowed word, so that only what the role lacks is in the way.
DENIED = [
    "SELECT set_config('role', 'none', true)",
    "SELECT pg_catalog.set_config('search_path', 'public', false)",
    "WITH x AS (SELECT set_config('role', 'none', true)) SELECT * FROM x",
    "SELECT x FROM (VALUES (1)) v, LATERAL set_config('role', 'none', true) x",
    "SELECT * FROM ts_stat($$SELECT set_config('role', 'none', true)::tsvector$$)",
    "SELECT query_to_xml($$SELECT set_config('role', 'none', true)$$, true, true, '')",
    "SELECT 1 INTO TEMP inbox",
    "SELECT 1 AS note INTO inbox",
    "SELECT pg_sleep(0)",
    "SELECT pg_notify('inbox', 'x')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock(1)",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_cancel_backend(1)",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_logical_emit_message(true, 'a', 'b')",
    "SELECT pg_database_size(current_database())",
    "SELECT pg_total_relation_size('public.tenants_tenant')",
    "SELECT query FROM pg_stat_activity",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_export_snapshot()",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/leasehold-stolen'",
    "COPY commerce_category FROM '/etc/passwd'",
    "COPY commerce_category (name) FROM PROGRAM 'echo stolen'",
    "COPY (DELETE FROM public.tenants_domain RETURNING hostname) TO STDOUT",
    "COPY public.tenants_credential TO STDOUT",
    "WITH gone AS (DELETE FROM public.tenants_tenant RETURNING id) SELECT * FROM gone",
    "WITH up AS (UPDATE public.tenants_membership SET role = 'owner' RETURNING id) SELECT * FROM up",
    "MERGE INTO public.tenants_tenant t USING (VALUES (1)) v ON true WHEN MATCHED THEN DELETE",
    "SELECT * INTO stolen FROM commerce_category",
    "WITH x AS (SELECT 1) SELECT * INTO stolen FROM x",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_reload_conf()",
    "SELECT lo_import('/etc/passwd')",
    "UPDATE pg_settings SET setting = 'none' WHERE name = 'role'",
    "SELECT * FROM public.tenants_credential",
    "SELECT * FROM public.tenants_session",
    "SELECT * FROM public.tenants_apikeydigest",
    "SELECT * FROM public.tenants_operator",
    "SELECT * FROM public.tenants_operatorsession",
    "SELECT * FROM pg_authid",
]


class CategoryNote(models.Model):
    """A table that no schema has."""

    class Meta:
        app_label = "commerce"
        apps = Apps()  # not among the product's models, which other tests look at
        managed = False


guard.guard(CategoryNote)  # as its app's own models are when the process starts


def wrapper() -> DatabaseWrapper:
    found = connections["default"]
    assert isinstance(found, DatabaseWrapper)
    return found


def run(statement: str, parameters: object = None) -> list[tuple[object, ...]]:
    with wrapper().cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[object, ...]] = cursor.fetchall() if cursor.description else []
        return rows


def where() -> tuple[object, ...]:
    return run("SELECT current_user, current_schemas(false)")[0]


def place_of(tenant: Entry) -> tuple[object, ...]:
    return (tenant.schema_name, [tenant.schema_name, "public"])


# One statement per message.


@pytest.mark.parametrize("parameters", [None, []], ids=["without parameters", "with none"])
def test_it_refuses_stacked_statements(two_tenants: TwoTenants, parameters: list[object] | None) -> None:
    with pytest.raises(ProgrammingError, match="multiple commands"), context.use(two_tenants[0]):
        run(STACKED, parameters)


def test_it_refuses_them_with_parameters(two_tenants: TwoTenants) -> None:
    with pytest.raises(ProgrammingError, match="multiple commands"), context.use(two_tenants[0]):
        run("SELECT %s; SET LOCAL ROLE NONE", [1])


def test_it_refuses_them_in_raw_queries(two_tenants: TwoTenants) -> None:
    with pytest.raises(ProgrammingError, match="multiple commands"), context.use(two_tenants[0]):
        list(Category.objects.raw("SELECT * FROM commerce_category; RESET ROLE"))


def test_it_refuses_them_in_raw_expressions(two_tenants: TwoTenants) -> None:
    injected = RawSQL("1) FROM commerce_category; RESET ROLE; SELECT (1", [])
    with pytest.raises(ProgrammingError, match="multiple commands"), context.use(two_tenants[0]):
        list(Category.objects.annotate(x=injected))


def test_it_refuses_them_in_a_named_cursor(two_tenants: TwoTenants) -> None:
    injected = RawSQL("1) FROM commerce_category; RESET ROLE; SELECT (1", [])
    with pytest.raises(ProgrammingError, match="multiple commands"), context.use(two_tenants[0]):
        list(Category.objects.annotate(x=injected).iterator())


def test_it_refuses_them_in_a_copy(two_tenants: TwoTenants) -> None:
    with (
        pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"),
        context.use(two_tenants[0]),
        wrapper().cursor() as cursor,
        cursor.copy("COPY (SELECT 1) TO STDOUT; RESET ROLE") as copy,
    ):
        list(copy)


def test_it_refuses_them_on_the_driver_s_own_cursors(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        wrapper().ensure_connection()
        with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
            wrapper().connection.execute(STACKED)
        context.roll_back()


# What may not run, although it is one statement.


@pytest.mark.parametrize("statement", NOT_ALLOWED)
def test_it_refuses_a_statement_that_is_not_on_the_list(two_tenants: TwoTenants, statement: str) -> None:
    with context.use(two_tenants[0]):
        with pytest.raises(exceptions.StatementRefused):
            run(statement)
        assert where() == place_of(two_tenants[0])


@pytest.mark.parametrize("statement", NOT_ALLOWED)
def test_it_refuses_it_on_the_driver_s_own_cursors_too(two_tenants: TwoTenants, statement: str) -> None:
    with context.use(two_tenants[0]):
        wrapper().ensure_connection()
        with pytest.raises(exceptions.StatementRefused):
            wrapper().connection.cursor().execute(statement)
        assert where() == place_of(two_tenants[0])


@pytest.mark.parametrize("statement", DENIED)
def test_a_tenant_role_lacks_what_it_would_need(two_tenants: TwoTenants, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be"), context.use(two_tenants[0]):
        run(statement)


@pytest.mark.parametrize("statement", ["FETCH ALL FROM one", "CLOSE one", "ROLLBACK TO one", "RELEASE one"])
def test_nothing_of_another_transaction_has_a_name_here(two_tenants: TwoTenants, statement: str) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        run("SAVEPOINT one")
        run("DECLARE one CURSOR FOR SELECT current_user")
    with pytest.raises(DatabaseError, match="does not exist"), context.use(globex):
        run(statement)


@pytest.mark.parametrize(
    "verb",
    ["SELECT * FROM {}", "INSERT INTO {} (id) VALUES (NULL)", "DELETE FROM {}", "UPDATE {} SET id = id"],
)
def test_a_tenant_role_cannot_reach_another_schema_by_its_name(two_tenants: TwoTenants, verb: str) -> None:
    acme, globex = two_tenants
    with pytest.raises(ProgrammingError, match="permission denied for schema"), context.use(acme):
        run(verb.format(f"{globex.schema_name}.commerce_category"))


def test_the_ledger_of_migrations_is_closed_to_the_tenant(two_tenants: TwoTenants) -> None:
    with pytest.raises(ProgrammingError, match="permission denied for table"), context.use(two_tenants[0]):
        run("SELECT * FROM django_migrations")


def test_a_table_that_the_schema_lacks_is_an_error_and_not_another_s(two_tenants: TwoTenants) -> None:
    with pytest.raises(ProgrammingError, match="does not exist"), context.use(two_tenants[0]):
        list(CategoryNote._default_manager.all())


# What must work.


def test_django_s_queries_run_in_a_context(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        tea = Category.objects.create(name="Tea", slug="tea")
        Category.objects.bulk_create(
            [Category(name=f"Tea {n}", slug=f"tea-{n}", parent=tea) for n in range(5)]
        )
        assert Category.objects.filter(parent__name="Tea").count() == 5
        assert Category.objects.aggregate(n=Count("id")) == {"n": 6}
        assert [row.name for row in Category.objects.filter(parent=None).prefetch_related("children")] == [
            "Tea"
        ]
        assert Category.objects.select_for_update().get(pk=tea.pk) == tea
        assert Category.objects.filter(parent=tea).update(position=F("position") + 1) == 5
        assert Category.objects.raw("SELECT * FROM commerce_category WHERE slug = %s", ["tea"])[0] == tea
        assert Category.objects.update_or_create(slug="tea", defaults={"name": "Teas"})[1] is False
        assert Category.objects.filter(parent=tea).delete()[0] == 5
    with context.use(two_tenants[0]):
        assert [row.name for row in Category.objects.all()] == ["Teas"]


def test_a_large_result_comes_through_a_named_cursor_of_the_tenant(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    for tenant, count in ((acme, 7), (globex, 2)):
        with context.use(tenant):
            Category.objects.bulk_create(
                [Category(name="x", slug=f"{tenant.slug}-{n}") for n in range(count)]
            )
    with context.use(acme):
        assert {row.slug for row in Category.objects.iterator(chunk_size=2)} == {
            f"acme-{n}" for n in range(7)
        }
    with context.use(globex):
        assert {row.slug for row in Category.objects.iterator(chunk_size=1)} == {"globex-0", "globex-1"}


def test_a_named_cursor_may_be_the_first_statement(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        found = Category.objects.raw(
            "SELECT current_user::text AS slug, NULL::uuid AS id, 1 AS position"
        ).iterator()
        assert [row.slug for row in found] == [two_tenants[0].schema_name]


def test_copy_reads_the_tenant_s_rows(two_tenants: TwoTenants) -> None:
    with (
        context.use(two_tenants[0]),
        wrapper().cursor() as cursor,
        cursor.copy("COPY (SELECT current_user) TO STDOUT") as copy,
    ):
        assert b"".join(map(bytes, copy)).decode().strip() == two_tenants[0].schema_name


def test_copy_writes_the_tenant_s_rows(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        with (
            wrapper().cursor() as cursor,
            cursor.copy("COPY commerce_category (id, name, slug, position) FROM STDIN") as copy,
        ):
            copy.write_row(("0191b2c3-d4e5-7f60-8a1b-2c3d4e5f6071", "Tea", "tea", 0))
        assert Category.objects.get().slug == "tea"
    with context.use(two_tenants[1]):
        assert not Category.objects.exists()


def test_many_statements_may_be_the_first(fresh_db: str, two_tenants: TwoTenants) -> None:
    rows = [("0191b2c3-d4e5-7f60-8a1b-2c3d4e5f6071", "a"), ("0191b2c3-d4e5-7f60-8a1b-2c3d4e5f6072", "b")]
    statement = "INSERT INTO commerce_category (id, name, slug, position) VALUES (%s, 'x', %s, 0)"
    with context.use(two_tenants[0]):
        with wrapper().cursor() as cursor:
            cursor.executemany(statement, rows)
        assert Category.objects.count() == 2
        assert where() == place_of(two_tenants[0])


def test_a_percent_sign_and_a_comment_in_front_are_no_hindrance(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        assert run("/* request=1 */ (SELECT '100%%', %s)", [5]) == [("100%", 5)]


def test_server_binding_keeps_the_same_rules(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper().close()
    monkeypatch.setitem(wrapper().settings_dict["OPTIONS"], "server_side_binding", True)
    try:
        with context.use(two_tenants[0]):
            assert run("SELECT current_user::text, %s::int", [5]) == [(two_tenants[0].schema_name, 5)]
            assert list(Category.objects.filter(position=1).iterator()) == []
            with pytest.raises(exceptions.StatementRefused):
                run("RESET ROLE")
        with pytest.raises(ProgrammingError, match="multiple commands"), context.use(two_tenants[0]):
            run(STACKED)
    finally:
        wrapper().close()


# Savepoints.


def test_savepoints_keep_the_role(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        with transaction.atomic():
            assert where() == place_of(two_tenants[0])
        with pytest.raises(IntegrityError), transaction.atomic():
            Category.objects.create(name="", slug="x")
        assert where() == place_of(two_tenants[0])


def test_a_savepoint_that_is_the_first_statement_keeps_the_role_when_rolled_back(
    two_tenants: TwoTenants,
) -> None:
    with context.use(two_tenants[0]):
        with pytest.raises(IntegrityError), transaction.atomic():
            Category.objects.create(name="", slug="x")
        assert where() == place_of(two_tenants[0])
        context.roll_back()


# Entry.


def test_the_transaction_of_a_context_ends_with_it(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        run("SELECT 1")
        assert wrapper()._status() is pq.TransactionStatus.INTRANS
    assert wrapper()._status() is pq.TransactionStatus.IDLE


def test_tenants_alternate_on_one_connection(two_tenants: TwoTenants) -> None:
    backends = set()
    for tenant in two_tenants * 3:
        with context.use(tenant):
            assert where() == place_of(tenant)
            backends.add(wrapper().connection.info.backend_pid)
    assert len(backends) == 1


def test_the_activity_view_names_the_tenant(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]), context.use(two_tenants[0]):
        run("SELECT 1")
        pid = wrapper().connection.info.backend_pid
        with psycopg.connect(databases.servers().admin_url()) as admin:
            found = admin.execute(
                "SELECT application_name FROM pg_stat_activity WHERE pid = %s", [pid]
            ).fetchone()
    assert found == (two_tenants[0].schema_name,)


def test_a_failed_entry_throws_the_connection_away_and_the_next_works(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    gone, globex = destroyed(), two_tenants[1]
    with context.use(globex):
        run("SELECT 1")
        pid = wrapper().connection.info.backend_pid
    with pytest.raises(exceptions.EntryFailed, match=gone.schema_name), context.use(gone):
        run("SELECT 1")
    assert wrapper().connection is None
    with context.use(globex):
        assert where() == place_of(globex)
        assert wrapper().connection.info.backend_pid != pid


def test_a_second_query_after_a_failed_entry_fails_too(fresh_db: str) -> None:
    with pytest.raises(DatabaseError), context.use(destroyed()):
        with pytest.raises(exceptions.EntryFailed):
            run("SELECT 1")
        run("SELECT current_user")


def test_a_schema_without_its_tables_is_an_error(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with psycopg.connect(databases.servers().admin_url(fresh_db)) as admin:
        admin.execute(f"ALTER SCHEMA {acme.schema_name} RENAME TO t_gone".encode())
    with pytest.raises(ProgrammingError, match="does not exist"), context.use(acme):
        list(Category.objects.all())


def test_a_backend_that_is_killed_in_the_middle_ends_in_an_error_and_never_elsewhere(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    with pytest.raises(DatabaseError), context.use(acme):
        run("SELECT 1")
        kill(wrapper().connection.info.backend_pid)
        with pytest.raises(OperationalError):
            run("SELECT 1")
        # Swallowed, and tried again: a new connection would be nobody's.
        run("SELECT current_user")
    for tenant in (globex, acme):
        with context.use(tenant):
            assert where() == place_of(tenant)


def test_a_backend_that_is_killed_after_the_last_query_loses_the_work_and_says_so(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, _ = two_tenants
    with pytest.raises(DatabaseError), context.use(acme):
        Category.objects.create(name="Tea", slug="tea")
        kill(wrapper().connection.info.backend_pid)
    with context.use(acme):
        assert not Category.objects.exists()


def test_a_backend_that_is_killed_between_two_contexts_is_an_error_of_the_entry(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        run("SELECT 1")
    kill(wrapper().connection.info.backend_pid)
    with pytest.raises((exceptions.EntryFailed, DatabaseError)), context.use(globex):
        run("SELECT 1")
    with context.use(globex):
        assert where() == place_of(globex)


def test_a_context_does_not_go_on_over_another_connection(two_tenants: TwoTenants) -> None:
    with pytest.raises(exceptions.TransactionAborted), context.use(two_tenants[0]):
        run("SELECT 1")
        with pytest.raises(exceptions.TransactionAborted, match="another connection"):
            wrapper().connect()
        wrapper().close()
        with pytest.raises(DatabaseError):
            run("SELECT 1")
    with context.use(two_tenants[1]):
        assert where() == place_of(two_tenants[1])


def test_a_connection_that_is_closed_inside_a_context_loses_the_work_and_says_so(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    with pytest.raises(exceptions.TransactionAborted), context.use(two_tenants[0]):
        Category.objects.create(name="Tea", slug="tea")
        wrapper().close()
    with context.use(two_tenants[0]):
        assert not Category.objects.exists()


def test_the_alias_s_isolation_level_is_kept(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper().close()
    monkeypatch.setitem(
        wrapper().settings_dict["OPTIONS"], "isolation_level", psycopg.IsolationLevel.SERIALIZABLE
    )
    try:
        with context.use(two_tenants[0]):
            assert run("SELECT current_setting('transaction_isolation')") == [("serializable",)]
    finally:
        wrapper().close()


def test_what_listens_for_new_connections_may_ask_them(two_tenants: TwoTenants) -> None:
    """As django.contrib.postgres does, which looks for the types of its extensions."""
    wrapper().close()
    asked: list[object] = []

    def receiver(connection: DatabaseWrapper, **_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            asked.append(cursor.fetchone())

    connection_created.connect(receiver)
    try:
        with context.use(two_tenants[0]):
            assert where() == place_of(two_tenants[0])
    finally:
        connection_created.disconnect(receiver)
    assert asked == [("app",)]


@pytest.mark.parametrize("forbidden", ["set_autocommit", "commit", "rollback"])
def test_django_s_own_transaction_calls_are_refused_inside(two_tenants: TwoTenants, forbidden: str) -> None:
    arguments = [True] if forbidden == "set_autocommit" else []
    with context.use(two_tenants[0]):
        run("SELECT 1")
        with pytest.raises(transaction.TransactionManagementError):
            getattr(transaction, forbidden)(*arguments)
        assert where() == place_of(two_tenants[0])


def test_a_durable_block_is_refused_inside_and_changes_nothing(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        with pytest.raises(RuntimeError, match="durable"), transaction.atomic(durable=True):
            pytest.fail("entered")
        assert where() == place_of(two_tenants[0])


def test_rolling_back_to_a_savepoint_by_hand_keeps_the_tenant(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        first = transaction.savepoint()
        run("SELECT 1")
        with pytest.raises(DatabaseError, match="division by zero"):
            run("SELECT 1 / 0")
        transaction.savepoint_rollback(first)
        assert where() == place_of(two_tenants[0])


def test_a_statement_that_takes_too_long_is_cancelled(two_tenants: TwoTenants, settings: object) -> None:
    settings.LEASEHOLD_STATEMENT_TIMEOUT_MS = 50  # type: ignore[attr-defined]
    with pytest.raises(OperationalError, match="statement timeout"), context.use(two_tenants[0]):
        run("SELECT count(*) FROM generate_series(1, 1000000000)")


def test_the_timeout_is_the_context_s_alone(two_tenants: TwoTenants, settings: object) -> None:
    settings.LEASEHOLD_STATEMENT_TIMEOUT_MS = 1234  # type: ignore[attr-defined]
    with context.use(two_tenants[0]):
        assert run("SELECT current_setting('statement_timeout')") == [("1234ms",)]
    with context.public():
        assert run("SELECT current_setting('statement_timeout')") == [("0",)]


def test_foreign_keys_are_checked_by_the_statement(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        with pytest.raises(IntegrityError), transaction.atomic():
            Category.objects.create(name="Tea", slug="tea", parent_id="0191b2c3-d4e5-7f60-8a1b-2c3d4e5f6071")
        context.roll_back()


def test_without_a_context_no_statement_reaches_the_server(two_tenants: TwoTenants) -> None:
    with pytest.raises(exceptions.NoTenant):
        run("SELECT 1")


@pytest.mark.parametrize("alias", ["default", "console", "backup"])
def test_without_a_context_no_login_runs_a_statement(two_tenants: TwoTenants, alias: str) -> None:
    with connections[alias].cursor() as cursor, pytest.raises(exceptions.NoTenant):
        cursor.execute("SELECT 1")


def destroyed() -> Tenant:
    """Return a tenant whose role is gone; those of the template keep theirs, since other databases need them."""
    tenant = lifecycle.create("umbrella", by="test")
    lifecycle.destroy("umbrella", by="test")
    return tenant


def kill(pid: int) -> None:
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
