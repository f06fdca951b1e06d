"""The catalogue of plans."""

from billing import exceptions
from billing.models import Plan

DEFAULT = "free"


def find(code: str) -> Plan:
    """Return a plan that can be subscribed to. Raises UnknownPlan, which names those that exist."""
    plan = Plan.objects.filter(code=code, retired_at__isnull=True).first()
    if plan is None:
        known = ", ".join(Plan.objects.filter(retired_at__isnull=True).values_list("code", flat=True))
        raise exceptions.UnknownPlan(f"There is no plan {code!r}. Plans: {known}.")
    return plan
