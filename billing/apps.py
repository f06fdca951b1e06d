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
        "policy-escape": {
            "policy identity_rows on public.billing_subscription": "Live rows of all tenants, of which it reads three"
            " columns: people join under this role, which has no tenant.",
        },
        # `identity` lets people join, and reads how many the tenant's plan allows.
        "grant-on-column": {
            "column public.billing_plan.id": "Joins a plan to the tenants that are on it.",
            "column public.billing_plan.seats": "How many members a plan allows.",
            "column public.billing_subscription.ended_at": "Tells the plan of now; the policy shows no other.",
            "column public.billing_subscription.plan_id": "Which plan a tenant is on.",
            "column public.billing_subscription.tenant_id": "Whose plan it is.",
        },
    }

    def ready(self) -> None:
        from billing import receivers  # noqa: F401  connects the hooks
        from tenants.people import operators

        operators.declare("plans", "billing.plan")
        operators.declare("subscriptions", "billing.subscription")
        operators.declare("flags", "billing.flag", "billing.flagoverride")
