"""The numbers of the first page, counted by hand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from billing.models import UsageCount, UsageHour
from saas.console import dashboard
from tenants import context
from tenants.models import AuditEntry, Backup, Tenant, User
from tests.saas.console.conftest import Browser

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def rows(console: Browser, operator: User) -> None:
    with context.owner():
        acme, globex = (Tenant.objects.get(slug=slug) for slug in ("acme", "globex"))
        for age, quantity in ((0, 5), (9, 7), (10, 11), (23, 13), (24, 17)):  # midnight is 9 hours ago, today
            hour = NOW.replace(minute=0) - age * HOUR
            UsageHour.objects.create(tenant=acme, meter="api_calls", hour=hour, quantity=quantity)
        UsageHour.objects.create(tenant=acme, meter="mails", hour=NOW.replace(minute=0), quantity=1_000)
        UsageHour.objects.create(tenant=globex, meter="api_calls", hour=NOW.replace(minute=0), quantity=2)
        UsageCount.objects.create(tenant=acme, meter="api_calls", hour=NOW.replace(minute=0), quantity=3)
        for age, state in ((1, "finished_at"), (2, "finished_at"), (3, "failed_at"), (4, "started_at")):
            at = NOW - age * HOUR
            Backup.objects.create(
                tenant=acme, requested_by="test", requested_at=at, **{state: at}, error="disk full"
            )
        Backup.objects.create(
            tenant=acme, requested_by="test", requested_at=NOW - 25 * HOUR, failed_at=NOW - 25 * HOUR
        )
        Tenant.objects.filter(slug="globex").update(suspended_at=NOW)


def show(console: Browser) -> dict[str, Any]:
    with context.operator(), time_machine.travel(NOW, tick=False):
        return dashboard.fill(None, {"kept": 1})  # type: ignore[arg-type]


def test_the_tiles_count_what_they_say(console: Browser, rows: None) -> None:
    tenants, backups, calls = show(console)["tiles"]
    assert (tenants["value"], tenants["text"]) == ("2", "1 suspended")
    assert (backups["value"], backups["text"], backups["alarm"]) == ("2", "1 failed, 1 under way", True)
    assert calls["value"] == "17"  # 5 + 2 + 3 in this hour, 7 at midnight


def test_the_chart_has_24_hours_of_calls_rolled_up_or_not(console: Browser, rows: None) -> None:
    filled = show(console)
    chart = json.loads(filled["chart"])
    calls = dict(zip(chart["labels"], chart["datasets"][0]["data"], strict=True))
    assert (chart["labels"][0], chart["labels"][-1], len(chart["labels"])) == ("10:00", "09:00", 24)
    assert {hour: n for hour, n in calls.items() if n} == {"09:00": 10, "00:00": 7, "23:00": 11, "10:00": 13}
    assert filled["calls"] == "41"


def test_failed_backups_and_the_latest_entries_are_listed(console: Browser, rows: None) -> None:
    filled = show(console)
    assert [row[1:] for row in filled["failures"]["rows"]] == [["acme", "disk full"], ["acme", ""]]
    assert len(filled["audit"]["rows"]) == dashboard.LATEST
    assert filled["kept"] == 1


def test_what_people_wrote_is_escaped(console: Browser, rows: None) -> None:
    with context.owner():
        Backup.objects.update(error="<script>alert(1)</script>", failed_at=datetime.now(UTC), started_at=None)
        AuditEntry.objects.create(tenant=Tenant.objects.get(slug="acme"), actor="<b>", action="<i>")
    page = console.get("/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;" in page


def test_an_empty_installation_has_a_dashboard(console: Browser, operator: User) -> None:
    page = console.get("/").content.decode()
    assert "none suspended" in page
    assert "0 API calls in the last 24 hours" in page
