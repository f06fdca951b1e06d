"""What the operators' pages of every floor share: columns, read-only rows, and forms that record what they change."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold import admin as unfold
from unfold.decorators import display

from tenants import audit_log
from tenants.models import Tenant, User
from tenants.people import operators

NOTHING = "-"
Show = TypeVar("Show", bound=Callable[..., Any])
COLOURS = {
    "active": "success",
    "suspended": "warning",
    "archived": "default",
    "destroyed": "danger",
    "requested": "default",
    "running": "info",
    "finished": "success",
    "failed": "danger",
    "never": "warning",
    "sealed": "success",
    "not yet": "default",
}


def badge(description: str) -> Callable[[Show], Show]:
    """Show the word that a method returns as a coloured badge."""
    return cast(Callable[[Show], Show], display(description=description, label=COLOURS))


def utc(field: str, form: str = "%Y-%m-%d %H:%M") -> Callable[[Any], str]:
    """Return a column that shows a moment as every clock of the product counts it."""

    @admin.display(description=f"{field.replace('_', ' ').capitalize()} (UTC)", ordering=field)
    def show(obj: Any) -> str:
        at: datetime | None = getattr(obj, field)
        return format_html('<span class="whitespace-nowrap">{}</span>', f"{at:{form}}" if at else NOTHING)

    show.__name__ = field  # unfold makes the name of a CSS class of it
    return show


def operator_may(request: HttpRequest, ability: str) -> bool:
    """Whether the role of the operator who asks includes the ability (`people.operators.MAY`)."""
    return operators.may(cast(User, request.user).operator_role, ability)


class Page(unfold.ModelAdmin):  # type: ignore[misc]
    list_per_page = 50


class ReadOnly:
    """Rows that only a verb, a command or a task may write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyPage(ReadOnly, Page):
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Leave the link to Django's history out: no form ever writes there."""
        context = {**(extra_context or {}), "show_history": False}
        return super().changeform_view(request, object_id, form_url, context)


class Recorded(Page):
    """Rows that a form may change; what belongs to a tenant is written to the tenant's record as well."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        before, after = changes(form, new=not change)
        # Only what the form changed: another request may have changed another column since this row was read.
        obj.save(update_fields=form.changed_data if change else None)
        if after:
            self.record(request, obj, "changed" if change else "added", before=before, after=after)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.record(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def record(self, request: HttpRequest, obj: Model, verb: str, **entry: Any) -> None:
        tenant_id: UUID | None = obj.id if isinstance(obj, Tenant) else getattr(obj, "tenant_id", None)
        if tenant_id is not None:
            noun = str(obj._meta.verbose_name).replace(" ", "_")
            audit_log.record(tenant_id, f"{noun}.{verb}", by=request.user, **{"subject": obj, **entry})


def changes(form: Any, *, new: bool) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return what the changed fields held (None for a new row) and hold now, in words that a person reads."""
    after = {name: _readable(form.cleaned_data[name]) for name in form.changed_data}
    before = {name: _readable(_initial(form, name)) for name in form.changed_data}
    return (None if new else before), after


def _initial(form: Any, name: str) -> object:
    """Return the value before; of a foreign key the row, whose id the form knows."""
    value = form.get_initial_for_field(form.fields[name], name)
    try:
        return form.fields[name].to_python(value)
    except ValidationError:
        return value


def _readable(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)
