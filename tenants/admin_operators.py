"""The pages about operators: who is one with which role, and what each did and read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from tenants import exceptions
from tenants.models import Operator, OperatorEntry, Tenant
from tenants.operator_pages import Page, ReadOnlyPage, operator_may, utc
from tenants.people import exceptions as errors
from tenants.people import operators


@admin.register(Operator)
class OperatorAdmin(Page):
    list_display = ["user", "name", "role", utc("created_at"), utc("ended_at")]
    fields = list_display
    readonly_fields = [field for field in list_display if field != "role"]
    list_select_related = ["user"]
    list_filter = ["role", ("ended_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email", "user__name"]
    ordering = ["user__email"]
    actions = ["end", "forget_factor"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the command `operator_create` shows the one-time password

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return operator_may(request, "operators") and (obj is None or obj.ended_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # an operator ends by a date

    @admin.display(description="Name", ordering="user__name")
    def name(self, operator: Operator) -> str:
        return operator.user.name

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        try:
            operators.set_role(obj.user, form.cleaned_data["role"], by=request.user)
        except errors.LastAdmin as error:
            self.message_user(request, str(error), messages.ERROR)

    @admin.action(description="End", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        self._each(request, queryset, operators.end, "{} is no operator any more.")

    @admin.action(description="Forget the second factor", permissions=["change"])
    def forget_factor(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        self._each(
            request,
            queryset,
            operators.forget_factor,
            "{} is signed out and sets up a new one at the next sign-in.",
        )

    def _each(self, request: HttpRequest, queryset: QuerySet[Operator], verb: Any, report: str) -> None:
        for operator in queryset:
            try:
                verb(operator.user, by=request.user)
            except exceptions.TenancyError as error:
                self.message_user(request, f"{operator.user}: {error}", messages.ERROR)
            else:
                self.message_user(request, report.format(operator.user), messages.SUCCESS)


@admin.register(OperatorEntry)
class OperatorEntryAdmin(ReadOnlyPage):
    list_display = [utc("at", "%Y-%m-%d %H:%M:%S"), "operator", "action", "subject", "source"]
    list_filter = [
        ("operator", FieldTextFilter),
        ("action", FieldTextFilter),
        ("at", RangeDateTimeFilter),
    ]
    list_filter_submit = True
    search_fields = ["operator", "action", "subject"]
    ordering = ["-id"]  # ids are made in the order of time, and have an index
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = readonly_fields = [*list_display, "tenants"]

    @admin.display(description="Tenants whose rows it showed")
    def tenants(self, entry: OperatorEntry) -> str:
        slugs = Tenant.objects.filter(id__in=entry.tenant_ids).values_list("slug", flat=True)
        return ", ".join(slugs) or "none"
