"""What every page of a tenant's admin does beside the app's own: the record, and its history read from there."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from saas.api import security
from tenants import audit_log
from tenants.models import AuditEntry
from tenants.operator_pages import changes

HISTORY = 100  # entries on a page

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[Model]
else:
    Pages = object


class Recorded(Pages):
    """Stands before an app's own pages: what a form does becomes an entry of the record, in the form's transaction."""

    view_on_site = False
    list_per_page = 50
    show_full_result_count = False  # a shop has more rows than anybody counts for a page

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock a row that a form is about to write: what a trigger counts in it meanwhile is not overwritten."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST":
            found.refresh_from_db(from_queryset=self.model._base_manager.select_for_update(no_key=True))
        return found

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        before, after = changes(form, new=not change)
        if after:
            _record(request, obj, "changed" if change else "created", before=before, after=after)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        """Record the rows below as well."""
        super().save_formset(request, form, formset, change)
        for obj in formset.new_objects:
            _record(request, obj, "created")
        for obj, fields in formset.changed_objects:
            _record(request, obj, "changed", after={"fields": list(fields)})
        for obj in formset.deleted_objects:
            _record(request, obj, "deleted")

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        _record(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    # Django's log is a table of all tenants: the record holds what it would.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None: ...  # type: ignore[override]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Record what an action did, which says so in a word; what a form did was recorded as it was stored."""
        if isinstance(message, str):
            _record(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None: ...  # type: ignore[override]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the record holds of one row, to those who may read the record."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj) or not request.user.has_perm("audit.read"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj}",
            "object": obj,
            "opts": self.opts,
            "entries": AuditEntry.objects.filter(subject=str(obj.pk)).order_by("-at", "-id")[:HISTORY],
        }
        return TemplateResponse(request, "tenant_admin/history.html", context)


def _record(request: HttpRequest, obj: Model, verb: str, **entry: Any) -> None:
    action = f"{obj._meta.model_name}.{verb}"
    audit_log.record(security.tenant(request).id, action, by=request.user, subject=obj.pk, **entry)
