"""The contract of a tenant: one plan at a time, from a date until a date, each change on the record."""

import pytest
from django.db import IntegrityError

from billing import exceptions, subscriptions
from billing.models import Subscription
from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry

TwoTenants = tuple[Entry, Entry]


def record(tenant: Entry) -> list[tuple[str, object]]:
    with context.use(tenant):
        rows = AuditEntry.objects.filter(action__startswith="subscription.").order_by("at", "id")
        return list(rows.values_list("action", "after"))


def test_a_tenant_reads_its_own_subscription_and_no_other(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        found = subscriptions.current(acme.id)
        assert found is not None
        assert found.plan.code == "pro"
        assert subscriptions.current(globex.id) is None


def test_ending_and_starting_again_keeps_both_and_records_both(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    before = record(acme), record(globex)
    with context.operator():
        subscriptions.end(acme.id, by="test")
        assert subscriptions.current(acme.id) is None
        subscriptions.start(acme.id, "enterprise", by="test")
    with context.operator():
        found = subscriptions.current(acme.id)
        assert found is not None
        assert found.plan.code == "enterprise"
        assert Subscription.objects.filter(tenant_id=acme.id).count() == 2
    assert record(acme) == [
        *before[0],
        ("subscription.ended", None),
        ("subscription.started", {"plan": "enterprise"}),
    ]
    assert record(globex) == before[1]


def test_ending_nothing_records_nothing(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.operator():
        subscriptions.end(acme.id, by="test")
        before = AuditEntry.objects.count()
        subscriptions.end(acme.id, by="test")
        assert AuditEntry.objects.count() == before


def test_a_second_plan_at_the_same_time_is_refused(fresh_db: str, two_tenants: TwoTenants) -> None:
    with pytest.raises(IntegrityError, match="billing_subscription_one"), context.operator():
        subscriptions.start(two_tenants[0].id, "free", by="test")


def test_an_unknown_plan_starts_nothing(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.operator():
        subscriptions.end(two_tenants[0].id, by="test")
        with pytest.raises(exceptions.UnknownPlan):
            subscriptions.start(two_tenants[0].id, "gold", by="test")
        assert subscriptions.current(two_tenants[0].id) is None


def test_a_tenant_cannot_change_its_own_plan(two_tenants: TwoTenants) -> None:
    with pytest.raises(Exception, match="permission denied"), context.use(two_tenants[0]):
        subscriptions.start(two_tenants[0].id, "enterprise", by="test")
