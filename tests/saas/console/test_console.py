"""The console as a process of its own: who gets in, which logins it holds, and what its login cannot read."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import ProgrammingError, connections
from django.utils import timezone

from billing.models import Subscription, UsageHour
from saas.console.site import ConsoleSite
from tenants import context
from tenants.models import (
    AuditEntry,
    Backup,
    Credential,
    Domain,
    Membership,
    Operator,
    OperatorSession,
    Tenant,
    User,
)
from tests import databases, environment
from tests.conftest import ServerLog
from tests.saas.console.conftest import Browser, pages

SECRETS = "SELECT 1 FROM public.tenants_session", "SELECT 1 FROM public.tenants_apikeydigest"
PROCESS = """
import json, re
import django
django.setup()
from django.conf import settings
from django.db import connections
from django.test import Client

client = Client(headers={"host": "localhost"})
answers = {"/readyz": client.get("/readyz").json()}
signed_in = client.post("/login/", {"username": "dana@leasehold.example", "password": "correct horse battery"})
for path in ["/", *re.findall(r'href="(/(?:tenants|billing)/\\w+/)"', client.get("/").content.decode())]:
    answers[path] = client.get(path).status_code
try:
    connections["default"].ensure_connection()
    held = "default"
except Exception as error:
    held = type(error).__name__
logins = {alias: database.get("USER") or None for alias, database in settings.DATABASES.items()}
print(json.dumps({"answers": answers, "logins": logins, "default": held, "signed_in": signed_in.status_code}))
"""


def test_a_member_of_a_tenant_is_refused_with_the_right_password(console: Browser) -> None:
    answer = console.sign_in("owner@acme.example")
    assert answer.status_code == 200
    assert "is not an operator" in answer.content.decode()
    assert console.get("/").status_code == 302
    with context.operator():
        assert not OperatorSession.objects.exists()


def test_an_operator_gets_in_and_out(console: Browser, operator: User) -> None:
    assert console.get("/").status_code == 200
    assert console.post("/logout/").status_code == 200
    assert console.get("/").status_code == 302


def test_an_operator_is_refused_with_a_wrong_password(console: Browser, operator: User) -> None:
    other = Browser()
    assert "password is wrong" in other.sign_in(operator.email, "wrong").content.decode()
    assert other.get("/").status_code == 302


def test_signing_in_without_a_destination_leads_to_the_dashboard(console: Browser, operator: User) -> None:
    form = Browser().get("/login/").content.decode()
    action = re.search(r'<form action="([^"]+)"', form)
    assert action is not None
    answer = Browser().post(action[1], {"username": operator.email, "password": databases.PASSWORD})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("ended", ["operator", "person"])
def test_who_is_no_operator_any_more_is_out_at_the_next_request(
    console: Browser, operator: User, ended: str
) -> None:
    with context.owner():
        if ended == "operator":
            Operator.objects.filter(user=operator).update(ended_at=timezone.now())
        else:
            User.objects.filter(pk=operator.pk).update(deactivated_at=timezone.now())
    assert console.get("/").status_code == 302


def test_an_operator_changes_the_password_and_other_browsers_are_out(
    console: Browser, operator: User
) -> None:
    other = Browser()
    other.sign_in(operator.email)
    new = {"new_password1": "a much better one", "new_password2": "a much better one"}
    answer = console.post("/password_change/", {"old_password": databases.PASSWORD, **new})
    assert answer.status_code == 302
    assert console.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert Browser().sign_in(operator.email, "a much better one").status_code == 302


def test_a_process_of_the_console_holds_one_login_and_serves_every_page(
    fresh_db: str, operator: User
) -> None:
    assert environment.running is not None
    given = environment.running.environment(fresh_db)
    held = ("DATABASE_URL_CONSOLE", "REDIS_URL")
    process = subprocess.run(
        [sys.executable, "-c", PROCESS],
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **{name: given[name] for name in held},
            "DJANGO_SETTINGS_MODULE": "saas.settings",
            "LEASEHOLD_ENV": "test",
            "LEASEHOLD_SITE": "console",
            "LEASEHOLD_CONSOLE_MFA": "false",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert report["logins"] == {"console": "console", "default": None}
    assert report["default"] == "ImproperlyConfigured"
    assert report["signed_in"] == 302
    assert report["answers"].pop("/readyz") == {"ready": True, "away": []}
    assert len(report["answers"]) == 13
    assert set(report["answers"].values()) == {200}


def test_no_page_uses_another_login(server_log: ServerLog, console: Browser, operator: User) -> None:
    server_log.forget()
    for path in pages(console):
        assert console.get(path).status_code == 200
    assert server_log.messages("console")
    assert [message for login in ("app", "owner", "backup") for message in server_log.messages(login)] == []


def test_no_page_refers_to_another_host(console: Browser, operator: User) -> None:
    for path in pages(console):
        text = console.get(path).content.decode()
        assert (
            re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text.replace("http://www.w3.org", "")) == []
        )


@pytest.mark.parametrize("statement", SECRETS)
def test_the_database_refuses_the_console_what_authenticates_members(
    console: Browser, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        context.operator(),
        connections["console"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_the_console_every_table_of_a_tenant(
    console: Browser, tenants: Callable[[str], Tenant]
) -> None:
    schema = tenants("acme").schema_name
    with context.operator(), connections["console"].cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(%s, 'USAGE')", [schema])
        assert cursor.fetchone() == (False,)
        cursor.execute(
            "SELECT count(*), bool_or(has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))"
            " FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s)"
            " AND c.relkind IN ('r', 'p', 'v')",
            [schema],
        )
        count, readable = cursor.fetchone()
    assert count > 0
    assert not readable


def test_the_console_sees_passwords_of_operators_only(console: Browser, operator: User) -> None:
    with context.operator():
        assert [row.user_id for row in Credential.objects.all()] == [operator.pk]


def test_the_site_is_the_one_that_the_floors_register_their_pages_on() -> None:
    assert isinstance(admin.site._wrapped, ConsoleSite)  # type: ignore[attr-defined]


def test_the_statements_of_a_page_do_not_grow_with_the_tenants(
    console: Browser, operator: User, statements: Callable[[str], int]
) -> None:
    add_tenants(1)
    paths = pages(console)
    few = {path: statements(path) for path in paths}
    add_tenants(20)
    assert {path: statements(path) for path in paths} == few
    assert max(few.values()) <= 16


def add_tenants(number: int) -> None:
    """Add rows of each kind that a page lists."""
    now = timezone.now()
    with context.owner():
        person = User.objects.get(email="owner@acme.example")
        plan = Subscription.objects.all()[0].plan
        for n in range(number):
            tenant = Tenant.objects.create(slug=f"extra-{number}-{n}", name="Extra")
            Domain.objects.create(tenant=tenant, hostname=f"{tenant.slug}.localhost", is_primary=True)
            Membership.objects.create(tenant=tenant, user=person, role="viewer")
            Subscription.objects.create(tenant=tenant, plan=plan)
            Backup.objects.create(tenant=tenant, requested_by="test", failed_at=now, error="disk full")
            AuditEntry.objects.create(tenant=tenant, actor="test", action="tenant.created")
            UsageHour.objects.create(
                tenant=tenant, meter="api_calls", hour=now - timedelta(hours=n), quantity=1
            )
