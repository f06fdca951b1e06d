"""The tenant host's end of a hop from the apex. Runs as the role `identity`."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from saas.api import security
from tenants import exceptions
from tenants.people import exceptions as errors
from tenants.people import hop

COOKIE = f"{settings.HOST_ONLY}hop"
COOKIE_SECONDS = 600  # for who has to type a password on the apex first


@require_safe
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Give this browser a nonce and send it to the apex with the nonce's hash."""
    nonce, hostname = hop.new_nonce(), request.get_host().partition(":")[0].lower().rstrip(".")
    answer = _quiet(redirect(hop.ask_url(security.tenant(request), nonce, hostname)))
    answer.set_cookie(
        COOKIE,
        nonce,
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


@require_safe
@never_cache
def finish(request: HttpRequest) -> HttpResponse:
    """Take the code from the browser that has its nonce; whatever is wrong with it, the answer is the same."""
    tenant = security.tenant(request)
    code, nonce = request.GET.get("code", ""), request.COOKIES.get(COOKIE, "")
    try:
        hop.finish(request, tenant, code=code, nonce=nonce)
    except errors.InvalidCode:
        return _refused(request, "This link was used, has expired, or belongs to another browser.")
    except (exceptions.Refused, errors.SsoRequired) as error:  # the tenant asks for more than a member
        if isinstance(error, exceptions.Refused):
            request.refusal = error  # type: ignore[attr-defined]
        return _refused(request, str(error))
    answer = _quiet(redirect("/"))
    answer.delete_cookie(COOKIE, samesite="Lax")
    return answer


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    values = {"tenant": security.tenant(request), "error": why}
    return _quiet(render(request, "tenant/hop_refused.html", values, status=403))


def _quiet(answer: HttpResponse) -> HttpResponse:
    """Tell no other page the address, which holds a code."""
    answer["Referrer-Policy"] = "no-referrer"
    return answer
