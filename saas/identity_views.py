"""allauth's endpoints on tenants' hosts: all of them as they are, but for the two that would tell who is a member."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from saas.api import errors, security
from tenants import exceptions
from tenants.people import passwords


@never_cache
@require_GET
def csrf(request: HttpRequest) -> JsonResponse:
    """Return the token that changes must send as X-CSRFToken; it is kept in the session and in no cookie."""
    return JsonResponse({"csrf_token": get_token(request)})


@require_POST
def ask_reset(request: HttpRequest) -> HttpResponse:
    """Mail a link to a member, and answer the same for everybody."""
    try:
        body = json.loads(request.body)
        email = body["email"] if isinstance(body, dict) else ""
    except (ValueError, KeyError):
        email = ""
    if not isinstance(email, str) or not email:
        return errors.problem(422, "invalid_input", "Send the e-mail address as `email`.")
    try:
        passwords.ask(request, security.tenant(request), email)
    except exceptions.TenancyError as error:
        return errors.known(request, error)
    return JsonResponse({"status": 200})


def nothing(request: HttpRequest, **_: str) -> HttpResponse:
    """People come by the apex host and by invitations; their address stays; providers need a way out to the network."""
    return errors.problem(404, "not_found", "There is nothing here.")


BROWSER = "browser/v1"
urlpatterns = [
    path("csrf", csrf),
    path(f"{BROWSER}/auth/password/request", ask_reset),
    path(f"{BROWSER}/auth/signup", nothing),
    path(f"{BROWSER}/auth/webauthn/signup", nothing),
    path(f"{BROWSER}/account/email", nothing),
    path(f"{BROWSER}/account/phone", nothing),
    path(f"{BROWSER}/account/providers", nothing),
    path(f"{BROWSER}/auth/provider/<path:step>", nothing),
    path("", include("allauth.headless.urls")),
]
