"""What a tenant's host answers."""

from django.urls import include, path

from saas import (
    account_pages,
    identity_views,
    impersonation_pages,
    invitation_pages,
    join_pages,
    jwks,
    pages,
    people_pages,
    record_pages,
    reset_pages,
    sso_pages,
)
from saas.apex import arrival
from saas.api.site import api
from saas.tenant_admin.site import site
from tenants import files

urlpatterns = [
    path("", pages.front),
    path("sign-in", pages.sign_in),
    path("sign-in/code", pages.second_step),
    path("sign-out", pages.sign_out),
    path("account", account_pages.overview),
    path("account/confirm", account_pages.confirm),
    path("account/password", account_pages.password),
    path("account/totp", account_pages.totp),
    path("account/recovery", account_pages.recovery),
    path("account/factors/remove", account_pages.remove_factor),
    path("account/sessions/end", account_pages.end_session),
    path("account/sessions/end-everywhere", account_pages.end_everywhere),
    path("people", people_pages.people),
    path("people/invitations/resend", people_pages.resend),
    path("people/invitations/revoke", people_pages.revoke),
    path("record", record_pages.record),
    path("reset-password", reset_pages.reset),
    path("_allauth/", include(identity_views)),
    path("impersonation", impersonation_pages.begin),
    path("impersonation/end", impersonation_pages.end),
    path("sso/start", sso_pages.start),
    path("sso/callback", sso_pages.callback),
    path("join", join_pages.join),
    path("invitations/<str:token>", invitation_pages.answer),
    path(jwks.PATH, jwks.keys),
    path("hop/start", arrival.start),
    path("hop/finish", arrival.finish),
    path("admin/", site.urls),
    path("api/v1/", api.urls),
    path("files/<str:token>", files.serve, name="tenant-file"),
]
handler403 = "saas.doors.denied"
handler404 = "saas.pages.missing"
