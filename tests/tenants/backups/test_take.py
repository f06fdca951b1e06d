import itertools
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models import Model
from django.utils import timezone

from billing.models import UsageEvent
from saas.commerce.models import Product
from tenants import context, ddl, exceptions
from tenants.backups import ledger, store, tables, take
from tenants.directory import Entry
from tenants.models import Backup
from tests import environment
from tests.tenants.backups.conftest import PRODUCTS, add_product, ask, place, row


def tenant_models() -> list[type[Model]]:
    """Return the models whose tables stand in a tenant's schema."""
    found = [apps.get_app_config(name.rpartition(".")[2]) for name in settings.TENANT_APPS]
    return [model for app in found for model in app.get_models(include_auto_created=True)]


def test_a_finished_backup_says_what_it_holds_and_verifies(finished: Backup) -> None:
    manifest, digest = store.verify(place(finished))
    assert (finished.state, finished.manifest_sha256) == ("finished", digest)
    counts = {file.name: file.rows for file in manifest.tables}
    wanted = dict.fromkeys((model._meta.db_table for model in tenant_models()), 0)
    assert counts == wanted | {"commerce_product": PRODUCTS}
    assert finished.rows == manifest.rows


def test_it_holds_the_tenants_shared_rows_and_nobody_elses(finished: Backup, shop: Entry) -> None:
    manifest, _ = store.load(place(finished))
    names = {file.name for file in manifest.shared}
    assert {"tenants_membership", "billing_subscription", "billing_usageevent", "tenants_domain"} <= names
    assert not names & {"tenants_credential", "tenants_session", "tenants_apikeydigest"}
    for file in manifest.shared:
        lines = b"".join(store.read(place(finished), "shared", file.name)).decode().splitlines()
        assert len(lines) == file.rows
        assert all(str(shop.id) in line for line in lines)


def test_every_shared_table_with_rows_of_a_tenant_says_whether_a_backup_has_it() -> None:
    left_out = {
        "Session",
        "ApiKeyDigest",
        "InvitationDigest",
        "ImpersonationCode",
        "Backup",
        "OneTimeCode",
        "IdentityProviderSecret",
        "SsoAccount",
        "UsageCount",
    }  # secrets, whom they let in, this ledger, and what is flushed hourly
    silent = {
        model.__name__
        for model in apps.get_models()
        if any(field.name == "tenant" for field in model._meta.fields) and tables.on_clone(model) is None
    }
    assert silent == left_out


def test_taking_it_again_does_nothing(finished: Backup, shop: Entry) -> None:
    before = finished.finished_at
    assert take.take(finished.id, shop.id) is False
    assert row(finished).finished_at == before


def test_a_backup_is_not_taken_for_another_tenant(shop: Entry, globex: Entry) -> None:
    backup = ask(shop)
    assert take.take(backup.id, globex.id) is False
    assert row(backup).state == "requested"


def test_two_workers_at_once_take_it_once(shop: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = ask(shop)
    inside, go_on = threading.Event(), threading.Event()
    real = take._write

    def slow(backup: Backup, where: Path) -> store.Manifest:
        inside.set()
        assert go_on.wait(20)
        return real(backup, where)

    monkeypatch.setattr(take, "_write", slow)
    first: list[bool] = []

    def work() -> None:
        first.append(take.take(backup.id, shop.id))
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(20)
    second = take.take(backup.id, shop.id)
    go_on.set()
    thread.join()
    assert (first, second) == ([True], False)


def test_it_is_one_moment_although_rows_are_added_meanwhile(
    shop: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, numbers = ask(shop), itertools.count(100)
    real = take._write_table

    def write(cursor: object, where: Path, table: tables.Table, schema: str) -> store.File:
        writer = threading.Thread(target=add_more, args=(shop, next(numbers)))
        writer.start()
        writer.join()
        return real(cursor, where, table, schema)

    def add_more(shop: Entry, number: int) -> None:
        with context.use(shop):
            product = add_product(number)
            UsageEvent.objects.create(tenant_id=shop.id, meter="m", event_id=str(product.id), quantity=1)
        connections.close_all()

    monkeypatch.setattr(take, "_write_table", write)
    take.take(backup.id, shop.id)
    manifest, _ = store.load(place(backup))
    rows = {file.name: file.rows for file in (*manifest.tables, *manifest.shared)}
    assert (rows["commerce_product"], rows["billing_usageevent"]) == (PRODUCTS, 0)
    with context.use(shop):
        assert Product.objects.count() == PRODUCTS + len(tenant_models())


def test_a_failure_is_kept_in_the_row_and_raised(shop: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = ask(shop)

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(store, "publish", full)
    with pytest.raises(OSError, match="No space"):
        take.take(backup.id, shop.id)
    failed = row(backup)
    assert (failed.state, failed.error) == ("failed", "OSError: No space left on device")
    assert not store.published(place(backup))


KILLED = """
import os, signal, sys
import django
django.setup()
from uuid import UUID
from tenants.backups import store, take

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

real = getattr({module}, {name!r})
{after}
take.take(UUID(sys.argv[1]), UUID(sys.argv[2]))
"""
BEFORE = "setattr({module}, {name!r}, die)"
AFTER = "setattr({module}, {name!r}, lambda *a, **k: (real(*a, **k), die()))"


@pytest.mark.parametrize(
    ("module", "name", "moment"),
    [
        ("take", "_publish", BEFORE),
        ("store", "write", BEFORE),
        ("store", "write", AFTER),
        ("store", "publish", BEFORE),
        ("store", "publish", AFTER),
        ("take", "_publish", AFTER),
    ],
)
def test_kill_9_leaves_a_row_that_the_next_try_finishes(
    fresh_db: str, shop: Entry, module: str, name: str, moment: str
) -> None:
    backup = ask(shop)
    assert environment.running is not None
    variables = {**os.environ, **environment.running.environment(fresh_db)}
    variables |= {
        "DJANGO_SETTINGS_MODULE": "saas.settings",
        "LEASEHOLD_BACKUP_DIR": str(settings.LEASEHOLD_BACKUP_DIR),
    }
    program = KILLED.format(module=module, name=name, after=moment.format(module=module, name=name))
    done = subprocess.run(
        [sys.executable, "-c", program, str(backup.id), str(shop.id)],
        env=variables,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert row(backup).state == "running"
    assert take.take(backup.id, shop.id) is True
    manifest, _ = store.verify(place(backup))
    assert {path.name for path in place(backup).iterdir()} == {
        "manifest.json",
        *(f"tables.{file.name}.zst" for file in manifest.tables),
        *(f"shared.{file.name}.zst" for file in manifest.shared),
    }


def test_a_missing_schema_is_a_named_failure(shop: Entry) -> None:
    backup = ask(shop)
    with context.owner():
        ddl.drop(shop.id)
    with pytest.raises(exceptions.BackupError, match="schema of tenant acme is missing"):
        take.take(backup.id, shop.id)


def test_the_sweep_finds_what_was_lost_and_what_was_killed(shop: Entry) -> None:
    lost, killed, new = ask(shop), ask(shop), ask(shop)
    long_ago = timezone.now() - timedelta(hours=1)
    with context.owner():
        Backup.objects.filter(id=lost.id).update(requested_at=long_ago)
        Backup.objects.filter(id=killed.id).update(started_at=long_ago)
    with context.operator():
        found = {backup.id for backup in ledger.waiting()}
    assert found == {lost.id, killed.id}
    assert new.id not in found


def test_the_nightly_run_skips_a_tenant_with_a_fresh_backup(finished: Backup) -> None:
    with context.operator():
        assert {tenant.slug for tenant in ledger.due()} == {"globex", "initech"}
