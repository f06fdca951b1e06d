"""The first page of the console: numbers that say whether somebody has to do something. Reads only."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from billing.middleware import API_CALLS
from billing.models import UsageCount, UsageHour
from saas.console import reads
from tenants.admin import BACKUP_STATES, TENANT_STATES
from tenants.models import AuditEntry, Backup, Tenant

HOUR = timedelta(hours=1)
CHART_HOURS = 24
BACKUP_AGE = timedelta(hours=24)
FAILURE_AGE = timedelta(days=7)
LATEST = 8


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the template's context with the dashboard's numbers; a fixed number of queries."""
    now = timezone.now()
    calls = calls_per_hour(now)
    entries, failed = _latest_entries(), _latest_failures(now)
    today = sum(n for hour, n in calls.items() if hour.date() == now.date())
    return {
        **context,
        "tiles": [
            _tenants(),
            _backups(now),
            _tile("API calls today", today, "since 00:00 UTC", "billing_usagehour"),
        ],
        "chart": json.dumps(_chart(calls)),
        "calls": f"{sum(calls.values()):,}",
        "audit": _table(["At (UTC)", "Tenant", "Action", "Actor"], [_entry_row(row) for row in entries]),
        "failures": _table(["Failed at (UTC)", "Tenant", "Error"], [_failure_row(row) for row in failed]),
        reads.SHOWN: [*(row.tenant_id for row in entries), *(row.tenant_id for row in failed)],
    }


def calls_per_hour(now: datetime) -> dict[datetime, int]:
    """Return the API calls of all tenants in each of the last 24 hours, rolled up or not yet."""
    last = now.replace(minute=0, second=0, microsecond=0)
    calls = {last - n * HOUR: 0 for n in reversed(range(CHART_HOURS))}
    for model in (UsageHour, UsageCount):
        rows: QuerySet[Any] = model.objects.filter(
            meter=API_CALLS, hour__gt=last - CHART_HOURS * HOUR, hour__lte=last
        )
        for hour, total in rows.values_list("hour").annotate(total=Sum("quantity")).order_by():
            calls[hour] = calls.get(hour, 0) + total
    return calls


def _tenants() -> dict[str, Any]:
    counts = Tenant.objects.aggregate(
        **{state: Count("pk", filter=condition) for state, condition in TENANT_STATES.items()}
    )
    rest = ", ".join(f"{n} {state}" for state, n in counts.items() if n and state != "active")
    return _tile("Active tenants", counts["active"], rest or "none suspended", "tenants_tenant")


def _backups(now: datetime) -> dict[str, Any]:
    counts = Backup.objects.filter(requested_at__gt=now - BACKUP_AGE).aggregate(
        **{state: Count("pk", filter=condition) for state, condition in BACKUP_STATES.items()}
    )
    waiting = counts["requested"] + counts["running"]
    text = f"{counts['failed']} failed" + (f", {waiting} under way" if waiting else "")
    tile = _tile("Backups in the last 24 h", counts["finished"], text, "tenants_backup")
    return {**tile, "alarm": bool(counts["failed"])}


def _tile(title: str, value: int, text: str, page: str) -> dict[str, Any]:
    return {"title": title, "value": f"{value:,}", "text": text, "link": reverse(f"admin:{page}_changelist")}


def _chart(calls: dict[datetime, int]) -> dict[str, Any]:
    """Return what chart.js draws; unfold replaces the names of its colours."""
    bars = {
        "label": "API calls",
        "data": list(calls.values()),
        "backgroundColor": "var(--color-primary-600)",
        "barPercentage": 0.7,
        "maxBarThickness": 24,
        "borderRadius": 3,
        "displayYAxis": True,
        "maxTicksXLimit": 12,
    }
    return {"labels": [f"{hour:%H}:00" for hour in calls], "datasets": [bars]}


def _latest_entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.select_related("tenant").order_by("-id")[:LATEST])


def _latest_failures(now: datetime) -> list[Backup]:
    failed = Backup.objects.filter(failed_at__gt=now - FAILURE_AGE).select_related("tenant")
    return list(failed.order_by("-failed_at")[:LATEST])


def _entry_row(entry: AuditEntry) -> list[object]:
    when = _link("auditentry", entry.pk, f"{entry.at:%m-%d %H:%M}")
    return [when, entry.tenant.slug, entry.action, entry.actor]


def _failure_row(row: Backup) -> list[object]:
    return [_link("backup", row.pk, f"{row.failed_at:%m-%d %H:%M}"), row.tenant.slug, row.error[:120]]


def _link(model: str, pk: object, text: str) -> SafeString:
    return format_html(
        '<a class="text-link whitespace-nowrap" href="{}">{}</a>',
        reverse(f"admin:tenants_{model}_change", args=[pk]),
        text,
    )


def _table(headers: list[str], rows: list[list[object]]) -> dict[str, Any]:
    return {"headers": headers, "rows": rows}
