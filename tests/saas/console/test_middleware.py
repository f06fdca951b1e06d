"""The one context of an operator's request: what is kept, what is discarded, and what a refusal says."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.db import IntegrityError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from billing.models import Flag
from tenants import audit_log, context
from tenants.models import AuditEntry, Tenant, User
from tests import databases
from tests.saas.console.conftest import Browser


def write(request: HttpRequest, status: int) -> HttpResponse:
    Flag.objects.create(name="written")
    return HttpResponse(audit_log.source.get(), status=status)


def fail(request: HttpRequest, kind: str) -> HttpResponse:
    Flag.objects.create(name="written")
    raise {"conflict": IntegrityError, "away": OperationalError, "bug": ZeroDivisionError}[kind]


urlpatterns = [path("write/<int:status>", write), path("fail/<kind>", fail)]


@pytest.fixture
def views(console: Browser) -> Iterator[Browser]:
    with override_settings(ROOT_URLCONF=__name__):
        console.raise_request_exception = False
        yield console


def flags() -> list[str]:
    with context.operator():
        return list(Flag.objects.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("status", "kept"), [(200, True), (302, True), (400, False), (404, False), (500, False)]
)
def test_the_status_says_whether_the_request_is_kept(views: Browser, status: int, kept: bool) -> None:
    assert views.get(f"/write/{status}").status_code == status
    assert flags() == (["written"] if kept else [])


def test_what_is_recorded_knows_the_request(views: Browser) -> None:
    assert views.get("/write/200").content == b"GET /write/200"
    assert audit_log.source.get() == ""


@pytest.mark.parametrize(("kind", "status"), [("conflict", 409), ("away", 503), ("bug", 500)])
def test_what_a_view_meets_is_discarded_and_answered(views: Browser, kind: str, status: int) -> None:
    assert views.get(f"/fail/{kind}").status_code == status
    assert flags() == []
    assert context.current() is None


def test_a_refusal_of_commit_is_a_page_in_plain_words(console: Browser, operator: User) -> None:
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "ALTER TABLE billing_flag ADD CONSTRAINT late UNIQUE (description) DEFERRABLE INITIALLY DEFERRED"
        )
    rows = {"overrides-TOTAL_FORMS": "0", "overrides-INITIAL_FORMS": "0", "description": "the same"}
    assert console.post("/billing/flag/add/", {"name": "one", **rows}).status_code == 302
    answer = console.post("/billing/flag/add/", {"name": "two", **rows})
    assert answer.status_code == 409
    assert "Nothing was saved" in answer.content.decode()
    assert flags() == ["one"]


def test_without_a_database_the_page_says_so(console: Browser, operator: User) -> None:
    with databases.pointing_at("there_is_no_such_database"):
        answer = console.get("/")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.content.decode()
    assert console.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_answered_to_any_host_and_without_a_context(console: Browser, path: str) -> None:
    with no_context():
        assert console.get(path, headers={"host": "10.0.0.7"}).status_code == 200
    assert console.get("/", headers={"host": "10.0.0.7"}).status_code == 400


def test_a_refused_request_leaves_no_audit_entry(console: Browser, operator: User) -> None:
    with context.operator():
        acme = Tenant.objects.get(slug="acme")
        before = AuditEntry.objects.count()
    with patch("tenants.audit_log.AuditEntry.objects.bulk_create", side_effect=IntegrityError):
        answer = console.press("suspend", acme, reason="unpaid")
    assert answer.status_code == 409
    with context.operator():
        assert AuditEntry.objects.count() == before
        assert Tenant.objects.get(slug="acme").suspended_at is None


@contextmanager
def no_context() -> Iterator[None]:
    with patch.object(context, "operator", side_effect=AssertionError("a context was entered")):
        yield
