"""What the host above all tenants' hosts answers; the first page and the health checks need no database."""

from django.urls import path

from saas import health, jwks
from saas.apex import account_pages, pages, reset_pages, social_pages
from saas.apex.api import api

urlpatterns = [
    *health.urlpatterns,
    path("", pages.landing),
    path("sign-up", pages.sign_up),
    path("sign-up/sent", pages.sent),
    path("verify", pages.verify),
    path("sign-in", pages.sign_in),
    path("sign-in/code", pages.give_code),
    path("sign-out", pages.sign_out),
    path("reset-password", reset_pages.reset),
    path("social/<slug:provider_id>/start", social_pages.start),
    path("social/<slug:provider_id>/callback", social_pages.callback),
    path("account", account_pages.overview),
    path("account/factors/remove", account_pages.remove),
    path("account/accounts/disconnect", account_pages.disconnect),
    path("account/recovery", account_pages.recovery),
    path("tenants", pages.tenants),
    path("tenants/new", pages.new),
    path("tenants/requests/<uuid:request_id>", pages.building),
    path("tenants/join/<slug:slug>", pages.join),
    path("invitations/<uuid:invitation_id>/accept", pages.accept),
    path("hop/<slug:slug>", pages.into),
    path(jwks.PATH, jwks.keys),
    path("api/v1/", api.urls),
]
handler404 = "saas.pages.missing"
