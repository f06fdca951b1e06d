"""The page behind the link of an invitation. Runs as the role `identity`."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from saas.api import errors, security
from tenants import audit_log, exceptions
from tenants.models import User
from tenants.people import exceptions as refusals
from tenants.people import invitations, signin


@csrf_exempt  # Most have no session yet that could hold a token: the origin is asked, and the token itself is a secret.
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is offered, and make a member of whoever accepts. The token gets into no record and no Referer."""
    source = audit_log.source.set(f"{request.method} {invitations.PATH}")
    try:
        response = _accept(request, token) if request.method == "POST" else _show(request, token)
    finally:
        audit_log.source.reset(source)
    response["Referrer-Policy"] = security.HOST_ALONE  # the address holds the token
    return response


def _show(
    request: HttpRequest, token: str, error: Exception | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    tenant, person = security.tenant(request), _person(request)
    values: dict[str, object] = {
        "tenant": tenant,
        "person": person,
        "error": error,
        "name": request.POST.get("name", ""),
    }
    try:
        offer = invitations.read(token, tenant)
    except refusals.InvitationError as invalid:
        return render(request, "tenant/invitation_refused.html", {**values, "error": invalid}, status=410)
    values |= {"offer": offer, "themselves": person is not None and person.email.lower() == offer.email}
    return render(request, "tenant/invitation.html", values, status=status)


def _accept(request: HttpRequest, token: str) -> HttpResponse:
    if security.is_foreign(request):
        return HttpResponse("Accept it on a page of this host.", status=403, content_type="text/plain")
    tenant, password = security.tenant(request), request.POST.get("password", "")
    person = _person(request)
    try:
        membership = invitations.accept(
            token, tenant, signed_in=person, name=request.POST.get("name", ""), password=password
        )
    except exceptions.TenancyError as error:
        return _show(request, token, error, status=errors.STATUS.get(error.code, 500))
    if person is None:
        _sign_in(request, membership.user, password)
    return redirect("/")


def _sign_in(request: HttpRequest, user: User, password: str) -> None:
    """Sign the new member in by the same door as everybody: who needs more than a password, is asked for it there."""
    try:
        signin.sign_in(request, security.tenant(request), email=user.email, password=password)
    except exceptions.TenancyError:
        return


def _person(request: HttpRequest) -> User | None:
    return signin.signed_in(request, security.tenant(request))
