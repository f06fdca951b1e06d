"""The apex page where a person looks after their passkeys and second factors."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.apex import pages
from tenants.models import User
from tenants.people import exceptions as refusals
from tenants.people import keyring, social, visitors

SIGN_IN = f"/sign-in?next={pages.ACCOUNT}"


@require_safe
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    person = visitors.person(request)
    return pages.show(request, "account", **_values(request, person)) if person else redirect(SIGN_IN)


@require_POST
@never_cache
def remove(request: HttpRequest) -> HttpResponse:
    person = visitors.person(request)
    if person is None:
        return redirect(SIGN_IN)
    try:
        keyring.remove(request, person, request.POST.get("id", ""))
    except refusals.ReauthenticationRequired as error:
        return pages.show_refused(request, "account", error, **_values(request, person))
    return redirect(pages.ACCOUNT)


@require_POST
@never_cache
def recovery(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, which are shown this once; the former ones are worth nothing any more."""
    person = visitors.person(request)
    if person is None:
        return redirect(SIGN_IN)
    try:
        codes = keyring.new_recovery_codes(request, person)
    except refusals.ReauthenticationRequired as error:
        return pages.show_refused(request, "account", error, **_values(request, person))
    return pages.show(request, "recovery", codes=codes) if codes else redirect(pages.ACCOUNT)


@require_POST
@never_cache
def disconnect(request: HttpRequest) -> HttpResponse:
    """Forget an account at a provider that signs the person in."""
    person = visitors.person(request)
    if person is None:
        return redirect(SIGN_IN)
    try:
        keyring.require_fresh(request)
    except refusals.ReauthenticationRequired as error:
        return pages.show_refused(request, "account", error, **_values(request, person))
    social.disconnect(person, request.POST.get("id", ""))
    return redirect(pages.ACCOUNT)


def _values(request: HttpRequest, person: User) -> dict[str, Any]:
    return {
        "factors": keyring.of(person),
        "passkey": Authenticator.Type.WEBAUTHN,
        "fresh": keyring.is_fresh(request),
        "accounts": social.accounts(person),
        "has_password": person.has_usable_password(),
    }
