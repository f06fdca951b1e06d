"""The pages where a member looks after what proves who they are. Run as `identity`."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from saas import doors
from saas.api import errors, security
from tenants import exceptions
from tenants.people import devices, enrolment, factors, memberships, passwords, policy, signin, throttle
from tenants.people import exceptions as refusals

HOME = "/account"
NEW_APP = "new_totp"


@require_GET
@doors.for_members()
def overview(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    return _overview(request, member)


@require_http_methods(["GET", "POST"])
@doors.for_members()
def confirm(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    """Ask once more who it is: the password, or a code of the second factor."""
    error: Exception | None = None
    if request.method == "POST":
        try:
            _prove(request, member)
            return redirect(doors.wanted(request.POST.get("next", "")) or HOME)
        except exceptions.TenancyError as refusal:
            error = refusal
    values = {
        "person": member.user,
        "asks_code": factors.required(member.user),
        "has_password": member.user.has_usable_password(),
        "next": doors.wanted((request.POST if request.method == "POST" else request.GET).get("next", "")),
    }
    return _page(request, "confirm", error=error, **values)


@require_POST
@doors.for_members()
def password(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    """Change the password; the other browsers of the person are signed out."""
    try:
        throttle.count_sign_in(request, member.user.email)
        if not member.user.check_password(request.POST.get("current", "")):
            raise exceptions.InvalidCredentials("The present password is wrong.")
        passwords.change(
            security.tenant(request),
            member.user,
            request.POST.get("new", ""),
            keep=request.session.session_key,
        )
    except exceptions.TenancyError as error:
        return _overview(request, member, error=error)
    update_session_auth_hash(request, member.user)
    return redirect(HOME)


@require_http_methods(["GET", "POST"])
@doors.for_members(proven=True)
def totp(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    """Set up an authenticator app: its secret is kept once a code shows that the app has it."""
    if Authenticator.objects.filter(user_id=member.user.pk, type=factors.TOTP).exists():
        return redirect(HOME)
    secret = request.session.setdefault(NEW_APP, factors.new_secret())
    request.session.modified = True
    error: Exception | None = None
    if request.method == "POST":
        tenant = security.tenant(request)
        try:
            codes = enrolment.add_app(tenant, member.user, secret, request.POST.get("code", ""))
        except exceptions.TenancyError as refusal:
            error = refusal
        else:
            del request.session[NEW_APP]
            record_authentication(request, member.user, method="mfa", type=factors.TOTP.value)
            return _page(request, "recovery", codes=codes)
    image = enrolment.picture(factors.address(member.user, secret))
    return _page(request, "totp", error=error, secret=secret, image=image)


@require_POST
@doors.for_members(proven=True)
def remove_factor(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    enrolment.remove(security.tenant(request), member.user, request.POST.get("id", ""))
    return redirect(HOME)


@require_POST
@doors.for_members(proven=True)
def recovery(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    """Make new recovery codes, which are shown this once; the former ones are worth nothing any more."""
    if not factors.required(member.user):
        return redirect(HOME)
    return _page(
        request, "recovery", codes=enrolment.new_recovery_codes(security.tenant(request), member.user)
    )


@require_POST
@doors.for_members()
def end_session(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    devices.end(member.user, security.tenant(request), request.POST.get("id", ""))
    return redirect(HOME)


@require_POST
@doors.for_members()
def end_everywhere(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    devices.end_everywhere(member.user, security.tenant(request))
    signin.sign_out(request)
    return redirect("/")


def _prove(request: HttpRequest, member: memberships.Member) -> None:
    """Note that the person has just proven who they are. Raises InvalidCredentials, InvalidCode, TooManyTries."""
    code, given = request.POST.get("code", ""), request.POST.get("password", "")
    if code:
        kind = factors.verify(member.user, code)
        if not kind:
            raise refusals.InvalidCode()
        record_authentication(request, member.user, method="mfa", type=kind, reauthenticated=True)
        return
    throttle.count_sign_in(request, member.user.email)
    if not member.user.check_password(given):
        raise exceptions.InvalidCredentials("The password is wrong.")
    record_authentication(request, member.user, method="password", reauthenticated=True)


def _overview(
    request: HttpRequest, member: memberships.Member, *, error: Exception | None = None
) -> HttpResponse:
    tenant, user = security.tenant(request), member.user
    found = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at"))
    recovery_codes = next((one for one in found if one.type == factors.RECOVERY), None)
    values: dict[str, Any] = {
        "person": user,
        "has_password": user.has_usable_password(),
        "factors": [one for one in found if one.type != factors.RECOVERY],
        "has_app": any(one.type == factors.TOTP for one in found),
        "codes_left": len(RecoveryCodes(recovery_codes).get_unused_codes()) if recovery_codes else 0,
        "devices": devices.of(user, tenant, request.session.session_key),
        "elsewhere": devices.elsewhere(user, tenant),
        "owes_factor": member.policy.mfa_required and not policy.has_proven_factor(request, member.provider),
        "required": factors.required(user),
    }
    return _page(request, "overview", error=error, **values)


def _page(request: HttpRequest, name: str, *, error: Exception | None = None, **values: Any) -> HttpResponse:
    status = errors.STATUS.get(getattr(error, "code", ""), 400) if error else 200
    context = {"tenant": security.tenant(request), "error": error, **values}
    return render(request, f"account/{name}.html", context, status=status)
