"""tenants.audit.report: a fresh database of three tenants has no finding, and each source is asked."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import InternalError, connections

from tenants.audit import report
from tenants.audit.findings import Finding


def test_a_fresh_database_has_no_finding_at_all(fresh_db: str) -> None:
    assert report.collect() == []


def test_what_is_wrong_in_the_database_and_in_a_setting_is_found_in_one_run(
    fresh_db: str, settings: Any
) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE billing_usageevent NO FORCE ROW LEVEL SECURITY")
    assert [(one.rule, one.object) for one in report.collect()] == [
        ("row-security-off", "table public.billing_usageevent"),
        ("session-engine-unbound", "setting SESSION_ENGINE"),
    ]


def test_each_source_has_a_cursor_of_the_owner(fresh_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(cursor: Any) -> Iterator[Finding]:
        cursor.execute("SELECT current_user")
        yield Finding("asked", str(cursor.fetchone()[0]), "", "")

    monkeypatch.setattr(report, "SOURCES", (*report.SOURCES, ask))
    assert [one.object for one in report.collect()] == ["owner"]


def test_no_source_can_change_anything(fresh_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def repair(cursor: Any) -> Iterator[Finding]:
        cursor.execute("UPDATE tenants_directoryversion SET version = 0")
        yield from ()

    monkeypatch.setattr(report, "SOURCES", (repair,))
    with pytest.raises(InternalError, match="read-only transaction"):
        report.collect()
