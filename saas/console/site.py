"""The operators' admin site and its menu; what it shows stands in the `admin.py` of each floor."""

from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

from saas.console import factor
from saas.tenant_admin import site as tenant_admin
from tenants.people import exceptions as errors
from tenants.people import operators, throttle

# Title of a group, and its links: title, icon, name of the page.
MENU = [
    ("", [("Dashboard", "space_dashboard", "index")]),
    (
        "Tenants",
        [
            ("Tenants", "domain", "tenants_tenant_changelist"),
            ("Domains", "language", "tenants_domain_changelist"),
            ("Memberships", "group", "tenants_membership_changelist"),
            ("Backups", "backup", "tenants_backup_changelist"),
            ("Impersonations", "theater_comedy", "tenants_impersonationgrant_changelist"),
        ],
    ),
    (
        "Billing",
        [
            ("Plans", "sell", "billing_plan_changelist"),
            ("Subscriptions", "contract", "billing_subscription_changelist"),
            ("Flags", "flag", "billing_flag_changelist"),
            ("Usage per hour", "bar_chart", "billing_usagehour_changelist"),
        ],
    ),
    (
        "Record",
        [
            ("Audit entries", "history", "tenants_auditentry_changelist"),
            ("Operators", "shield_person", "tenants_operator_changelist"),
            ("What operators did", "manage_search", "tenants_operatorentry_changelist"),
        ],
    ),
]


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """Django's, with a limit on tries like that of every other host."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "E-mail address or password is wrong, or the person is not an operator.",
    }

    def clean(self) -> Any:
        try:
            throttle.count_sign_in(self.request, self.cleaned_data.get("username", ""))
        except (errors.TooManyTries, errors.CannotCount) as error:
            raise ValidationError(str(error)) from error
        return super().clean()


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]
    index_title = "Dashboard"
    login_form = SignInForm

    def register(self, model_or_iterable: Any, admin_class: type[Any] | None = None, **options: Any) -> None:
        """Give the pages of tenant apps to the tenants' own admin: the console reads no tenant's schema."""
        of_tenants, others = tenant_admin.split(model_or_iterable)
        if of_tenants:
            tenant_admin.site.register(of_tenants, admin_class, **options)
        if others:
            super().register(others, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person is an operator who has shown both the password and the second factor."""
        return bool(super().has_permission(request)) and factor.is_shown(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send whoever comes without a destination to the dashboard: unfold's form leaves Django's hint out."""
        if request.method == "GET" and factor.is_due(request):
            return redirect(f"{reverse('factor')}?{request.GET.urlencode()}")
        if REDIRECT_FIELD_NAME not in request.GET:
            extra_context = {"app_path": f"{request.path}?{REDIRECT_FIELD_NAME}={reverse('admin:index')}"}
        response: HttpResponse = super().login(request, extra_context)
        if request.method == "POST":
            _record_sign_in(request, response)
        return response


def _record_sign_in(request: HttpRequest, response: HttpResponse) -> None:
    """Keep who came in, and who tried; a form that is shown again is a success to HTTP and so is kept."""
    if response.status_code == 302:
        operators.record(request.user, "session.started")
    else:
        operators.record(request.POST.get("username", ""), "session.refused")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu as unfold's setting SIDEBAR.navigation wants it."""
    return [
        {
            "title": title,
            "items": [
                {"title": name, "icon": icon, "link": reverse(f"admin:{page}")} for name, icon, page in links
            ],
        }
        for title, links in MENU
    ]


def icon(request: HttpRequest) -> str:
    return static("console/icon.svg")
