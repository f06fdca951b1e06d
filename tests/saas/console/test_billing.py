"""The pages about plans, subscriptions and flags: what belongs to a tenant goes into the tenant's record."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from billing.models import Flag, FlagOverride, Plan, Subscription
from tenants import context
from tenants.models import AuditEntry, Tenant, User
from tests.saas.console.conftest import Browser, messages

Find = Callable[[str], Tenant]


def recorded(tenant: Tenant, action: str) -> list[tuple[Any, Any, str]]:
    with context.operator():
        found = AuditEntry.objects.filter(tenant=tenant, action=action).order_by("id")
        return [(entry.before, entry.after, entry.subject) for entry in found]


def plan(code: str) -> Plan:
    with context.operator():
        return Plan.objects.get(code=code)


def subscription(tenant: Tenant) -> Subscription:
    with context.operator():
        return Subscription.objects.get(tenant=tenant, ended_at=None)


def test_a_change_of_plan_is_saved_and_recorded(console: Browser, operator: User, tenants: Find) -> None:
    row = subscription(tenants("acme"))
    answer = console.post(f"/billing/subscription/{row.pk}/change/", {"plan": str(plan("enterprise").pk)})
    assert answer.status_code == 302
    assert subscription(tenants("acme")).plan_id == plan("enterprise").pk
    assert recorded(tenants("acme"), "subscription.changed") == [
        ({"plan": "Pro"}, {"plan": "Enterprise"}, str(row))
    ]


def test_the_tenant_of_a_subscription_cannot_be_changed(
    console: Browser, operator: User, tenants: Find
) -> None:
    row = subscription(tenants("acme"))
    fields = {"plan": str(row.plan_id), "tenant": str(tenants("globex").pk)}
    console.post(f"/billing/subscription/{row.pk}/change/", fields)
    assert subscription(tenants("acme")).pk == row.pk


def test_a_subscription_ends_and_another_starts(console: Browser, operator: User, tenants: Find) -> None:
    acme = tenants("acme")
    fields = {"action": "end", "_selected_action": str(subscription(acme).pk), "index": "0"}
    answer = console.post("/billing/subscription/", fields, follow=True)
    assert messages(answer) == ["Ended the subscription of acme."]
    answer = console.post("/billing/subscription/", fields, follow=True)
    assert messages(answer) == ["It had ended before."]
    answer = console.post(
        "/billing/subscription/add/", {"tenant": str(acme.pk), "plan": str(plan("free").pk)}
    )
    assert answer.status_code == 302
    assert subscription(acme).plan_id == plan("free").pk
    assert len(recorded(acme, "subscription.ended")) == 1
    assert recorded(acme, "subscription.started")[-1][1] == {"plan": "free"}


def test_a_second_subscription_is_refused_in_the_form(
    console: Browser, operator: User, tenants: Find
) -> None:
    fields = {"tenant": str(tenants("acme").pk), "plan": str(plan("free").pk)}
    answer = console.post("/billing/subscription/add/", fields)
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert subscription(tenants("acme")).plan_id == plan("pro").pk


def test_a_retired_plan_cannot_be_chosen(console: Browser, operator: User, tenants: Find) -> None:
    with context.owner():
        Plan.objects.filter(code="enterprise").update(retired_at=timezone.now())
    row = subscription(tenants("acme"))
    answer = console.post(f"/billing/subscription/{row.pk}/change/", {"plan": str(plan("enterprise").pk)})
    assert answer.status_code == 200
    assert subscription(tenants("acme")).plan_id == plan("pro").pk


def test_a_subscription_to_a_plan_that_was_retired_since_can_still_be_opened(
    console: Browser, operator: User, tenants: Find
) -> None:
    with context.owner():
        Plan.objects.filter(code="pro").update(retired_at=timezone.now())
    row = subscription(tenants("acme"))
    page = console.get(f"/billing/subscription/{row.pk}/change/").content.decode()
    assert f'value="{row.plan_id}" selected' in page


def test_answers_of_tenants_to_a_flag_are_recorded(console: Browser, operator: User, tenants: Find) -> None:
    acme = tenants("acme")
    add = {**override_rows(1), "overrides-0-tenant": str(acme.pk), "overrides-0-enabled": "on"}
    assert console.post("/billing/flag/add/", {"name": "beta", **add}).status_code == 302
    assert recorded(acme, "flag_override.added") == [(None, {"tenant": "acme", "enabled": True}, "beta")]

    with context.operator():
        flag, override = Flag.objects.get(), FlagOverride.objects.get()
    page = f"/billing/flag/{flag.pk}/change/"
    rows = {
        **override_rows(1, known=1),
        "overrides-0-id": str(override.pk),
        "overrides-0-flag": str(flag.pk),
        "overrides-0-tenant": str(tenants("globex").pk),
    }
    assert console.post(page, {"name": "beta", **rows}).status_code == 302
    with context.operator():
        assert FlagOverride.objects.get().tenant_id == acme.pk
    assert recorded(acme, "flag_override.changed") == [({"enabled": True}, {"enabled": False}, "beta")]

    assert console.post(page, {"name": "beta", **rows, "overrides-0-DELETE": "on"}).status_code == 302
    assert recorded(acme, "flag_override.deleted") == [({"enabled": False}, None, "beta")]


def test_deleting_a_flag_records_the_answers_that_go_with_it(
    console: Browser, operator: User, tenants: Find
) -> None:
    acme = tenants("acme")
    with context.owner():
        flags = [Flag.objects.create(name=name) for name in ("one", "two")]
        for flag in flags:
            FlagOverride.objects.create(flag=flag, tenant=acme, enabled=True)
    console.post(f"/billing/flag/{flags[0].pk}/delete/", {"post": "yes"})
    fields = {"action": "delete_selected", "_selected_action": str(flags[1].pk), "post": "yes"}
    console.post("/billing/flag/", fields)
    with context.operator():
        assert not Flag.objects.exists()
    gone = [({"enabled": True}, None, name) for name in ("one", "two")]
    assert recorded(acme, "flag_override.deleted") == gone


def test_a_plan_belongs_to_no_tenant_and_is_never_deleted(console: Browser, operator: User) -> None:
    pro = plan("pro")
    fields = {"name": "Pro", "code": "forged", "price": "5900", "currency": "EUR", "position": "1"}
    fields["seats"] = "12"
    with context.operator():
        before = AuditEntry.objects.count()
    assert console.post(f"/billing/plan/{pro.pk}/change/", fields).status_code == 302
    assert (plan("pro").price, plan("pro").code, plan("pro").seats) == (5900, "pro", 12)
    with context.operator():
        assert AuditEntry.objects.count() == before
    assert console.post(f"/billing/plan/{pro.pk}/delete/", {"post": "yes"}).status_code == 403


def override_rows(total: int, known: int = 0) -> dict[str, str]:
    return {"overrides-TOTAL_FORMS": str(total), "overrides-INITIAL_FORMS": str(known)}
