"""What the console adds from above to the pages of the floors below: the plan of a tenant."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from billing.models import Plan, Subscription
from tenants.admin import TenantAdmin
from tenants.models import LIVE, Tenant

NONE = "none"


class PlanFilter(admin.SimpleListFilter):
    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*Plan.objects.values_list("code", "name"), (NONE, "No plan")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        live = Subscription.objects.filter(LIVE)
        if self.value() is None:
            return queryset
        if self.value() == NONE:
            return queryset.exclude(id__in=live.values("tenant"))
        return queryset.filter(id__in=live.filter(plan__code=self.value()).values("tenant"))


admin.site.unregister(Tenant)


@admin.register(Tenant)
class TenantWithPlanAdmin(TenantAdmin):
    list_display = ["slug", "name", "state_badge", "plan", "hosts", "members", "last_backup"]
    list_display += TenantAdmin.list_display[-1:]
    list_filter = [*TenantAdmin.list_filter, PlanFilter]
    fields = [*TenantAdmin.fields[:3], "plan", *TenantAdmin.fields[3:]]
    readonly_fields = fields[1:]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        live = Subscription.objects.filter(LIVE, tenant=OuterRef("pk"))
        return super().get_queryset(request).annotate(plan_name=Subquery(live.values("plan__name")))

    @admin.display(description="Plan", ordering="plan_name")
    def plan(self, tenant: Any) -> str:
        return tenant.plan_name or NONE
