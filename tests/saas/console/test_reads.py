"""Each page that shows rows of tenants is written down once: who looked, at which page, at whose rows."""

from collections.abc import Callable

import pytest

from tenants import context
from tenants.models import Domain, OperatorEntry, Tenant, User
from tests.saas.console.conftest import Browser

Find = Callable[[str], Tenant]


def reads() -> list[OperatorEntry]:
    with context.operator():
        return list(OperatorEntry.objects.filter(action="read").order_by("id"))


def test_a_page_of_a_row_names_its_tenant(console: Browser, operator: User, tenants: Find) -> None:
    acme = tenants("acme")
    page = f"/tenants/tenant/{acme.pk}/change/"
    console.get(page)
    [entry] = reads()
    assert (entry.operator_id, entry.operator, entry.subject) == (operator.pk, operator.email, page)
    assert entry.tenant_ids == [acme.pk]


def test_a_list_names_each_tenant_once(console: Browser, operator: User, tenants: Find) -> None:
    acme = tenants("acme")
    with context.owner():
        Domain.objects.create(tenant=acme, hostname="shop.acme.example")
    console.get("/tenants/domain/?q=acme")
    [entry] = reads()
    assert entry.tenant_ids == [acme.pk]


def test_the_dashboard_and_a_question_name_theirs(console: Browser, operator: User, tenants: Find) -> None:
    console.get("/")
    console.press("suspend", tenants("globex"))
    first, second = reads()
    assert set(first.tenant_ids) <= {tenants(slug).pk for slug in ("acme", "globex", "initech")}
    assert first.tenant_ids
    assert second.tenant_ids == [tenants("globex").pk]


@pytest.mark.parametrize(
    "path", ["/billing/plan/", "/tenants/operator/", "/tenants/tenant/?q=nobody", "/nothing/"]
)
def test_a_page_without_rows_of_a_tenant_leaves_no_entry(console: Browser, operator: User, path: str) -> None:
    console.get(path)
    assert reads() == []


def test_a_refused_page_is_recorded_as_refused(console: Browser, operator: User) -> None:
    assert console.get("/tenants/backup/add/").status_code == 403
    with context.operator():
        [entry] = OperatorEntry.objects.filter(action="access.refused")
    assert (entry.operator_id, entry.source) == (operator.pk, "GET /tenants/backup/add/")
