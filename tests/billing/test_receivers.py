from typing import Any

import pytest

from billing import exceptions, subscriptions
from billing.models import Plan, Subscription
from tenants import context, hooks, lifecycle
from tenants.exceptions import InvalidOption
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("fresh_db")


def test_a_new_tenant_is_put_on_the_plan_of_its_options() -> None:
    tenant = lifecycle.create("umbrella", by="test", options={"plan": "enterprise"})
    with context.use(tenant):
        found = subscriptions.current(tenant.id)
    assert found is not None
    assert found.plan.code == "enterprise"


def test_without_an_option_it_is_the_free_plan() -> None:
    tenant = lifecycle.create("umbrella", by="test")
    with context.use(tenant):
        found = subscriptions.current(tenant.id)
    assert found is not None
    assert found.plan.code == "free"


def test_an_unknown_plan_vetoes_the_tenant_and_names_those_that_exist() -> None:
    with pytest.raises(exceptions.UnknownPlan, match="free, pro, enterprise"):
        lifecycle.create("umbrella", by="test", options={"plan": "gold"})
    with context.operator(), pytest.raises(Exception, match="no tenant"):
        lifecycle.find("umbrella")


def test_an_option_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidOption, match="colour"):
        lifecycle.create("umbrella", by="test", options={"colour": "red"})


def test_a_destroyed_tenant_has_no_live_subscription() -> None:
    tenant = lifecycle.destroy("acme", by="test")
    with context.operator():
        assert subscriptions.current(tenant.id) is None
        assert Subscription.objects.filter(tenant=tenant).count() == 1


def test_the_record_is_kept_as_long_as_the_plan_says() -> None:
    tenant = lifecycle.create("umbrella", by="test", options={"plan": "pro"})
    with context.owner():
        Plan.objects.filter(code="pro").update(audit_days=90)
        kept = hooks.retention.send(Tenant, tenant=tenant)
        subscriptions.end(tenant.id, by="test")
        ended = hooks.retention.send(Tenant, tenant=tenant)
    answers: list[Any] = [days for _, days in (*kept, *ended)]
    assert answers == [90, None]
