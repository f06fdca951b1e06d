"""One row per tenant, which names it: whatever a server answers must hold no other's."""

from collections.abc import Callable
from typing import Any

import pytest

from saas.commerce.models import Category
from tenants import context
from tenants.directory import Entry, entry_of
from tenants.models import Tenant

Check = Callable[[Any, Entry], None]


@pytest.fixture(scope="module")
def tenants(module_db: str) -> list[Entry]:
    with context.public():
        found = [entry_of(tenant) for tenant in Tenant.objects.order_by("slug")]
    for one in found:
        with context.use(one):
            Category.objects.create(name=one.slug, slug=one.slug)
    return found


@pytest.fixture
def no_other(tenants: list[Entry]) -> Check:
    """Return what fails when an answer holds the name or the role of another tenant."""

    def check(answer: Any, own: Entry) -> None:
        for other in tenants:
            if other is not own:
                assert other.slug not in str(answer)
                assert other.schema_name not in str(answer)

    return check
