"""The page of the record: who did what in this tenant, which operator it was in truth, and older pages."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from saas import record_pages
from tenants import audit_log, context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role
from tenants.testing import TenantClient
from tests import factories

TwoTenants = tuple[Entry, Entry]
NOON = datetime(2040, 5, 1, 12, tzinfo=UTC)  # after everything that the test itself does


@pytest.fixture
def browser(two_tenants: TwoTenants) -> TenantClient:
    return TenantClient(two_tenants[0]).sign_in(factories.member(two_tenants[0], Role.ADMIN))


def write(tenant: Entry, *rows: tuple[str, str, str]) -> None:
    """Write (action, actor, impersonator), a second apart."""
    with context.use(tenant):
        AuditEntry.objects.bulk_create(
            AuditEntry(
                tenant_id=tenant.id, action=action, actor=actor, impersonator=impersonator,
                at=NOON + timedelta(seconds=number), after={"note": "<b>bold</b>"},
            )
            for number, (action, actor, impersonator) in enumerate(rows)
        )  # fmt: skip


def text(client: TenantClient, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/record{query}")
    assert answer.status_code == status
    return answer.content.decode()


def test_it_shows_who_did_what_and_who_it_was_in_truth_in_this_tenant_alone(
    two_tenants: TwoTenants, browser: TenantClient
) -> None:
    acme, globex = two_tenants
    write(acme, ("product.created", "ada@example.com", "op@leasehold.example"))
    with context.use(globex):
        audit_log.record(globex.id, "product.hidden", by="globex@example.com", subject="secret of globex")
    page = text(browser)
    for wanted in (
        "2040-05-01 12:00:00",
        "product.created",
        "ada@example.com",
        "in truth op@leasehold.example",
    ):
        assert wanted in page
    assert "secret of globex" not in page
    assert "<b>bold" not in page, "what was recorded is text"


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("?action=key.", ["key.made"]),
        ("?actor=ada@example.com", ["product.made"]),
        ("?actor=op@leasehold.example", ["key.made"]),
        ("?actor=nobody", []),
    ],
)
def test_it_is_narrowed(two_tenants: TwoTenants, browser: TenantClient, query: str, seen: list[str]) -> None:
    write(
        two_tenants[0],
        ("product.made", "ada@example.com", ""),
        ("key.made", "bob@example.com", "op@leasehold.example"),
    )
    assert re.findall(r"\w+\.made", text(browser, query)) == seen


def test_older_entries_are_a_link_away_and_none_is_shown_twice(
    two_tenants: TwoTenants, browser: TenantClient
) -> None:
    count = record_pages.SHOWN + 5
    write(two_tenants[0], *[(f"step.{number:03}", "ada@example.com", "") for number in range(count)])
    page, seen = text(browser, "?action=step."), []
    while True:
        seen += re.findall(r'class="details">(step\.\d+)', page)
        found = re.search(r'<a href="(/record\?[^"]+)">Older', page)
        if not found:
            break
        page = text(browser, unescape(found[1]).removeprefix("/record"))
    assert seen == [f"step.{number:03}" for number in reversed(range(count))]


def test_a_cursor_of_another_tenant_is_refused_on_the_page(
    two_tenants: TwoTenants, browser: TenantClient
) -> None:
    _, globex = two_tenants
    write(globex, *[("step.x", "ada@example.com", "")] * (record_pages.SHOWN + 1))
    theirs = TenantClient(globex).sign_in(factories.member(globex, Role.OWNER))
    found = re.search(r"cursor=([^\"]+)\">Older", text(theirs))
    assert found
    for cursor in (found[1], "nonsense"):
        assert 'role="alert"' in text(browser, f"?cursor={cursor}", status=400)
