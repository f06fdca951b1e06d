"""Our side: tenants made by `lifecycle.create`, entered by `context.use`."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.utils import timezone

from billing.models import UsageEvent, UsageHour
from tenants import audit_log, context, lifecycle
from tenants.models import Backup, Tenant, User
from tenants.people import keys, memberships
from tenants.people.sessions import SessionStore
from tests.bench import canaries, harness, rows

BY = "bench"
PASSWORD = "correct horse battery staple"
# Those of the second package know our tables and verbs.
ATTACKS = ["tests.bench.attacks", "tests.bench.leasehold.attacks"]


class Entry:
    """What `context.use` needs of a tenant."""

    __slots__ = ("id",)

    def __init__(self, tenant: harness.Tenant) -> None:
        self.id = UUID(tenant.id)


class Side:
    name = harness.OURS

    def __init__(self, tenants: Sequence[harness.Tenant]) -> None:
        self.tenants = tenants
        self.entries = {tenant.id: Entry(tenant) for tenant in tenants}

    def enter(self, tenant: harness.Tenant) -> AbstractContextManager[Any]:
        return context.use(self.entries[tenant.id])

    request = enter

    def between_tasks(self) -> None:
        harness.close_connections()
        context.abandon()

    def furnish(self, tenant: harness.Tenant) -> None:
        with self.enter(tenant):
            rows.put(tenant)


def create(slugs: list[str]) -> list[dict[str, Any]]:
    """Make tenants; runs in a process that holds all logins. Return what an attack may know of each."""
    call_command("migrate", interactive=False, verbosity=0)
    made = [make(slug) for slug in slugs]
    for slug in slugs if os.environ.get("BENCH_STRICT") else []:
        call_command("tenant_strict", slug)
    return made


def make(slug: str) -> dict[str, Any]:
    """Make one tenant; runs in a process that holds all logins. Return what an attack may know of it."""
    canary = canaries.new()
    with context.owner():
        user = User.objects.create_user(f"{canary}@example.com", name=canary, password=PASSWORD)
    row = lifecycle.create(slug, name=f"Shop {canary}", by=BY, owner=user)
    with context.owner():
        UsageHour.objects.create(tenant=row, meter=canary, hour=timezone.now(), quantity=1)
        Backup.objects.create(tenant=row, requested_by=canary)
    tenant = harness.Tenant(
        id=str(row.id),
        schema=row.schema_name,
        slug=slug,
        host=f"{slug}.{settings.LEASEHOLD_APEX_HOST}",
        canary=canary,
        facts={
            **rows.ids(),
            "user": str(user.pk),
            "email": user.email,
            **_credentials(row, user, canary),
        },
    )
    with context.use(row):
        rows.put(tenant)
        audit_log.record(row.id, "bench.furnished", by=canary, subject=canary, after={"canary": canary})
        UsageEvent.objects.create(
            tenant_id=row.id, meter=canary, event_id=canary, quantity=1, properties={"canary": canary}
        )
    return tenant.as_json()


def _credentials(row: Tenant, user: User, canary: str) -> dict[str, str]:
    with context.identity():
        member = memberships.by_user(user.pk, row)
        assert member is not None
        key = keys.create(member, row, name=f"Key {canary}").secret
    session = SessionStore(tenant_id=row.id)
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
    session.save()
    return {
        "key": key,
        "session": str(session.session_key),
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
        "membership": str(member.membership_id),
    }
