"""The operators' pages about plans, subscriptions, flags and usage."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import get_text_list
from unfold import admin as unfold
from unfold.contrib.filters.admin import AutocompleteSelectFilter, FieldTextFilter
from unfold.paginator import InfinitePaginator

from billing import subscriptions
from billing.models import Flag, FlagOverride, Plan, Subscription, UsageHour
from tenants.operator_pages import ReadOnlyPage, Recorded, changes, utc


@admin.register(Plan)
class PlanAdmin(Recorded):
    list_display = ["name", "code", "price", "currency", "seats", "position", utc("retired_at")]
    fields = ["name", "code", "price", "currency", "seats", "position", "retired_at"]
    search_fields = ["name", "code"]
    ordering = ["position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> list[str]:
        return ["code"] if obj else []  # commands and contracts name it

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a plan is retired by a date


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "plan" in self.fields:  # not on the page of one that has ended
            choices = Plan.objects.filter(Q(retired_at=None) | Q(pk=self.instance.plan_id))
            cast("forms.ModelChoiceField[Plan]", self.fields["plan"]).queryset = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        tenant = cleaned.get("tenant")
        if tenant and subscriptions.current(tenant.id):
            self.add_error("tenant", "This tenant has a subscription. Change its plan, or end it first.")
        return cleaned


@admin.register(Subscription)
class SubscriptionAdmin(Recorded):
    form = SubscriptionForm
    list_display = ["tenant", "plan", utc("started_at"), utc("ended_at")]
    list_select_related = ["tenant", "plan"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "plan", ("tenant", AutocompleteSelectFilter)]
    list_filter_submit = True
    search_fields = ["tenant__slug", "plan__code"]
    ordering = ["-id"]
    autocomplete_fields = ["tenant"]
    actions = ["end"]

    def get_fields(self, request: HttpRequest, obj: Subscription | None = None) -> list[Any]:
        return self.list_display if obj else ["tenant", "plan"]

    def get_readonly_fields(self, request: HttpRequest, obj: Subscription | None = None) -> list[Any]:
        return [field for field in self.list_display if field != "plan"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Subscription | None = None) -> bool:
        return obj is None or obj.ended_at is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a subscription ends by a date

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        if change:
            super().save_model(request, obj, form, change)
            return
        started = subscriptions.start(obj.tenant_id, obj.plan.code, by=request.user)  # type: ignore[attr-defined]
        obj.pk, obj._state.adding = started.pk, False

    @admin.action(description="End now", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        live = [row for row in queryset if row.ended_at is None]
        for row in live:
            subscriptions.end(row.tenant_id, by=request.user)
        names = get_text_list([row.tenant.slug for row in live], "and")
        level = messages.SUCCESS if live else messages.WARNING
        self.message_user(
            request, f"Ended the subscription of {names}." if live else "It had ended before.", level
        )


class FlagOverrideForm(forms.ModelForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Moving an answer to another tenant would change two tenants, and the record belongs to one.
        self.fields["tenant"].disabled = not self.instance._state.adding


class FlagOverrideInline(unfold.TabularInline):  # type: ignore[misc]
    model = FlagOverride
    form = FlagOverrideForm
    autocomplete_fields = ["tenant"]
    ordering = ["tenant__slug"]
    extra = 0
    hide_title = True
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlagOverride]:
        found: QuerySet[FlagOverride] = super().get_queryset(request).select_related("tenant", "flag")
        return found


@admin.register(Flag)
class FlagAdmin(Recorded):
    list_display = ["name", "enabled", "override_count", "description"]
    list_filter = ["enabled"]
    search_fields = ["name", "description"]
    ordering = ["name"]
    inlines = [FlagOverrideInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flag]:
        found: QuerySet[Flag] = super().get_queryset(request)
        return found.annotate(own_answers=Count("overrides"))

    @admin.display(description="Tenants with their own answer", ordering="own_answers")
    def override_count(self, flag: Any) -> int:
        return int(flag.own_answers)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        super().save_formset(request, form, formset, change)
        forms_of = {id(row.instance): row for row in formset.forms}  # a deleted row has no key any more
        for override in formset.new_objects:
            self._record_override(request, override, "added", *changes(forms_of[id(override)], new=True))
        for override, _ in formset.changed_objects:
            self._record_override(request, override, "changed", *changes(forms_of[id(override)], new=False))
        for override in formset.deleted_objects:
            self._record_override(request, override, "deleted", {"enabled": override.enabled})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        for override in obj.overrides.all():
            self._record_override(request, override, "deleted", {"enabled": override.enabled})
        super().delete_model(request, obj)

    def _record_override(
        self, request: HttpRequest, override: FlagOverride, verb: str, before: Any = None, after: Any = None
    ) -> None:
        self.record(request, override, verb, subject=override.flag, before=before, after=after)


@admin.register(UsageHour)
class UsageHourAdmin(ReadOnlyPage):
    list_display = [utc("hour"), "tenant", "meter", "quantity"]
    fields = readonly_fields = list_display
    list_select_related = ["tenant"]
    list_filter = [("tenant", AutocompleteSelectFilter), ("meter", FieldTextFilter)]
    list_filter_submit = True
    search_fields = ["tenant__slug", "meter"]
    ordering = ["-id"]  # ids are made in the order of time, and have an index
    paginator = InfinitePaginator
    show_full_result_count = False
