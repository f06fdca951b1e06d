"""The operators' pages about tenants: doors that call one verb each and report; a change of a form is recorded."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.text import get_text_list
from django.utils.timesince import timesince
from unfold import admin as unfold
from unfold.contrib.filters.admin import AutocompleteSelectFilter, FieldTextFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget

from tenants import audit_log, exceptions, lifecycle, tasks
from tenants.backups import ledger
from tenants.models import LIVE, AuditEntry, Backup, Domain, Membership, Operator, Tenant

Show = TypeVar("Show", bound=Callable[..., Any])
COLOURS = {
    **dict.fromkeys(("active", "finished"), "success"),
    **dict.fromkeys(("suspended", "requested"), "warning"),
    **dict.fromkeys(("destroyed", "failed", "never"), "danger"),
    **dict.fromkeys(("running",), "info"),
    **dict.fromkeys(("archived",), "default"),
}


def badge(description: str, ordering: str | None = None) -> Callable[[Show], Show]:
    """Show the word that a method returns as a coloured badge."""
    return cast(
        Callable[[Show], Show], display(description=description, ordering=ordering, label=COLOURS)
    )


class Page(unfold.ModelAdmin):  # type: ignore[misc]
    list_per_page = 50
    show_full_result_count = False


class ReadOnly(Page):
    """Rows that only a verb, a command or a task may write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Recorded(Page):
    """Rows that a form may change; what belongs to a tenant is written to the tenant's record as well."""

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001
        # Only what the form changed: another request may have changed another column since it was read.
        obj.save(update_fields=form.changed_data if change else None)
        self.record(request, obj, "changed" if change else "added", *changes(form))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.record(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def record(
        self,
        request: HttpRequest,
        obj: Model,
        verb: str,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        *,
        subject: object = None,
    ) -> None:
        tenant_id: UUID | None = obj.id if isinstance(obj, Tenant) else getattr(obj, "tenant_id", None)
        if tenant_id is not None:
            action = f"{str(obj._meta.verbose_name).replace(' ', '_')}.{verb}"
            subject = obj if subject is None else subject
            audit_log.record(
                tenant_id, action, by=request.user, subject=subject, before=before, after=after
            )


def changes(form: "forms.ModelForm[Any]") -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return what the changed fields held before (None for a new row) and hold now, as a person reads it."""
    new = form.instance._state.adding or not form.initial
    before = {name: _readable(_initial(form, name)) for name in form.changed_data}
    after = {name: _readable(form.cleaned_data[name]) for name in form.changed_data}
    return (None if new else before), after


def _initial(form: "forms.ModelForm[Any]", name: str) -> object:
    field, value = form.fields[name], form.initial.get(name)
    try:
        return field.to_python(value)
    except ValidationError:
        return value


def _readable(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)
