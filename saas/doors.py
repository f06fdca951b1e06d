"""Who gets to see a page of a tenant's host: members alone, and for some pages those who hold a permission."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from saas.api import errors, security
from tenants import exceptions
from tenants.people import memberships, permissions

PROOF = "/account/confirm"
PROVEN = frozenset({"/account/totp"})
NO_REASON = "Your role does not let you do this."
SUBJECT = 200  # characters that an entry of the record holds
Page = Callable[[HttpRequest, memberships.Member], HttpResponse]


def for_members(
    *, proven: bool = False, permission: str = ""
) -> Callable[[Page], Callable[[HttpRequest], HttpResponse]]:
    """Send who is signed out to the front page, and, for what is `proven`, who has not just said who they are.

    A member without the permission gets a page that says so. Raises ValueError for one that nobody declared.
    """
    if permission:
        permissions.require_known(permission)

    def decorate(page: Page) -> Callable[[HttpRequest], HttpResponse]:
        @never_cache
        @wraps(page)
        def run(request: HttpRequest) -> HttpResponse:
            member = security.member(request)
            if member is None or security.used_key(request):
                return redirect("/")
            if proven and not did_recently_reauthenticate(request):
                return redirect(_proof(request))
            try:
                if permission:
                    memberships.require_member(member, permission)
            except exceptions.Refused as error:
                return _refused(request, member, error)
            return page(request, member)

        return run

    return decorate


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer Django's PermissionDenied, which the admin raises, in the same form."""
    refusal = exceptions.Refused(str(exception) or NO_REASON, permission=f"page {request.path}"[:SUBJECT])
    return _refused(request, security.member(request), refusal)


def wanted(path: str) -> str:
    """Return a path to go on to after the proof if it is one of those that ask for it, else ""."""
    return path if path in PROVEN else ""


def _proof(request: HttpRequest) -> str:
    """Return where to prove who one is; a form's POST is not repeated afterwards."""
    goal = wanted(request.path) if request.method == "GET" else ""
    return f"{PROOF}?{urlencode({'next': goal})}" if goal else PROOF


def _refused(
    request: HttpRequest, member: memberships.Member | None, error: exceptions.Refused
) -> HttpResponse:
    request.refusal = error  # type: ignore[attr-defined]  # kept by the middleware, after the rollback
    needs = next((one.text for one in permissions.declared() if one.code == error.permission), "")
    values = {"tenant": security.tenant(request), "member": member, "error": error, "needs": needs}
    return render(request, "tenant/refused.html", values, status=errors.STATUS[error.code])
