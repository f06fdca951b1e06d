from typing import Any

import pytest
from django.db import IntegrityError

from billing.models import Plan, Subscription
from tenants import context, lifecycle

pytestmark = pytest.mark.usefixtures("fresh_db")


@pytest.mark.parametrize("change", [{"price": -1}, {"currency": "eur"}, {"code": "free"}, {"seats": 0}])
def test_the_database_refuses_a_plan_that_makes_no_sense(change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), context.operator():
        Plan.objects.create(**{"code": "gold", "name": "Gold", "price": 1, **change})


def test_a_tenant_has_one_live_subscription() -> None:
    with context.operator():
        tenant, plan = lifecycle.find("acme"), Plan.objects.get(code="pro")
    with pytest.raises(IntegrityError), context.operator():
        Subscription.objects.create(tenant=tenant, plan=plan)


def test_the_catalogue_starts_with_three_plans_in_minor_units() -> None:
    with context.operator():
        found = list(Plan.objects.values_list("code", "price", "currency"))
    assert found == [("free", 0, "EUR"), ("pro", 4900, "EUR"), ("enterprise", 49900, "EUR")]
