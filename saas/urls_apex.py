"""What the host above all tenants' hosts answers; nothing here may need a tenant."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from saas import health, jwks


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "apex.html", {"host": settings.LEASEHOLD_APEX_HOST})


urlpatterns = [*health.urlpatterns, path("", landing), path(jwks.PATH, jwks.keys)]
handler404 = "saas.pages.missing"
