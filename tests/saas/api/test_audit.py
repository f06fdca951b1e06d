import csv
import json
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone

from tenants import audit_log, context
from tenants.directory import Entry
from tenants.models import AuditEntry
from tenants.testing import TenantClient

URL = "/api/v1/audit"
EXPORT = f"{URL}/export"
NOW = timezone.now()


@pytest.fixture
def entries(shop: Entry, globex: Entry) -> None:
    """Five entries of acme, an hour apart, and one of globex."""
    rows = [
        ("product.created", "ada@example.com", ""),
        ("product.updated", "bob@example.com", ""),
        ("product_import", "nightly import", ""),
        ("key.created", "ada@example.com", "op@example.com"),
        ("key.revoked", "=1+1", ""),
    ]
    with context.use(shop):
        AuditEntry.objects.bulk_create(
            AuditEntry(
                tenant_id=shop.id,
                action=action,
                actor=actor,
                impersonator=impersonator,
                subject="s",
                at=NOW + timedelta(hours=1 + n),
            )
            for n, (action, actor, impersonator) in enumerate(rows)
        )
    with context.use(globex):
        audit_log.record(globex.id, "product.created", by="globex@example.com", subject="secret of globex")


def actions(client: TenantClient, query: str) -> list[str]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200
    return [item["action"] for item in response.json()["items"]]


SINCE = f"since={quote((NOW + timedelta(hours=1)).isoformat())}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["key.revoked", "key.created", "product_import", "product.updated", "product.created"]),
        ("&action=product.", ["product.updated", "product.created"]),
        ("&action=product_", ["product_import"]),
        ("&action=%25", []),
        ("&actor=ADA@example.com", ["key.created", "product.created"]),
        ("&actor=op@example.com", ["key.created"]),
        (f"&until={quote((NOW + timedelta(hours=3)).isoformat())}", ["product.updated", "product.created"]),
    ],
    ids=["all", "a prefix", "no wildcard", "no percent", "an actor", "on behalf of", "until"],
)
def test_it_lists_what_fits_newest_first(
    admin: TenantClient, entries: None, query: str, expected: list[str]
) -> None:
    assert actions(admin, SINCE + query) == expected


def test_pages_follow_each_other_without_gap_or_repetition(admin: TenantClient, entries: None) -> None:
    found: list[str] = []
    cursor, body = "", {"next": ""}
    for _ in range(3):
        body = admin.get(f"{URL}?{SINCE}&limit=2{cursor}").json()
        found += [item["action"] for item in body["items"]]
        cursor = f"&cursor={body['next']}"
    assert found == ["key.revoked", "key.created", "product_import", "product.updated", "product.created"]
    assert body["next"] is None


@pytest.mark.parametrize("url", [URL, EXPORT])
def test_others_are_refused(
    editor: TenantClient, viewer: TenantClient, anonymous: TenantClient, admin: TenantClient, url: str
) -> None:
    assert [client.get(url).status_code for client in (editor, viewer, anonymous, admin)] == [
        403,
        403,
        401,
        200,
    ]


@pytest.mark.parametrize("url", [URL, EXPORT])
def test_another_tenant_s_entries_are_not_there(
    admin: TenantClient, outsider: TenantClient, entries: None, url: str
) -> None:
    ours, theirs = (_body(client.get(url)) for client in (admin, outsider))
    assert "secret of globex" in theirs
    assert "secret of globex" not in ours
    assert "bob@example.com" in ours
    assert "bob@example.com" not in theirs


def test_a_cursor_of_another_tenant_is_refused(
    admin: TenantClient, outsider: TenantClient, entries: None
) -> None:
    cursor = admin.get(f"{URL}?limit=1").json()["next"]
    assert admin.get(f"{URL}?cursor={cursor}").status_code == 200
    assert outsider.get(f"{URL}?cursor={cursor}").json()["code"] == "invalid_cursor"


@pytest.mark.parametrize("query", ["since=2026-01-01T00:00:00", "since=soon", "limit=0", "limit=101"])
def test_a_filter_that_means_nothing_is_refused(admin: TenantClient, query: str) -> None:
    assert admin.get(f"{URL}?{query}").status_code == 422


def test_an_export_as_json_lines_holds_one_object_for_each_entry(admin: TenantClient, entries: None) -> None:
    response = admin.get(f"{EXPORT}?{SINCE}")
    assert response["Content-Type"] == "application/x-ndjson"
    found = [json.loads(line) for line in _body(response).splitlines()]
    assert [row["action"] for row in found][-1] == "product.created"
    assert (len(found), found[0]["actor"]) == (5, "=1+1")


def test_an_export_as_csv_holds_no_formula(admin: TenantClient, entries: None) -> None:
    response = admin.get(f"{EXPORT}?{SINCE}&format=csv")
    header, *rows = csv.reader(StringIO(_body(response)))
    assert [dict(zip(header, row, strict=True))["actor"] for row in rows] == [
        "'=1+1",
        "ada@example.com",
        "nightly import",
        "bob@example.com",
        "ada@example.com",
    ]


def test_an_export_is_recorded(admin: TenantClient, shop: Entry) -> None:
    admin.get(f"{EXPORT}?format=csv")
    with context.use(shop):
        entry = AuditEntry.objects.get(action="audit.exported")
    assert (entry.subject, entry.address, len(entry.request_id)) == ("csv", "127.0.0.1", 16)


def test_an_unknown_format_is_refused(admin: TenantClient) -> None:
    assert admin.get(f"{EXPORT}?format=xls").status_code == 422


def _body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()
