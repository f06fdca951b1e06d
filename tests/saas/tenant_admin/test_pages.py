"""What a form of the tenant's admin did stands in the tenant's record, and in no table of all tenants."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from saas.commerce.models import Category
from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role
from tenants.testing import TenantClient
from tests import factories

TwoTenants = tuple[Entry, Entry]
LIST = "/admin/commerce/category/"
TENTS = {"name": "Tents", "slug": "tents", "position": 1}


def browser(tenant: Entry, role: str = Role.EDITOR) -> TenantClient:
    return TenantClient(tenant).sign_in(factories.member(tenant, role))


def recorded(tenant: Entry) -> list[tuple[str, Any, Any]]:
    with context.use(tenant):
        rows = AuditEntry.objects.filter(action__startswith="category.").order_by("at", "id")
        return [(row.action, row.before, row.after) for row in rows]


def tents(tenant: Entry) -> Category:
    with context.use(tenant):
        return Category.objects.create(**TENTS)


def test_what_is_added_changed_and_deleted_is_recorded(two_tenants: TwoTenants) -> None:
    editor = browser(two_tenants[0])
    page = editor.post(f"{LIST}add/", TENTS, follow=True).content.decode()
    assert "was added successfully" in page
    with context.use(two_tenants[0]):
        category = Category.objects.get()
    editor.post(f"{LIST}{category.pk}/change/", {**TENTS, "name": "Big tents"})
    editor.post(f"{LIST}{category.pk}/delete/", {"post": "yes"})
    assert recorded(two_tenants[0]) == [
        ("category.created", None, TENTS),
        ("category.changed", {"name": "Tents"}, {"name": "Big tents"}),
        ("category.deleted", None, None),
    ]
    assert recorded(two_tenants[1]) == []
    with context.use(two_tenants[0]):
        assert not Category.objects.exists()
    with pytest.raises(DatabaseError, match="permission denied"), context.use(two_tenants[0]):
        LogEntry.objects.exists()


def test_a_form_that_is_refused_is_not_recorded(two_tenants: TwoTenants) -> None:
    tents(two_tenants[0])
    answer = browser(two_tenants[0]).post(f"{LIST}add/", TENTS)
    assert answer.status_code == 200
    assert "visitors" not in answer.content.decode()
    assert recorded(two_tenants[0]) == []


def test_the_action_of_a_list_records_each_row(two_tenants: TwoTenants) -> None:
    category = tents(two_tenants[0])
    chosen = {"action": "delete_selected", "_selected_action": [str(category.pk)], "post": "yes"}
    browser(two_tenants[0]).post(LIST, chosen)
    assert recorded(two_tenants[0]) == [("category.deleted", None, None)]


def test_a_message_is_shown_once(two_tenants: TwoTenants) -> None:
    editor = browser(two_tenants[0])
    editor.post(f"{LIST}add/", TENTS)
    assert "was added successfully" in editor.get(LIST).content.decode()
    assert "was added successfully" not in editor.get(LIST).content.decode()


def test_the_history_of_a_row_is_for_those_who_may_read_the_record(two_tenants: TwoTenants) -> None:
    category = tents(two_tenants[0])
    editor, admin = browser(two_tenants[0]), browser(two_tenants[0], Role.ADMIN)
    editor.post(f"{LIST}{category.pk}/change/", {**TENTS, "name": "Big tents"})
    page = admin.get(f"{LIST}{category.pk}/history/").content.decode()
    assert "category.changed" in page
    assert "name: Big tents" in page
    assert editor.get(f"{LIST}{category.pk}/history/").status_code == 403


def test_a_row_is_locked_while_a_form_writes_it(two_tenants: TwoTenants) -> None:

    category = tents(two_tenants[0])
    editor = browser(two_tenants[0])
    with CaptureQueriesContext(connection) as asked:
        editor.post(f"{LIST}{category.pk}/change/", {**TENTS, "name": "Big tents"})
    assert any("FOR NO KEY UPDATE" in query["sql"] for query in asked)
