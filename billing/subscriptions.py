"""The contract of a tenant: which plan it is on, from when to when."""

from uuid import UUID

from django.utils import timezone

from billing import plans
from billing.models import Subscription
from tenants import audit_log
from tenants.models import LIVE


def start(tenant_id: UUID, plan_code: str, *, by: object) -> Subscription:
    """Subscribe a tenant that has no plan. Raises UnknownPlan."""
    subscription = Subscription.objects.create(tenant_id=tenant_id, plan=plans.find(plan_code))
    audit_log.record(tenant_id, "subscription.started", by=by, after={"plan": plan_code})
    return subscription


def end(tenant_id: UUID, *, by: object) -> None:
    """End the tenant's subscription, if it has one."""
    if Subscription.objects.filter(LIVE, tenant_id=tenant_id).update(ended_at=timezone.now()):
        audit_log.record(tenant_id, "subscription.ended", by=by)


def current(tenant_id: UUID) -> Subscription | None:
    """Return the live subscription with its plan, or None."""
    return Subscription.objects.filter(LIVE, tenant_id=tenant_id).select_related("plan").first()
