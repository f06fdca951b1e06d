"""The app `billing`: floor 1."""

from typing import ClassVar

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"
    audit_allows: ClassVar = {
        "shared-table-undeclared": {
            "table public.billing_plan": "The catalogue of plans, the same for all.",
            "table public.billing_flag": "The catalogue of flags; what a tenant overrides stands in another table.",
        },
        "policy-open-to-login": {
            "policy app_rows on public.billing_usagecount": "A process adds what it counted, and may read nothing.",
        },
    }

    def ready(self) -> None:
        from billing import receivers  # noqa: F401  connects the hooks
        from tenants.people import operators

        operators.declare("plans", "billing.plan")
        operators.declare("subscriptions", "billing.subscription")
        operators.declare("flags", "billing.flag", "billing.flagoverride")
