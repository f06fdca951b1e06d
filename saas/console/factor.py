"""The second step of signing in to the console: a code of the operator's app, which the first sign-in sets up."""

from typing import Any, cast

import qrcode
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from qrcode.image.svg import SvgPathImage

from tenants.models import User
from tenants.people import exceptions as errors
from tenants.people import factors, operators

SHOWN_BY = "factor_of"  # whose factor this session has shown
PENDING = "factor_pending"  # the secret of an app that is being set up, encrypted
REFUSED = "The code is wrong, or was used before. Wait for the next one."


def is_shown(request: HttpRequest) -> bool:
    """Whether this session has done the second step, or none is asked for."""
    return not settings.LEASEHOLD_CONSOLE_MFA or request.session.get(SHOWN_BY) == str(request.user.pk)


def is_due(request: HttpRequest) -> bool:
    """Whether an operator has given the password and not yet the code."""
    user = request.user
    return user.is_active and bool(getattr(user, "is_staff", False)) and not is_shown(request)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or set the app up when there is none yet."""
    if not is_due(request):
        return redirect("admin:index")
    user, code = cast(User, request.user), request.POST.get("code", "")
    required = factors.required(user)
    if request.method == "GET":
        return _ask(request, user, required)
    try:
        recovery = _check(request, user, code, required)
    except (errors.TooManyTries, errors.CannotCount) as error:
        return _ask(request, user, required, str(error))
    if recovery is None:
        operators.record(user, "factor.refused")
        return _ask(request, user, required, REFUSED)
    return _let_in(request, user, recovery)


def _check(request: HttpRequest, user: User, code: str, required: bool) -> list[str] | None:  # noqa: FBT001
    """Return the recovery codes of an app that was just set up, none for one that was, or None for a wrong code."""
    if required:
        return [] if factors.verify(user, code) else None
    return factors.set_up(user, _secret(request), code)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out before the second step; afterwards the console's own button does."""
    logout(request)
    return redirect("admin:login")


def _let_in(request: HttpRequest, user: User, recovery: list[str]) -> HttpResponse:
    request.session.pop(PENDING, None)
    request.session.cycle_key()
    request.session[SHOWN_BY] = str(user.pk)
    operators.record(user, "factor.set_up" if recovery else "factor.shown")
    if recovery:
        return render(
            request, "console/recovery.html", {"codes": recovery, "destination": _destination(request)}
        )
    return redirect(_destination(request))


def _ask(request: HttpRequest, user: User, required: bool, error: str = "") -> HttpResponse:  # noqa: FBT001
    context: dict[str, Any] = {"error": error, "required": required, "email": user.email}
    if not required:
        secret = _secret(request)
        context |= {"secret": secret, "picture": _picture(factors.address(user, secret))}
    return render(request, "console/factor.html", context)


def _secret(request: HttpRequest) -> str:
    """Return the secret that this session is about to set up: the page shows the same until it is proven."""
    if PENDING not in request.session:
        request.session[PENDING] = factors.encrypt(factors.new_secret())
    return factors.decrypt(request.session[PENDING])


def _picture(text: str) -> SafeString:
    image = qrcode.make(text, image_factory=SvgPathImage)
    drawn: str = image.to_string(encoding="unicode")
    return mark_safe(drawn)  # noqa: S308  made here, of a secret and an address


def _destination(request: HttpRequest) -> str:
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("admin:index")
