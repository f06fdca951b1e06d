"""Strict mode on a real server that asks for passwords: the session is the tenant's own, and reaches nothing else."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.test import override_settings

from saas import local
from saas.commerce.models import Category
from saas.visitors.models import Visitor
from tenants import context, exceptions, lifecycle, strict
from tenants.context import Who
from tenants.db import logins
from tenants.db.base import DatabaseWrapper
from tenants.directory import Entry, entry_of
from tenants.models import AuditEntry, Tenant
from tests import databases
from tests.conftest import ServerLog

TwoTenants = tuple[Entry, Entry]
KEY = "a key of the tests, long and varied enough: 0123456789"
OTHERS = ("app", "owner", "console", "backup", "identity", "postgres", "pg_monitor")


@pytest.fixture(scope="module", autouse=True)
def passwords_are_asked_for(template_db: str) -> Iterator[None]:
    """The embedded server trusts its socket; for tenants it does not here."""
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        (name,) = admin.execute("SHOW hba_file").fetchone() or ("",)
        file = Path(name)
        if not file.exists():
            pytest.skip("changes pg_hba.conf, which only a server on this machine lets us")
        before = file.read_text()
        # app and owner belong to the group as well, through the tenants' roles and to put those into it.
        file.write_text(f"local all app,owner trust\nlocal all +tenant scram-sha-256\n{before}")
        admin.execute("SELECT pg_reload_conf()")
        yield
        file.write_text(before)
        admin.execute("SELECT pg_reload_conf()")


@pytest.fixture(autouse=True)
def key(settings: Any) -> Iterator[None]:
    settings.LEASEHOLD_STRICT_KEY = KEY
    strict.clear()
    yield
    logins.close_all()
    strict.clear()


@contextmanager
def strict_tenant() -> Iterator[Tenant]:
    """Make one of its own: roles are the cluster's, and the template's tenants are everybody's."""
    made = lifecycle.create(f"strict-{uuid4().hex[:8]}", by="test")
    with override_settings(LEASEHOLD_STRICT_KEY=KEY):
        made = lifecycle.make_strict(made.slug, by="test")
        strict.clear()  # or this process knows it a second later
        yield made
    with context.owner():
        alive = Tenant.objects.filter(id=made.id, destroyed_at=None).exists()
    if alive:
        lifecycle.relax(made.slug, by="test")


@pytest.fixture(scope="module")
def tenant(module_db: str) -> Iterator[Tenant]:
    with strict_tenant() as made:
        yield made


@pytest.fixture
def changing(no_rows_of_the_test_before: None) -> Iterator[Tenant]:
    """A strict tenant that the test changes, and whose connections are the only ones."""
    with strict_tenant() as made:
        logins.close_all()
        yield made


@pytest.fixture(autouse=True)
def no_rows_of_the_test_before(tenant: Tenant, key: None) -> None:
    with context.use(tenant):
        Category.objects.all().delete()


def wrapper() -> DatabaseWrapper:
    found = connections["default"]
    assert isinstance(found, DatabaseWrapper)
    return found


def run(statement: str) -> tuple[Any, ...]:
    with wrapper().cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone()) if cursor.description else ()


def who() -> tuple[Any, ...]:
    return run("SELECT session_user, current_user, current_setting('search_path')")


def place_of(tenant: Tenant) -> tuple[Any, ...]:
    return (tenant.schema_name, tenant.schema_name, f"{tenant.schema_name}, public")


def log_in(tenant: Tenant, **more: Any) -> psycopg.Connection[Any]:
    """Log in below Django as the tenant, as one does who got hold of the password."""
    wrapper().ensure_connection()
    assert tenant.strict_since is not None
    given = wrapper().get_connection_params()
    keywords: dict[str, Any] = {
        **{name: given[name] for name in ("host", "port", "dbname") if name in given},
        "user": tenant.schema_name,
        "password": strict.password(tenant.id, tenant.strict_since),
    }
    return psycopg.connect(**{**keywords, **more}, autocommit=True)


# The same code above the driver.


def test_the_session_is_the_tenant_s_own(tenant: Tenant) -> None:
    with context.use(tenant):
        assert who() == place_of(tenant)


def test_django_works_as_in_every_tenant(tenant: Tenant) -> None:
    after: list[str] = []
    with context.use(tenant):
        Category.objects.create(name="Tea", slug="tea")
        with pytest.raises(IntegrityError), transaction.atomic():
            Category.objects.create(name="Tea", slug="tea")
        with context.use(tenant):
            assert who() == place_of(tenant)
        assert [row.slug for row in Category.objects.iterator()] == ["tea"]
        assert Category.objects.get()._state.db == "default"
        transaction.on_commit(lambda: after.append("kept"))
    with pytest.raises(ZeroDivisionError), context.use(tenant):
        Category.objects.all().delete()
        raise ZeroDivisionError
    with context.use(tenant):
        assert Category.objects.count() == 1
    assert after == ["kept"]


def test_the_entry_is_one_message_without_a_role(tenant: Tenant, server_log: ServerLog) -> None:
    logins.close_all()
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        admin.execute(f"ALTER ROLE {tenant.schema_name} SET log_statement = 'all'".encode())
        with context.use(tenant):
            run("SELECT 1")
        admin.execute(f"ALTER ROLE {tenant.schema_name} RESET log_statement".encode())
    server_log.forget()
    with context.use(tenant):
        run("SELECT 1")
    assert server_log.messages("app") == []
    entering, query, leaving = server_log.messages(tenant.schema_name)
    assert entering.startswith(f"BEGIN; SET LOCAL search_path = {tenant.schema_name}, public; ")
    assert "ROLE" not in entering
    assert entering.endswith("; SET LOCAL leasehold.actor = 'system'")
    assert (query, leaving) == ("SELECT 1", "COMMIT")


def test_who_acts_is_said_to_it_as_well(tenant: Tenant) -> None:
    with context.use(tenant):
        ann, _ = Visitor.objects.bulk_create([Visitor(), Visitor()])
    for actor, count in ((Who.NOBODY, 0), (ann.pk, 1), (Who.STAFF, 2), (Who.NOBODY, 0)):
        with context.use(tenant, actor=actor):
            assert Visitor.objects.count() == count


def test_strict_and_other_tenants_alternate_on_one_thread(tenant: Tenant, two_tenants: TwoTenants) -> None:
    backends: dict[str, set[int]] = {}
    for one in (tenant, *two_tenants) * 3:
        with context.use(one):
            session, current, _ = who()
            assert current == one.schema_name
            assert session == (one.schema_name if one is tenant else "app")
            backends.setdefault(session, set()).add(wrapper().connection.info.backend_pid)
    assert {session: len(found) for session, found in backends.items()} == {"app": 1, tenant.schema_name: 1}
    assert wrapper().login is None


def test_on_commit_may_enter_the_tenant_again(tenant: Tenant) -> None:
    seen: list[Any] = []

    def callback() -> None:
        strict.clear()  # so that it also asks, as `app`, who is strict
        with context.use(tenant):
            seen.append((who(), Category.objects.count()))
        with context.public():
            seen.append(run("SELECT current_user"))

    with context.use(tenant):
        Category.objects.create(name="Tea", slug="tea")
        transaction.on_commit(callback)
    assert seen == [(place_of(tenant), 1), ("app",)]
    assert (wrapper().login, logins.count()) == (None, (0, 1))


def test_shared_rows_are_those_of_the_session_s_role(tenant: Tenant, two_tenants: TwoTenants) -> None:
    with context.use(tenant):
        assert list(Tenant.objects.values_list("id", flat=True)) == [tenant.id]


# What a session of its own can reach.


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize(
    "way", ["SET ROLE {}", "SELECT set_config('role', '{}', false)", "SET SESSION AUTHORIZATION {}"]
)
def test_it_becomes_nobody_else(tenant: Tenant, role: str, way: str) -> None:
    with log_in(tenant) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(way.format(role).encode())


def test_it_becomes_no_other_tenant(tenant: Tenant, two_tenants: TwoTenants) -> None:
    with log_in(tenant) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(f"SET ROLE {two_tenants[0].schema_name}".encode())


@pytest.mark.parametrize(
    "way", ["RESET ROLE", "SET ROLE NONE", "RESET ALL", "RESET SESSION AUTHORIZATION", "DISCARD ALL"]
)
def test_what_resets_a_role_leads_back_to_itself(tenant: Tenant, way: str) -> None:
    with log_in(tenant) as session:
        session.execute(way.encode())
        assert session.execute("SELECT session_user, current_user").fetchone() == (tenant.schema_name,) * 2


def test_as_the_group_it_sees_no_rows(tenant: Tenant) -> None:
    """Its only membership; `current_tenant()` is NULL for it."""
    with log_in(tenant) as session:
        session.execute("SET ROLE tenant")
        for table in ("tenants_tenant", "tenants_user", "tenants_membership", "billing_subscription"):
            assert session.execute(f"SELECT count(*) FROM public.{table}".encode()).fetchone() == (0,)


def test_the_managed_server_s_hole_leads_nowhere(fresh_db: str, two_tenants: TwoTenants) -> None:
    """Where set_config and plpgsql cannot be revoked, dynamic SQL runs as the session's user: the tenant itself."""
    acme, _ = two_tenants
    with strict_tenant() as tenant:
        attack_where_nothing_is_revoked(acme, tenant)


def attack_where_nothing_is_revoked(acme: Entry, tenant: Tenant) -> None:
    with psycopg.connect(databases.servers().admin_url(wrapper().settings_dict["NAME"])) as admin:
        admin.execute("GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC")
        admin.execute("GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC")
    attack = "SELECT set_config('role', '{}', true)"
    with context.use(acme):
        assert run(attack.format("none")) == ("none",)  # the hole is there
        assert run("SELECT current_user") == ("app",)
        context.roll_back()
    with context.use(tenant):
        assert run(attack.format("none")) == ("none",)
        assert run("SELECT session_user, current_user") == (tenant.schema_name,) * 2
        context.roll_back()
    for role in (acme.schema_name, "app", "identity"):
        with pytest.raises(DatabaseError, match="permission denied"), context.use(tenant):
            run(attack.format(role))
    with pytest.raises(DatabaseError, match="permission denied"), context.use(acme):
        run(attack.format(tenant.schema_name))  # nor does another tenant reach this one


def test_app_is_not_needed_and_cannot_become_it(tenant: Tenant) -> None:
    params = wrapper().get_connection_params()
    keywords = {
        name: params[name] for name in ("host", "port", "dbname", "user", "password") if name in params
    }
    with psycopg.connect(**keywords) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"SET ROLE {tenant.schema_name}".encode())


def test_a_session_of_its_own_reads_no_other_schema_and_makes_nothing(
    tenant: Tenant, two_tenants: TwoTenants
) -> None:
    for statement in (
        f"SELECT * FROM {two_tenants[0].schema_name}.commerce_category",
        "CREATE TEMP TABLE inbox (note text)",
        "CREATE TABLE public.inbox (note text)",
        "SELECT * FROM public.tenants_credential",
        "SELECT pg_terminate_backend(1)",
        "SELECT * FROM pg_authid",
    ):
        with log_in(tenant) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement.encode())


# Passwords.


def test_the_server_asks_for_the_password(tenant: Tenant) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        log_in(tenant, password="guessed")


def test_a_password_is_told_by_key_tenant_and_date(tenant: Tenant, settings: Any) -> None:
    assert tenant.strict_since is not None
    first = strict.password(tenant.id, tenant.strict_since)
    assert len(first) == 43
    other = {
        strict.password(uuid4(), tenant.strict_since),
        strict.password(tenant.id, tenant.created_at),
    }
    settings.LEASEHOLD_STRICT_KEY = KEY[::-1]
    assert first not in {*other, strict.password(tenant.id, tenant.strict_since)}


def test_the_password_is_in_no_representation(tenant: Tenant) -> None:
    login = strict.login_of(tenant.id)
    assert login is not None
    assert login.password not in repr(login)


def test_the_password_is_never_sent_to_the_server(changing: Tenant, server_log: ServerLog) -> None:
    again = lifecycle.make_strict(changing.slug, by="test")
    assert again.strict_since is not None
    log = server_log.path.read_text(errors="replace")
    assert f'ALTER ROLE "{changing.schema_name}" LOGIN PASSWORD \'SCRAM-SHA-256$' in log
    assert strict.password(changing.id, again.strict_since) not in log


def test_a_new_password_replaces_the_connection(changing: Tenant) -> None:
    with context.use(changing):
        before = run("SELECT pg_backend_pid()")
    lifecycle.make_strict(changing.slug, by="test")
    strict.clear()
    with context.use(changing):
        assert run("SELECT pg_backend_pid()") != before
    assert logins.count() == (0, 1)


def test_a_process_with_the_old_password_fails_until_it_has_read_the_new_one(changing: Tenant) -> None:
    strict.login_of(changing.id)
    lifecycle.make_strict(changing.slug, by="test")
    strict.directory._checked = float("inf")  # has just looked
    with pytest.raises(DatabaseError, match="password"), context.use(changing):
        pytest.fail("entered")
    assert (context.current(), wrapper().login, logins.count()) == (None, None, (0, 0))
    strict.clear()
    with context.use(changing):
        assert who() == place_of(changing)


def test_a_process_without_the_key_does_not_enter(tenant: Tenant, settings: Any) -> None:
    settings.LEASEHOLD_STRICT_KEY = ""
    with pytest.raises(exceptions.EntryFailed, match="needs LEASEHOLD_STRICT_KEY"), context.use(tenant):
        run("SELECT 1")


def test_without_the_key_no_tenant_becomes_strict(settings: Any) -> None:
    settings.LEASEHOLD_STRICT_KEY = ""
    with pytest.raises(exceptions.NoStrictKey):
        lifecycle.make_strict("acme", by="test")
    with context.owner():
        assert Tenant.objects.get(slug="acme").strict_since is None


# Its life.


def test_relaxing_gives_the_role_back_to_app(changing: Tenant) -> None:
    with context.use(changing):
        Category.objects.create(name="Tea", slug="tea")
    lifecycle.relax(changing.slug, by="test")
    strict.clear()
    with context.use(changing):
        assert who()[:2] == ("app", changing.schema_name)
        assert Category.objects.get().slug == "tea"
    assert logins.count() == (0, 0)
    with pytest.raises(psycopg.OperationalError):
        log_in(changing)


def test_a_destroyed_tenant_s_connection_is_closed(changing: Tenant) -> None:
    with context.use(changing):
        run("SELECT 1")
    lifecycle.destroy(changing.slug, by="test")
    strict.clear()
    with pytest.raises(exceptions.EntryFailed), context.use(changing):
        run("SELECT 1")
    assert logins.count() == (0, 0)


def test_both_changes_are_recorded(changing: Tenant) -> None:
    lifecycle.relax(changing.slug, by="test")
    with context.operator():
        found = AuditEntry.objects.filter(tenant=changing).order_by("at").values_list("action", "actor")
        assert list(found)[-2:] == [("tenant.strict", "test"), ("tenant.relaxed", "test")]


def test_a_lost_connection_is_replaced_by_the_next_context(tenant: Tenant) -> None:
    with context.use(tenant):
        (pid,) = run("SELECT pg_backend_pid()")
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with context.use(tenant):
        assert who() == place_of(tenant)


def test_an_abandoned_block_gives_its_place_back(tenant: Tenant) -> None:
    with context.use(tenant):
        run("SELECT 1")
    _, idle = logins.count()
    interrupted = context.use(tenant)
    interrupted.__enter__()
    run("SELECT 1")
    context.abandon()
    assert (context.current(), wrapper().login, logins.count()) == (None, None, (0, idle - 1))
    with context.use(tenant):
        assert who() == place_of(tenant)
    assert logins.count() == (0, idle)


def test_inside_a_test_s_own_transaction_it_is_refused(tenant: Tenant) -> None:
    with transaction.atomic():
        wrapper().atomic_blocks[0]._from_testcase = True
        with pytest.raises(exceptions.WrongTenant), context.use(tenant):
            pytest.fail("entered")


def test_threads_share_no_connection(tenant: Tenant) -> None:
    pids: list[Any] = []
    inside = threading.Barrier(3, timeout=20)

    def visit() -> None:
        try:
            with context.use(tenant):
                pids.append((run("SELECT pg_backend_pid()"), who()))
                inside.wait()
        finally:
            connections.close_all()

    in_threads([visit] * 3)
    assert len({pid for pid, _ in pids}) == 3
    assert {place for _, place in pids} == {place_of(tenant)}
    assert logins.count() == (0, 3)


def in_threads(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_pool_of_app_s_connections_stays_app_s(
    tenant: Tenant, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.close_all()
    monkeypatch.setitem(wrapper().settings_dict, "CONN_MAX_AGE", 0)
    monkeypatch.setitem(wrapper().settings_dict["OPTIONS"], "pool", {"min_size": 1, "max_size": 1})
    try:
        for one in (tenant, two_tenants[0]) * 3:
            with context.use(one):
                assert who()[:2] == (one.schema_name if one is tenant else "app", one.schema_name)
            wrapper().close()  # as between two requests
        with pytest.raises(exceptions.TransactionAborted), context.use(tenant):
            who()
            wrapper().close()
        with context.use(two_tenants[0]):
            assert who()[:2] == ("app", two_tenants[0].schema_name)
    finally:
        connections.close_all()
        wrapper().close_pool()


def test_dbshell_logs_in_as_the_tenant(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASEHOLD_PG_BINDIR", str(local.find_postgres()))
    question = "SELECT session_user || ' ' || current_schema()"
    call_command("tenant_run", tenant.slug, "dbshell", "--", "-Atc", question)
    assert capfd.readouterr().out.strip() == f"{tenant.schema_name} {tenant.schema_name}"


def test_the_entry_that_a_process_caches_is_enough(tenant: Tenant) -> None:
    with context.use(entry_of(tenant)):
        assert who() == place_of(tenant)
