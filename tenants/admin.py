"""The operators' pages about tenants: doors that call one verb each and report; a change of a form is recorded."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.timesince import timesince
from unfold import admin as unfold
from unfold.contrib.filters.admin import AutocompleteSelectFilter, FieldTextFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget

from tenants import admin_operators, exceptions, lifecycle, tasks
from tenants.admin_impersonation import Impersonate
from tenants.backups import ledger
from tenants.models import LIVE, AuditEntry, AuditSealedEntry, Backup, Domain, Membership, Tenant
from tenants.operator_pages import NOTHING, ReadOnly, ReadOnlyPage, Recorded, badge, operator_may, utc

__all__ = ["admin_operators"]  # its pages are registered as well

TO_THE_SECOND = "%Y-%m-%d %H:%M:%S"
OPEN = Q(finished_at__isnull=True, failed_at__isnull=True)
# The words of Tenant.state and Backup.state, as conditions.
TENANT_STATES = {
    "active": Q(destroyed_at=None, archived_at=None, suspended_at=None),
    "suspended": Q(destroyed_at=None, archived_at=None, suspended_at__isnull=False),
    "archived": Q(destroyed_at=None, archived_at__isnull=False),
    "destroyed": Q(destroyed_at__isnull=False),
}
BACKUP_STATES = {
    "requested": OPEN & Q(started_at=None),
    "running": OPEN & Q(started_at__isnull=False),
    "finished": Q(failed_at=None, finished_at__isnull=False),
    "failed": Q(failed_at__isnull=False),
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"
    states: dict[str, Q]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state.capitalize()) for state in self.states]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.states.get(self.value() or "", Q()))


class TenantStateFilter(StateFilter):
    states = TENANT_STATES


class BackupStateFilter(StateFilter):
    states = BACKUP_STATES


class SuspendForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        help_text="Kept with the tenant and in its record; its members may read it there.",
        widget=UnfoldAdminTextareaWidget({"rows": 3, "autofocus": True}),
    )


class DomainInline(ReadOnly, unfold.TabularInline):  # type: ignore[misc]
    model = Domain
    fields = readonly_fields = ["hostname", "is_primary", utc("created_at")]
    ordering = ["-is_primary", "hostname"]
    extra = 0
    hide_title = True


class MembershipInline(ReadOnly, unfold.TabularInline):  # type: ignore[misc]
    model = Membership
    fields = readonly_fields = ["user", "role", utc("created_at"), utc("ended_at")]
    ordering = ["ended_at", "created_at"]
    extra = 0
    hide_title = True
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        found: QuerySet[Membership] = super().get_queryset(request).select_related("user", "tenant")
        return found


@admin.register(Tenant)
class TenantAdmin(Impersonate, Recorded):
    list_display = ["slug", "name", "state_badge", "hosts", "members", "last_backup", utc("created_at")]
    list_filter: list[Any] = [TenantStateFilter]
    list_before_template = "admin/tenants/tenant/made_elsewhere.html"
    search_fields = ["slug", "name", "domains__hostname"]
    ordering = ["slug", "id"]
    fields: list[Any] = ["name", "slug", "state_badge", "suspended_reason"]
    fields += [utc("created_at"), utc("suspended_at"), utc("archived_at"), utc("destroyed_at")]
    fields += [utc("strict_since"), "schema_name", "script_digest"]
    readonly_fields = fields[1:]
    inlines = [DomainInline, MembershipInline]
    change_form_outer_before_template = "admin/tenants/tenant/verbs.html"
    actions = ["suspend", "resume", "back_up", "impersonate"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        """Count in the statement that reads the page; members and backups would be two queries per row."""
        of_tenant: dict[str, Any] = {"tenant": OuterRef("pk")}
        members = Membership.objects.filter(LIVE, **of_tenant).values("tenant").values(n=Count("pk"))
        backups = Backup.objects.filter(**of_tenant).order_by().values("tenant").values(at=Max("finished_at"))
        found: QuerySet[Tenant] = super().get_queryset(request)
        return found.annotate(
            member_count=Coalesce(Subquery(members), 0), backed_up_at=Subquery(backups)
        ).prefetch_related("domains")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return operator_may(request, "suspend")

    def has_backups_permission(self, request: HttpRequest) -> bool:
        return operator_may(request, "backups")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the tenant's record, which holds what forms, commands, tasks and members did."""
        url = reverse("admin:tenants_auditentry_changelist", query={"tenant__id__exact": object_id})
        return redirect(url)

    @badge("State")
    def state_badge(self, tenant: Tenant) -> str:
        return tenant.state

    @admin.display(description="Hosts")
    def hosts(self, tenant: Tenant) -> str:
        names = [domain.hostname for domain in sorted(tenant.domains.all(), key=lambda d: not d.is_primary)]
        return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else "".join(names) or "none"

    @admin.display(description="Members", ordering="member_count")
    def members(self, tenant: Any) -> int:
        return int(tenant.member_count)

    @admin.display(description="Last backup", ordering="backed_up_at")
    def last_backup(self, tenant: Any) -> str:
        return f"{timesince(tenant.backed_up_at, depth=1)} ago" if tenant.backed_up_at else "never"

    @admin.action(description="Suspend…", permissions=["suspend"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> HttpResponse:
        form = SuspendForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, form, queryset)
        reason = form.cleaned_data["reason"]
        return self._each(
            request,
            queryset,
            lambda tenant: tenant.suspended_at is None,
            lambda tenant: lifecycle.suspend(tenant.slug, by=request.user, reason=reason),
            "Suspended {}: members are refused at once, and the host answers 403 within two seconds.",
        )

    @admin.action(description="Resume", permissions=["suspend"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> HttpResponse:
        return self._each(
            request,
            queryset,
            lambda tenant: tenant.suspended_at is not None,
            lambda tenant: lifecycle.resume(tenant.slug, by=request.user),
            "Resumed {}: the host answers again within two seconds.",
        )

    @admin.action(description="Back up now", permissions=["backups"])
    def back_up(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> HttpResponse:
        return self._each(
            request,
            queryset,
            lambda _: True,
            lambda tenant: tasks.send(ledger.request(tenant, by=request.user)),
            "Asked for a backup of {}: a worker takes it next, and the page Backups shows how it goes.",
        )

    def _ask(self, request: HttpRequest, form: SuspendForm, queryset: QuerySet[Tenant]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Suspend",
            "opts": self.opts,
            "form": form,
            "tenants": queryset,
            "stay": request.POST.get("stay", ""),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/tenants/tenant/suspend.html", context)

    def _each(
        self,
        request: HttpRequest,
        queryset: Iterable[Tenant],
        fits: Callable[[Tenant], bool],
        verb: Callable[[Tenant], object],
        report: str,
    ) -> HttpResponse:
        """Call the verb for each tenant that it fits, and say what happened to which.

        A destroyed tenant never fits: verbs go by slug, and its slug may be another tenant's by now.
        """
        done, left = [], []
        for tenant in queryset:
            if tenant.destroyed_at is not None or not fits(tenant):
                left.append(f"{tenant.slug} ({tenant.state})")
                continue
            try:
                verb(tenant)
            except exceptions.TenancyError as error:
                self.message_user(request, f"{tenant.slug}: {error}", messages.ERROR)
            else:
                done.append(tenant.slug)
        if done:
            self.message_user(request, report.format(get_text_list(done, "and")), messages.SUCCESS)
        if left:
            self.message_user(request, f"Left as it was: {get_text_list(left, 'and')}.", messages.WARNING)
        where = request.POST.get("stay") and request.POST.get(ACTION_CHECKBOX_NAME)
        return redirect("admin:tenants_tenant_change", where) if where else redirect(request.get_full_path())


@admin.register(Domain)
class DomainAdmin(ReadOnlyPage):
    list_display = ["hostname", "tenant", "is_primary", utc("created_at")]
    fields = readonly_fields = list_display
    list_select_related = ["tenant"]
    list_filter = ["is_primary"]
    search_fields = ["hostname", "tenant__slug"]
    ordering = ["hostname"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyPage):
    list_display = ["user", "tenant", "role", utc("created_at"), utc("ended_at")]
    fields = readonly_fields = list_display
    list_select_related = ["tenant", "user"]
    list_filter = ["role", ("ended_at", admin.EmptyFieldListFilter), ("tenant", AutocompleteSelectFilter)]
    list_filter_submit = True
    search_fields = ["user__email", "user__name", "tenant__slug"]
    ordering = ["-id"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyPage):
    list_display = [
        utc("at", TO_THE_SECOND),
        "tenant",
        "action",
        "subject",
        "actor",
        "impersonator",
        "source",
        "sealed",
    ]
    list_select_related = ["tenant"]
    list_filter = [
        ("tenant", AutocompleteSelectFilter),
        ("action", FieldTextFilter),
        ("actor", FieldTextFilter),
        ("at", RangeDateTimeFilter),
    ]
    list_filter_submit = True
    search_fields = ["action", "subject", "actor", "impersonator", "request_id", "tenant__slug"]
    date_hierarchy = "at"
    ordering = ["-id"]  # ids are made in the order of time, and have an index
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = readonly_fields = [
        utc("at", TO_THE_SECOND),
        "tenant",
        "action",
        "subject",
        "actor",
        "actor_id",
        "impersonator",
        "impersonator_id",
        "source",
        "request_id",
        "address",
        "before",
        "after",
        "sealed",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        found: QuerySet[AuditEntry] = super().get_queryset(request)
        return found.annotate(is_sealed=Exists(AuditSealedEntry.objects.filter(entry_id=OuterRef("pk"))))

    @badge("Sealed")
    def sealed(self, entry: Any) -> str:
        return "sealed" if entry.is_sealed else "not yet"


@admin.register(Backup)
class BackupAdmin(ReadOnlyPage):
    list_display = [
        "tenant",
        "state_badge",
        utc("requested_at"),
        "requested_by",
        "row_count",
        "size",
        "duration",
    ]
    list_select_related = ["tenant"]
    list_filter = [BackupStateFilter, ("tenant", AutocompleteSelectFilter)]
    list_filter_submit = True
    search_fields = ["tenant__slug", "requested_by"]
    ordering = ["-id"]  # ids are made in the order of time, and have an index
    fields: list[Any] = ["id", "tenant", "state_badge", "error", "requested_by"]
    fields += [utc("requested_at"), utc("started_at"), utc("finished_at"), utc("failed_at")]
    fields += ["row_count", "size", "duration", "manifest_sha256"]
    readonly_fields = fields

    @badge("State")
    def state_badge(self, backup: Backup) -> str:
        return backup.state

    @admin.display(description="Rows", ordering="rows")
    def row_count(self, backup: Backup) -> str:
        return NOTHING if backup.rows is None else f"{backup.rows:,}"

    @admin.display(description="Size", ordering="bytes")
    def size(self, backup: Backup) -> str:
        return NOTHING if backup.bytes is None else filesizeformat(backup.bytes)

    @admin.display(description="Duration")
    def duration(self, backup: Backup) -> str:
        ended = backup.finished_at or backup.failed_at
        if not (ended and backup.started_at):
            return NOTHING
        return f"{(ended - backup.started_at).total_seconds():,.1f} s"
