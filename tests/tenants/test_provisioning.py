"""Tenants that people ask for: the row is the truth, one worker builds it, and what goes wrong leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from tenants import context, ddl, exceptions, lifecycle, provisioning, tasks
from tenants.directory import Entry
from tenants.models import AuditEntry, Domain, Membership, Tenant, TenantRequest, User
from tests import databases, environment, factories

BUILD = (
    "import sys, django; django.setup(); from tenants import provisioning; provisioning.build(sys.argv[1])"
)


@pytest.fixture
def person(fresh_db: str) -> User:
    with context.identity():
        user: User = factories.UserFactory()
    return user


def ask(user: User, slug: str = "engines") -> UUID:
    with context.identity():
        return provisioning.ask(user, slug=slug, name="Engines").id


def row(request_id: UUID) -> TenantRequest:
    with context.identity():
        return TenantRequest.objects.get(id=request_id)


def schemas() -> set[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'")
        return {name for (name,) in cursor.fetchall()}


def test_the_person_becomes_the_owner_of_what_is_built(person: User) -> None:
    request_id = ask(person)
    assert row(request_id).state == "requested"
    assert provisioning.build(request_id) is True
    done = row(request_id)
    assert done.state == "finished"
    with context.owner():
        tenant = Tenant.objects.get(slug="engines")
        assert (done.built_id, tenant.name) == (tenant.id, "Engines")
        assert Membership.objects.get(tenant=tenant).user_id == person.pk
        assert Domain.objects.get(tenant=tenant).hostname == "engines.localhost"
        assert AuditEntry.objects.get(tenant=tenant, action="tenant.created").actor == person.email
    assert tenant.schema_name in schemas()
    assert provisioning.build(request_id) is False, "once"


def test_a_slug_taken_in_the_meantime_is_kept_as_the_reason(person: User) -> None:
    request_id = ask(person)
    lifecycle.create("engines", by="somebody else")
    before = schemas()
    assert provisioning.build(request_id) is False
    assert (row(request_id).state, row(request_id).error) == ("failed", "slug_taken")
    assert schemas() == before


@pytest.mark.parametrize("slug", ["acme", "acrne", "admin", "x"])
def test_what_is_taken_or_no_slug_is_refused_at_once(person: User, slug: str) -> None:
    with pytest.raises((exceptions.SlugTaken, exceptions.InvalidSlug)):
        ask(person, slug)


def test_two_people_do_not_wait_for_one_slug(person: User) -> None:
    ask(person)
    with pytest.raises(exceptions.SlugTaken):
        ask(person)


def test_an_accident_leaves_nothing_and_a_row_to_try_again(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id, before = ask(person), schemas()

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "join", fail)
        with pytest.raises(ZeroDivisionError):
            provisioning.build(request_id)
    assert (row(request_id).state, row(request_id).error) == ("running", "ZeroDivisionError")
    assert schemas() == before
    with context.owner():
        assert not Tenant.objects.filter(slug="engines").exists()
    assert provisioning.build(request_id) is True
    assert (row(request_id).state, row(request_id).error) == ("finished", "")


def test_it_gives_up_in_the_end(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = ask(person)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ddl, "build", fail)
    for _ in range(provisioning.ATTEMPTS):
        assert row(request_id).failed_at is None
        with pytest.raises(ZeroDivisionError):
            provisioning.build(request_id)
    assert row(request_id).state == "failed"
    assert provisioning.build(request_id) is False


def test_the_sweep_finds_what_was_lost_and_what_was_killed(person: User) -> None:
    now = timezone.now()
    ages = {
        "fresh": (timedelta(seconds=19), None),
        "lost": (timedelta(seconds=21), None),
        "at-it": (timedelta(hours=1), timedelta(seconds=59)),
        "killed": (timedelta(hours=1), timedelta(seconds=61)),
    }
    with context.owner():
        for slug, (age, started) in ages.items():
            TenantRequest.objects.create(
                requested_by=person,
                slug=slug,
                name=slug,
                requested_at=now - age,
                started_at=now - started if started else None,
            )
        TenantRequest.objects.create(
            requested_by=person, slug="done", name="", requested_at=now - timedelta(hours=1), built_at=now
        )
    with context.operator():
        found = provisioning.waiting()
    assert {row(one).slug for one in found} == {"lost", "killed"}


def test_a_killed_worker_leaves_nothing_half_built(person: User, fresh_db: str) -> None:
    """It is killed while it waits inside of the building: an insert of the membership is held up by a lock."""
    assert environment.running is not None
    request_id, before = ask(person), schemas()
    variables = environment.running.environment(fresh_db)
    with psycopg.connect(databases.servers().admin_url(fresh_db)) as admin:
        admin.execute("LOCK TABLE public.tenants_membership IN SHARE MODE")
        worker = subprocess.Popen(
            [sys.executable, "-c", BUILD, str(request_id)],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                **variables,
                "DJANGO_SETTINGS_MODULE": "saas.settings",
                "LEASEHOLD_ENV": "test",
            },
        )
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'public.tenants_membership'::regclass"
        deadline = time.monotonic() + 60
        while admin.execute(waiting).fetchone() == (0,):
            assert worker.poll() is None, "it ended before it came to the lock"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        # The server notices only when it has something to say to the dead client.
        admin.execute(
            "SELECT pg_terminate_backend(pid, 10_000) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        )
    assert row(request_id).state == "running"
    assert schemas() == before
    assert provisioning.build(request_id) is True
    assert len(schemas() - before) == 1


def test_a_tenant_cannot_hurry_a_request(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]), pytest.raises(exceptions.WrongTenant):
        tasks.build_tenant.scope(None)
    with pytest.raises(exceptions.WrongTenant):
        tasks.build_tenant.scope(None)
    with context.identity():
        assert tasks.build_tenant.scope(None) == tasks.Scope("hint")


def test_a_message_of_a_tenant_or_an_operator_builds_nothing() -> None:
    for name in ("operator", "0" * 32):
        with pytest.raises(exceptions.InvalidScope):
            tasks.build_tenant.enter(tasks.Scope(name))
