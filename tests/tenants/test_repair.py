"""Repair ends at a fleet in which nothing is left; no row of anybody is lost on the way, and twice is once."""

import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.test import Client
from django.utils import timezone

from billing.models import Subscription
from saas.commerce.models import Category
from tenants import context, ddl, directory, exceptions, hooks, ids, lifecycle, names, repair
from tenants.models import AuditEntry, Backup, Domain, Membership, Tenant
from tests import databases, environment
from tests.tenants.audit.test_leftovers import as_admin, found, rules, schema_of

pytestmark = pytest.mark.usefixtures("fresh_db")


def schemas() -> set[str]:
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(databases.servers().admin_url(name)) as admin:
        return {
            schema
            for (schema,) in admin.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^[a-z]_'")
        }


def run() -> list[repair.Step]:
    return repair.run(by="test")


def test_nothing_left_is_nothing_done() -> None:
    before = schemas(), databases.roles()
    assert run() == []
    assert (schemas(), databases.roles()) == before


def test_an_empty_schema_and_a_role_of_nobody_are_dropped() -> None:
    with context.owner():
        ddl.build(alone := ids.new())
        ddl.create_empty(role := ids.new())
    as_admin(f"DROP SCHEMA {names.schema_of(role)}")
    assert [(step.rule, step.left) for step in run()] == [
        ("role-without-tenant", False),
        ("schema-without-tenant", False),
    ]
    assert not {names.schema_of(alone), names.schema_of(role)} & (schemas() | databases.roles())
    assert run() == []


def test_a_schema_of_nobody_with_rows_is_put_aside_out_of_everybody_s_reach() -> None:
    tenant = lifecycle.create("umbrella", by="test")
    with context.use(tenant):
        Category.objects.create(name="Tea", slug="tea")
    with context.owner():
        for model in (Domain, AuditEntry, Subscription, Membership):
            model.objects.filter(tenant=tenant).delete()
        Tenant.objects.filter(
            id=tenant.id
        ).delete()  # as after a dump of `public` that is older than the tenant
    (step,) = run()
    kept = names.retired_of(tenant.id)
    assert (step.left, kept in step.done, "commerce_category" in step.done) == (False, True, True)
    assert kept in schemas()
    assert tenant.schema_name not in schemas() | databases.roles()
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(databases.servers().admin_url(name)) as admin:
        assert admin.execute(f"SELECT slug FROM {kept}.commerce_category".encode()).fetchall() == [("tea",)]
        for login in ("app", "console", "backup", "identity", "tenant"):
            assert admin.execute(
                "SELECT has_schema_privilege(%s, %s, 'USAGE') OR has_table_privilege(%s, %s, 'SELECT')",
                [login, kept, login, f"{kept}.commerce_category"],
            ).fetchone() == (False,)
    assert run() == []


def test_a_destroyed_tenant_s_schema_with_rows_is_put_aside_and_that_is_recorded() -> None:
    schema = schema_of("acme")
    with context.operator():
        acme = lifecycle.find("acme")
    with context.use(acme):
        Category.objects.create(name="Tea", slug="tea")
    with context.owner():
        Tenant.objects.filter(slug="acme").update(destroyed_at=timezone.now())
    assert {step.rule for step in run()} == {"schema-without-tenant", "rows-of-destroyed-tenant"}
    assert found() == []
    assert (schema in schemas(), names.retired_of(acme.id) in schemas()) == (False, True)
    with context.operator():
        entries = AuditEntry.objects.filter(tenant=acme, action="tenant.repaired", actor="test")
        assert set(entries.values_list("after__rule", flat=True)) == {
            "schema-without-tenant",
            "rows-of-destroyed-tenant",
        }
    with context.owner():
        assert not Domain.objects.filter(tenant=acme).exists()
        assert not Subscription.objects.filter(tenant=acme, ended_at=None).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE owner; REVOKE tenant FROM {0}",
        "SET ROLE owner; REVOKE {0} FROM app",
        "REVOKE ALL ON SCHEMA {0} FROM {0}, backup; REVOKE ALL ON ALL TABLES IN SCHEMA {0} FROM {0}, backup",
        "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {0} REVOKE ALL ON TABLES FROM {0}, backup",
        "DROP OWNED BY {0}; DROP ROLE {0}",  # a dump that comes to another cluster brings no role along
    ],
)
def test_a_tenant_that_lost_its_role_or_grants_gets_them_again(statement: str) -> None:
    tenant = lifecycle.create("umbrella", by="test")
    with context.use(tenant):
        Category.objects.create(name="Tea", slug="tea")
    as_admin(statement.format(tenant.schema_name))
    assert rules() == ["tenant-without-grants"]
    (step,) = run()
    assert (step.rule, step.left) == ("tenant-without-grants", False)
    assert found() == []
    with context.use(tenant):
        assert Category.objects.get().slug == "tea"
    with pytest.raises(DatabaseError, match="permission denied"), context.use(tenant):
        ledger_of_migrations()


@pytest.mark.parametrize(
    "statement",
    ["REVOKE USAGE ON SCHEMA {0} FROM {0}", "DROP OWNED BY {0}; DROP ROLE {0}", "ALTER ROLE {0} NOLOGIN"],
)
def test_a_strict_tenant_gets_its_login_again_and_app_stays_out(statement: str, settings: Any) -> None:
    settings.LEASEHOLD_STRICT_KEY = "k" * 40
    schema = lifecycle.create("umbrella", by="test").schema_name
    lifecycle.make_strict("umbrella", by="test")
    assert found() == []
    as_admin(statement.format(schema))
    assert rules() == ["tenant-without-grants"]
    assert [step.left for step in run()] == [False]
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(databases.servers().admin_url(name)) as admin:
        asked = "SELECT pg_has_role('app', oid, 'MEMBER'), rolcanlogin FROM pg_roles WHERE rolname = %s"
        assert admin.execute(asked, [schema]).fetchone() == (False, True)
    assert found() == []


def test_a_login_that_nobody_asked_for_is_taken_away(settings: Any) -> None:
    schema = lifecycle.create("umbrella", by="test").schema_name
    as_admin(f"ALTER ROLE {schema} LOGIN")
    assert "its tenant is not strict" in found()[0].problem
    assert [step.left for step in run()] == [False]
    assert found() == []


def ledger_of_migrations() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT * FROM django_migrations")


@pytest.mark.parametrize("statement", ["DROP SCHEMA {} CASCADE", "DROP TABLE {}.commerce_pastprice"])
def test_a_live_tenant_that_lost_data_answers_no_longer_and_keeps_what_it_has(statement: str) -> None:
    with context.owner():
        before = Membership.objects.filter(tenant__slug="acme", ended_at=None).count()
    as_admin(statement.format(schema_of("acme")))
    for _ in range(2):
        (step,) = run()
        assert (step.left, "backup_restore" in step.repair) == (True, True)
    directory.clear()
    assert Client(headers={"host": "acme.localhost"}).get("/").status_code in (403, 404)
    with context.operator():
        assert lifecycle.find("acme").state == "suspended"
    with context.owner():
        assert Membership.objects.filter(tenant__slug="acme", ended_at=None).count() == before
    lifecycle.destroy("acme", by="test")
    assert found() == []


def test_files_of_a_failed_backup_go_and_others_stay(settings: Any, tmp_path: Path) -> None:
    settings.LEASEHOLD_BACKUP_DIR = tmp_path
    with context.operator():
        acme = lifecycle.find("acme")
        failed = Backup.objects.create(tenant=acme, requested_by="test", failed_at=timezone.now())
    places = [tmp_path / acme.id.hex / name.hex for name in (failed.id, ids.new())]
    for place in places:
        place.mkdir(parents=True)
        (place / "tables.commerce_product.zst").write_bytes(b"half")
    assert {step.rule: step.left for step in run()} == {
        "files-of-failed-backup": False,
        "files-without-backup": False,
    }
    assert [place.exists() for place in places] == [False, True]


def test_what_was_repaired_in_the_meantime_is_left_alone() -> None:
    with context.owner():
        ddl.build(alone := ids.new())
    (leftover,) = repair.look()
    run()
    assert repair.mend(leftover, by="test").done == "somebody else has repaired it"
    assert names.schema_of(alone) not in schemas()


def test_a_lock_that_is_held_is_no_reason_to_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ddl, "LOCK_TIMEOUT_MS", 50)
    with context.owner():
        ddl.build(alone := ids.new())
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(databases.servers().admin_url(name)) as admin:
        admin.execute(f"LOCK TABLE {names.schema_of(alone)}.commerce_product IN ACCESS SHARE MODE".encode())
        (step,) = run()
        assert (step.left, "lock timeout" in step.done) == (True, True)
    assert [step.left for step in run()] == [False]


def test_a_hook_that_refuses_leaves_the_rest_to_a_person() -> None:
    def veto(**_: Any) -> None:
        raise exceptions.Refused("it owes money")

    with context.owner():
        ddl.build(ids.new())
    lifecycle.destroy("globex", by="test")
    with context.owner():
        Membership.objects.filter(tenant__slug="globex").update(ended_at=None)
    hooks.destroying.connect(veto)
    try:
        steps = {step.rule: (step.left, step.done) for step in run()}
    finally:
        hooks.destroying.disconnect(veto)
    assert steps["rows-of-destroyed-tenant"] == (True, "not repaired: it owes money")
    assert steps["schema-without-tenant"][0] is False
    assert [step.left for step in run()] == [False]


# The command.


def command(*arguments: str) -> Any:
    out = StringIO()
    try:
        call_command("tenant_repair", *arguments, "--json", stdout=out)
    finally:
        said = out.getvalue()
    return json.loads(said)


def test_the_command_shows_asks_repairs_and_finds_nothing_the_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with context.owner():
        ddl.build(alone := ids.new())
    (finding,) = command("--dry-run")
    assert (finding["rule"], names.schema_of(alone) in schemas()) == ("schema-without-tenant", True)
    monkeypatch.setattr("sys.stdin", StringIO("yes"))
    with pytest.raises(CommandError, match="--yes"):
        call_command("tenant_repair")
    assert names.schema_of(alone) in schemas()
    (step,) = command("--yes")
    assert (step["object"], step["done"]) == (f"schema {names.schema_of(alone)}", "dropped: it held no row")
    assert command("--yes") == []
    out = StringIO()
    call_command("tenant_repair", "--yes", stdout=out)
    assert out.getvalue() == "Nothing is left.\n"


def test_the_command_fails_while_something_is_left_to_a_person() -> None:
    as_admin(f"DROP SCHEMA {schema_of('acme')} CASCADE")
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 1 need a person"):
        call_command("tenant_repair", "--yes", stdout=out)
    assert "repair: manage.py backup_restore" in out.getvalue()


# Killed in the middle.

KILLED = """
import os, signal, sys
import django
django.setup()
from tenants import ddl, repair

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

place = sys.argv[1]
if place == "between two steps":
    real, seen = repair.mend, []
    repair.mend = lambda leftover, by: die() if seen else (seen.append(1), real(leftover, by=by))[1]
elif place == "before the role":
    ddl.drop_role = die
elif place == "before the record":
    repair._recorded = die
elif place == "before the commit":
    from django.db import connections
    connections["owner"]._commit = die
repair.run(by="test")
"""


@pytest.mark.parametrize(
    "place", ["between two steps", "before the role", "before the record", "before the commit"]
)
def test_a_repair_that_is_killed_is_finished_by_the_next(fresh_db: str, place: str) -> None:
    assert environment.running is not None
    with context.owner():
        ddl.build(ids.new())
        ddl.build(full := ids.new())
        with ddl.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {names.schema_of(full)}.commerce_category VALUES (gen_random_uuid(), 'Tea', 'tea', 0)"
            )
        ddl.create_empty(role := ids.new())
    as_admin(f"DROP SCHEMA {names.schema_of(role)}")
    variables = {
        **os.environ,
        **environment.running.environment(fresh_db),
        "DJANGO_SETTINGS_MODULE": "saas.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", KILLED, place],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    connections.close_all()
    run()
    assert found() == []
    assert names.retired_of(full) in schemas()
