"""What a tenant's host answers."""

from django.urls import path

from saas import invitation_pages, jwks, pages, sso_pages
from saas.apex import arrival
from saas.api.site import api
from tenants import files

urlpatterns = [
    path("", pages.front),
    path("sign-in", pages.sign_in),
    path("sign-out", pages.sign_out),
    path("sso/start", sso_pages.start),
    path("sso/callback", sso_pages.callback),
    path("invitations/<str:token>", invitation_pages.answer),
    path(jwks.PATH, jwks.keys),
    path("hop/start", arrival.start),
    path("hop/finish", arrival.finish),
    path("api/v1/", api.urls),
    path("files/<str:token>", files.serve, name="tenant-file"),
]
handler404 = "saas.pages.missing"
