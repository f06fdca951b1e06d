"""The verbs of a tenant's life: each leaves all of its work or nothing, also when the process is killed in it."""

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connections

from billing import exceptions as billing_exceptions
from billing.models import Subscription
from saas.commerce.models import Category
from tenants import context, ddl, exceptions, hooks, lifecycle
from tenants.directory import Entry
from tenants.models import (
    ApiKey,
    AuditEntry,
    DirectoryVersion,
    Domain,
    Membership,
    Role,
    ServiceAccount,
    Session,
    Tenant,
    User,
)
from tenants.people.sessions import SessionStore
from tests import databases, environment, factories

TwoTenants = tuple[Entry, Entry]

Traces = tuple[set[str], set[str], dict[str, int]]


def traces(database: str) -> Traces:
    """What the creation of a tenant could leave: roles, schemas, rows."""
    with psycopg.connect(databases.servers().admin_url(database)) as admin:
        schemas = {
            name for (name,) in admin.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'")
        }
        counts = {}
        for table in (
            "tenants_tenant",
            "tenants_domain",
            "tenants_membership",
            "tenants_auditentry",
            "billing_subscription",
        ):
            row = admin.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            counts[table] = row[0] if row else -1
    return databases.roles(), schemas, counts


def actions(slug: str) -> list[str]:
    with context.operator():
        rows = AuditEntry.objects.filter(tenant__slug=slug).order_by("at", "id")
        return list(rows.values_list("action", flat=True))


# Create.


def test_a_new_tenant_has_a_host_a_schema_a_role_an_owner_and_a_plan(fresh_db: str) -> None:
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com")
    tenant = lifecycle.create("umbrella", by=ada, name="Umbrella Ltd", owner=ada, options={"plan": "pro"})
    roles, schemas, _ = traces(fresh_db)
    assert tenant.schema_name in roles & schemas
    with context.operator():
        assert Tenant.objects.get(slug="umbrella").name == "Umbrella Ltd"
        assert Domain.objects.get(tenant=tenant).hostname == "umbrella.localhost"
        assert Subscription.objects.get(tenant=tenant).plan.code == "pro"
        assert Membership.objects.get(tenant=tenant).role == Role.OWNER
    with context.use(tenant):
        Category.objects.create(name="Tea", slug="tea")
    with context.use(tenant):
        assert Category.objects.count() == 1


def test_creation_is_recorded_with_who_and_what(fresh_db: str) -> None:
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com")
    lifecycle.create("umbrella", by=ada, name="Umbrella Ltd", options={"plan": "pro"})
    with context.operator():
        entry = AuditEntry.objects.get(tenant__slug="umbrella", action="tenant.created")
    assert (entry.actor_id, entry.actor) == (ada.pk, "ada@example.com")
    assert entry.after == {"plan": "pro", "name": "Umbrella Ltd"}


def test_a_tenant_without_options_is_on_the_default_plan_and_named_after_its_slug(fresh_db: str) -> None:
    tenant = lifecycle.create("umbrella", by="test")
    assert tenant.name == "umbrella"
    with context.operator():
        assert Subscription.objects.get(tenant=tenant).plan.code == "free"
        assert not Membership.objects.filter(tenant=tenant).exists()


@pytest.mark.parametrize(
    ("slug", "options", "error"),
    [
        ("acme", {}, exceptions.SlugTaken),
        ("Acme", {}, exceptions.InvalidSlug),
        ("äcme", {}, exceptions.InvalidSlug),
        ("a" * 64, {}, exceptions.InvalidSlug),
        ("admin", {}, exceptions.InvalidSlug),
        ("umbrella", {"plan": "platinum"}, billing_exceptions.UnknownPlan),
        ("umbrella", {"colour": "red"}, exceptions.InvalidOption),
        ("umbrella", {"plan": "pro", "colour": "red"}, exceptions.InvalidOption),
    ],
)
def test_a_creation_that_is_refused_leaves_nothing(
    fresh_db: str, slug: str, options: dict[str, str], error: type[Exception]
) -> None:
    before = traces(fresh_db)
    with pytest.raises(error):
        lifecycle.create(slug, by="test", options=options)
    assert traces(fresh_db) == before


def test_a_host_name_that_another_tenant_has_is_taken_too(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.owner():
        Domain.objects.create(tenant_id=two_tenants[0].id, hostname="umbrella.localhost")
    before = traces(fresh_db)
    with pytest.raises(exceptions.SlugTaken):
        lifecycle.create("umbrella", by="test")
    assert traces(fresh_db) == before


def test_a_hook_that_raises_has_vetoed(fresh_db: str) -> None:
    def veto(**_: Any) -> None:
        raise exceptions.Refused("not today")

    before = traces(fresh_db)
    hooks.created.connect(veto)
    try:
        with pytest.raises(exceptions.Refused, match="not today"):
            lifecycle.create("umbrella", by="test")
    finally:
        hooks.created.disconnect(veto)
    assert traces(fresh_db) == before


def test_two_who_want_the_same_slug_at_once_get_one_tenant(fresh_db: str) -> None:
    start = threading.Barrier(2, timeout=20)
    outcomes: list[str] = []

    def sign_up() -> None:
        try:
            start.wait()
            outcomes.append(lifecycle.create("umbrella", by="test").slug)
        except exceptions.SlugTaken:
            outcomes.append("taken")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["taken", "umbrella"]


# Killed in the middle.

# Runs in a process of its own, which ends itself by SIGKILL at the place that it is told.
CREATE = """
import os, signal, sys
import django
django.setup()
from django.db import connections
from tenants import ddl, hooks, lifecycle, audit_log
from tenants.people import memberships

def die(*args, **kwargs):
    print("reached", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

place = sys.argv[1]
if place == "first query":
    lifecycle.add_rows = die
elif place == "after the rows":
    ddl.create_empty = die
elif place == "between role and tables":
    ddl.run_before = die
elif place == "between tables and keys":
    ddl.run_after = die
elif place == "in the hook":
    hooks.created.connect(die)
elif place == "before the commit":
    audit_log.record = die
elif place == "at the commit":
    connections["owner"]._commit = die
elif place == "after the commit":
    pass
lifecycle.create("umbrella", by="test")
print("created", flush=True)
"""


def run_elsewhere(script: str, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert environment.running is not None
    variables = {
        **os.environ,
        **environment.running.environment(database),
        "DJANGO_SETTINGS_MODULE": "saas.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "place",
    [
        "first query",
        "after the rows",
        "between role and tables",
        "between tables and keys",
        "in the hook",
        "before the commit",
        "at the commit",
    ],
)
def test_kill_9_in_the_middle_leaves_nothing_and_the_slug_is_free(fresh_db: str, place: str) -> None:
    before = traces(fresh_db)
    done = run_elsewhere(CREATE, fresh_db, place)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "reached\n"), done.stderr
    wait_until_nobody_is_connected(fresh_db)
    assert traces(fresh_db) == before
    assert lifecycle.create("umbrella", by="test").slug == "umbrella"


def test_the_same_process_creates_the_tenant_when_nobody_kills_it(fresh_db: str) -> None:
    done = run_elsewhere(CREATE, fresh_db, "after the commit")
    assert (done.returncode, done.stdout) == (0, "created\n"), done.stderr
    with context.operator():
        assert lifecycle.find("umbrella").state == "active"


def wait_until_nobody_is_connected(database: str) -> None:
    """The server notices a dead client when it next reads from it; that backend still holds the transaction."""
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = %s AND usename = 'owner' AND pid <> pg_backend_pid()",
            [database],
        )
    connections["owner"].close()


# Suspend, resume, rename.


def test_a_suspension_says_when_why_and_by_whom(fresh_db: str) -> None:
    assert lifecycle.suspend("acme", by="test", reason="unpaid").state == "suspended"
    with context.operator():
        tenant = lifecycle.find("acme")
        entry = AuditEntry.objects.get(action="tenant.suspended")
    assert tenant.suspended_at is not None
    assert tenant.suspended_reason == "unpaid"
    assert (entry.tenant_id, entry.actor, entry.after) == (tenant.id, "test", {"reason": "unpaid"})


def test_suspending_twice_keeps_the_first_date_and_one_record(fresh_db: str) -> None:
    first = lifecycle.suspend("acme", by="test", reason="unpaid")
    second = lifecycle.suspend("acme", by="test", reason="again")
    assert (second.suspended_at, second.suspended_reason) == (first.suspended_at, "unpaid")
    assert actions("acme").count("tenant.suspended") == 1


def test_resuming_opens_the_tenant_again_and_is_recorded_once(fresh_db: str) -> None:
    lifecycle.suspend("acme", by="test", reason="unpaid")
    tenant = lifecycle.resume("acme", by="test")
    assert (tenant.state, tenant.suspended_reason) == ("active", "")
    lifecycle.resume("acme", by="test")
    assert actions("acme")[-2:] == ["tenant.suspended", "tenant.resumed"]


def test_renaming_moves_no_data(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        Category.objects.create(name="Tea", slug="tea")
    renamed = lifecycle.rename("acme", "acme-2", by="test")
    assert (renamed.id, renamed.schema_name) == (two_tenants[0].id, two_tenants[0].schema_name)
    with context.use(renamed):
        assert Category.objects.get().slug == "tea"
    with context.operator():
        assert Domain.objects.get(tenant=renamed).hostname == "acme-2.localhost"


@pytest.mark.parametrize(
    ("slug", "error"),
    [("globex", exceptions.SlugTaken), ("Acme", exceptions.InvalidSlug), ("www", exceptions.InvalidSlug)],
)
def test_a_rename_that_is_refused_changes_nothing(fresh_db: str, slug: str, error: type[Exception]) -> None:
    before = traces(fresh_db)
    with pytest.raises(error):
        lifecycle.rename("acme", slug, by="test")
    assert traces(fresh_db) == before
    with context.operator():
        assert lifecycle.find("acme").slug == "acme"


# Rotate.


def test_a_new_epoch_is_recorded_and_moves_the_directory(fresh_db: str) -> None:
    with context.operator():
        before = lifecycle.find("acme").epoch
        version = DirectoryVersion.objects.get().version
    after = lifecycle.rotate_epoch("acme", by="test").epoch
    with context.operator():
        assert lifecycle.find("acme").epoch == after != before
        assert DirectoryVersion.objects.get().version > version
    assert len(after) == 32
    assert actions("acme")[-1] == "tenant.rotated"


def test_only_a_tenant_that_exists_is_rotated(fresh_db: str) -> None:
    with pytest.raises(exceptions.UnknownTenant):
        lifecycle.rotate_epoch("nobody", by="test")


# Destroy.


def test_a_destroyed_tenant_leaves_its_row_and_its_record_and_no_way_in(fresh_db: str) -> None:
    tenant = lifecycle.create("umbrella", by="test")
    entry = Entry(id=tenant.id, slug="umbrella", name="", state="active", epoch=tenant.epoch)
    user = factories.member(tenant)
    session = SessionStore(tenant_id=tenant.id)
    session["_auth_user_id"] = str(user.pk)
    session.save()
    factories.api_key(entry)
    with context.identity():
        ServiceAccount.objects.create(tenant_id=tenant.id, name="importer", role=Role.VIEWER)
    lifecycle.destroy("umbrella", by="test")
    roles, schemas, _ = traces(fresh_db)
    assert tenant.schema_name not in roles | schemas
    with context.owner():
        kept = Tenant.objects.get(id=tenant.id)
        assert kept.state == "destroyed"
        assert kept.epoch != tenant.epoch
        assert not Domain.objects.filter(tenant=tenant).exists()
        assert not Session.objects.filter(tenant=tenant).exists()
        assert not Membership.objects.filter(tenant=tenant, ended_at=None).exists()
        assert not ApiKey.objects.filter(tenant=tenant, revoked_at=None).exists()
        assert not ServiceAccount.objects.filter(tenant=tenant, ended_at=None).exists()
        assert not Subscription.objects.filter(tenant=tenant, ended_at=None).exists()
        assert User.objects.filter(pk=user.pk).exists()
    assert actions("umbrella")[-2:] == ["subscription.ended", "tenant.destroyed"]


def test_the_slug_is_free_again(fresh_db: str) -> None:
    first = lifecycle.create("umbrella", by="test")
    lifecycle.destroy("umbrella", by="test")
    second = lifecycle.create("umbrella", by="test")
    assert second.id != first.id
    with context.operator():
        assert lifecycle.find("umbrella").id == second.id


def test_the_others_lose_nothing(fresh_db: str, two_tenants: TwoTenants) -> None:
    _acme, globex = two_tenants
    with context.use(globex):
        Category.objects.create(name="Tea", slug="tea")
    lifecycle.destroy("acme", by="test")
    with context.use(globex):
        assert Category.objects.count() == 1
        assert Membership.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("verb", [lifecycle.suspend, lifecycle.resume, lifecycle.destroy])
def test_a_tenant_that_is_unknown_or_destroyed_is_no_tenant(fresh_db: str, verb: Any) -> None:
    with pytest.raises(exceptions.UnknownTenant, match="tenant_list"):
        verb("umbrella", by="test")
    lifecycle.destroy("acme", by="test")
    with pytest.raises(exceptions.UnknownTenant):
        verb("acme", by="test")


def test_a_destroy_that_a_hook_refuses_changes_nothing(fresh_db: str) -> None:
    def veto(**_: Any) -> None:
        raise exceptions.Refused("it owes money")

    before = traces(fresh_db)
    hooks.destroying.connect(veto)
    try:
        with pytest.raises(exceptions.Refused, match="owes"):
            lifecycle.destroy("acme", by="test")
    finally:
        hooks.destroying.disconnect(veto)
    assert traces(fresh_db) == before
    with context.operator():
        assert lifecycle.find("acme").state == "active"


def test_a_running_request_keeps_the_schema_from_being_dropped(
    fresh_db: str, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ddl, "LOCK_TIMEOUT_MS", 50)
    inside, leave = threading.Event(), threading.Event()

    def request() -> None:
        try:
            with context.use(two_tenants[0]):
                Category.objects.count()
                inside.set()
                leave.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=request)
    thread.start()
    assert inside.wait(20)
    try:
        with pytest.raises(OperationalError, match="lock timeout"):
            lifecycle.destroy("acme", by="test")
    finally:
        leave.set()
        thread.join()
    with context.use(two_tenants[0]):
        assert Category.objects.count() == 0
