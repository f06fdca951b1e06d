"""The catalogue: which plans can be subscribed to."""

import pytest
from django.utils import timezone

from billing import exceptions, plans
from billing.models import Plan
from tenants import context

pytestmark = pytest.mark.usefixtures("module_db")


def test_it_finds_a_plan_by_its_code() -> None:
    with context.operator():
        assert plans.find("pro").name == "Pro"


@pytest.mark.parametrize("code", ["gold", "Pro", "", "pro "])
def test_an_unknown_plan_names_those_that_exist_in_their_order(code: str) -> None:
    with context.operator(), pytest.raises(exceptions.UnknownPlan, match="free, pro, enterprise"):
        plans.find(code)


def test_a_retired_plan_is_not_offered_any_more() -> None:
    with context.operator():
        Plan.objects.filter(code="pro").update(retired_at=timezone.now())
        with pytest.raises(exceptions.UnknownPlan, match=r"Plans: free, enterprise\."):
            plans.find("pro")
        context.roll_back()


def test_the_default_plan_exists() -> None:
    with context.operator():
        assert plans.find(plans.DEFAULT).price == 0


def test_every_tenant_reads_the_same_catalogue(acme: object) -> None:
    assert [plan.code for plan in Plan.objects.all()] == ["free", "pro", "enterprise"]
