"""The button with which an operator acts as a member: it asks for a reason and hands the browser over."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from tenants import exceptions, links
from tenants.models import LIVE, ImpersonationGrant, Membership, Tenant, User
from tenants.models.operators import LONGEST, REASON_LENGTH
from tenants.operator_pages import ReadOnlyPage, operator_may, utc
from tenants.people import impersonation

MINUTE = timedelta(minutes=1)


class ImpersonateForm(forms.Form):
    membership = forms.ModelChoiceField(
        queryset=Membership.objects.none(), label="Member", widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(
        min_length=REASON_LENGTH,
        max_length=500,
        help_text="The tenant reads it.",
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )
    minutes = forms.IntegerField(
        min_value=1,
        max_value=LONGEST // MINUTE,
        initial=impersonation.USUAL // MINUTE,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    write = forms.BooleanField(required=False, label="With write access", widget=UnfoldBooleanWidget)

    def __init__(self, data: Any, tenant: Tenant, *, may_write: bool) -> None:
        super().__init__(data)
        members = Membership.objects.filter(LIVE, tenant=tenant, user__deactivated_at=None)
        field = cast("forms.ModelChoiceField[Membership]", self.fields["membership"])
        field.queryset = members.select_related("user").order_by("created_at")
        field.label_from_instance = lambda obj: f"{obj.user.email}, {obj.role}"  # type: ignore[method-assign]
        if not may_write:
            del self.fields["write"]


class Impersonate:
    """The action of a page about tenants."""

    admin_site: Any
    opts: Any
    message_user: Any

    def has_impersonate_permission(self, request: HttpRequest) -> bool:
        return operator_may(request, "impersonate")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> Any:
        """Tell the page which of its buttons the operator may press."""
        context["may"] = {
            ability: operator_may(request, ability) for ability in ("suspend", "backups", "impersonate")
        }
        return super().render_change_form(request, context, **options)  # type: ignore[misc]

    @admin.action(description="Act as a member…", permissions=["impersonate"])
    def impersonate(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> HttpResponse:
        if len(queryset) != 1:
            self.message_user(request, "Choose one tenant to act in.", messages.WARNING)
            return redirect(request.get_full_path())
        data = request.POST if "reason" in request.POST else None
        form = ImpersonateForm(data, queryset[0], may_write=operator_may(request, "impersonate.write"))
        if form.is_valid():
            try:
                return self._hand_over(request, queryset[0], form.cleaned_data)
            except exceptions.TenancyError as error:
                form.add_error(None, str(error))
        context = {
            **self.admin_site.each_context(request),
            "title": "Act as a member",
            "opts": self.opts,
            "form": form,
            "tenants": queryset,
            "stay": request.POST.get("stay", ""),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/tenants/tenant/impersonate.html", context)

    def _hand_over(self, request: HttpRequest, tenant: Tenant, asked: dict[str, Any]) -> HttpResponse:
        made = impersonation.grant(
            cast(User, request.user),
            asked["membership"],
            reason=asked["reason"],
            length=asked["minutes"] * MINUTE,
            write=asked.get("write", False),
        )
        return redirect(links.absolute(f"/impersonation?code={made.code}", tenant))


@admin.register(ImpersonationGrant)
class ImpersonationGrantAdmin(ReadOnlyPage):
    list_display = [
        "tenant",
        "operator_name",
        "member",
        "read_only",
        utc("created_at"),
        utc("started_at"),
        utc("expires_at"),
        utc("ended_at"),
    ]
    list_select_related = ["tenant", "membership__user"]
    list_filter = [("tenant", AutocompleteSelectFilter), "read_only"]
    list_filter_submit = True
    search_fields = ["operator_name", "reason", "tenant__slug"]
    ordering = ["-id"]
    fields = readonly_fields = ["id", *list_display[:4], "reason", *list_display[4:]]

    @admin.display(description="Member")
    def member(self, row: ImpersonationGrant) -> str:
        return row.membership.user.email
