"""The admin of a tenant on its own host: the pages of tenant apps, for members with the permissions alone."""

import functools
from collections.abc import Callable
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.contrib.messages.storage.session import SessionStorage
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold import admin as unfold
from unfold.sites import UnfoldAdminSite

from saas.api import security
from saas.tenant_admin.pages import Recorded

View = Callable[..., Any]
NAME = "tenant_admin"


def is_of_tenants(model: type[Model]) -> bool:
    """Whether a model's rows stand in the schema of each tenant."""
    return apps.get_app_config(model._meta.app_label).name in settings.TENANT_APPS


class TenantSite(UnfoldAdminSite):  # type: ignore[misc]
    """Django's admin, where the membership says who may do what, and the tenant's record keeps what was done."""

    settings_name = "UNFOLD_TENANT"
    index_template = "tenant_admin/index.html"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: type[Any] | None = None, **options: Any) -> None:
        """Add pages; those of any app, as an app that knows no tenancy wrote them."""
        theirs = (admin_class,) if admin_class else ()
        pages = type("Pages", (Recorded, *theirs, unfold.ModelAdmin), {})
        super().register(model_or_iterable, pages, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody is a member and may see or do anything here."""
        if getattr(request, "member", None) is None:
            return False
        return any(request.user.has_module_perms(model._meta.app_label) for model in self._registry)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002  Django's signature
        """Send strangers to the sign-in page, and keep messages for these pages alone in the session."""
        inner = super().admin_view(view, cacheable)

        @functools.wraps(inner)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if getattr(request, "member", None) is None:
                return redirect("/")
            if not self.has_permission(request):
                raise PermissionDenied
            request._messages = SessionStorage(request)  # type: ignore[attr-defined]
            response = inner(request, *args, **kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()  # it reads the messages, and what was read is forgotten below
            request._messages.update(response)  # type: ignore[attr-defined]
            return response

        return wrapped

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = f"Admin of {security.tenant(request).name}"
        found: HttpResponse = super().index(request, {"title": title, **(extra_context or {})})
        return found

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("/")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponse(status=307, headers={"Location": "/sign-out"})  # the form comes along

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("/account")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "site_header": security.tenant(request).name}


site = TenantSite(name=NAME)


def split(models: Any) -> tuple[list[type[Model]], list[type[Model]]]:
    """Return the models of tenants, and the others."""
    found: list[type[Model]] = [cast(type[Model], models)] if isinstance(models, ModelBase) else list(models)
    return [one for one in found if is_of_tenants(one)], [one for one in found if not is_of_tenants(one)]
