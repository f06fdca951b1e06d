"""What a tenant's host answers."""

from django.urls import path

from saas import impersonation_pages, pages, sso_pages
from saas.api.site import api
from tenants import files

urlpatterns = [
    path("", pages.front),
    path("sign-in", pages.sign_in),
    path("sign-out", pages.sign_out),
    path("impersonation", impersonation_pages.begin),
    path("impersonation/end", impersonation_pages.end),
    path("sso/start", sso_pages.start),
    path("sso/callback", sso_pages.callback),
    path("api/v1/", api.urls),
    path("files/<str:token>", files.serve, name="tenant-file"),
]
handler404 = "saas.pages.missing"
