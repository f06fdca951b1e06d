"""What billing adds to a tenant's life, through the hooks of the floor below."""

from typing import Any

from django.dispatch import receiver

from billing import plans, seats, subscriptions
from tenants import context, hooks
from tenants.models import Tenant


@receiver(hooks.created)
def subscribe(tenant: Tenant, options: dict[str, str], source: Tenant | None, by: object, **_: Any) -> None:
    """Put a new tenant on the plan of its options, else on its source's plan, else on the default one."""
    inherited = subscriptions.current(source.id) if source else None
    code = options.pop("plan", None) or (inherited.plan.code if inherited else plans.DEFAULT)
    subscriptions.start(tenant.id, code, by=by)


@receiver(hooks.destroying)
def unsubscribe(tenant: Tenant, by: object, **_: Any) -> None:
    subscriptions.end(tenant.id, by=by)


@receiver(hooks.retention)
def keep_the_record(tenant: Tenant, **_: Any) -> int | None:
    """Keep the record for as long as the plan says; without a subscription, the floor below decides."""
    subscription = subscriptions.current(tenant.id)
    return subscription.plan.audit_days if subscription else None


@receiver([hooks.joining, hooks.inviting])
def refuse_beyond_the_seats(tenant: context.HasId, count: int, **_: Any) -> None:
    seats.refuse_beyond(tenant.id, count)
