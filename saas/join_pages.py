"""The page where people of a tenant's own e-mail domain become members. Runs as the role `identity`."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from saas.api import errors, security
from tenants import exceptions
from tenants.people import exceptions as refusals
from tenants.people import openings, signin


@csrf_exempt  # Whoever joins has no session here that could hold a token: the origin is asked.
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    if security.is_foreign(request):
        return HttpResponse("Join on a page of this host.", status=403, content_type="text/plain")
    tenant = security.tenant(request)
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    try:
        openings.join_by_password(request, tenant, email=email, password=password)
    except exceptions.TenancyError as error:
        return _refused(request, error)
    try:
        # By the same door as everybody: who needs more than a password is asked for it there.
        signin.sign_in(request, tenant, email=email, password=password)
    except refusals.MfaRequired:
        return redirect("/sign-in/code")
    except exceptions.TenancyError:
        return redirect("/")
    return redirect("/")


def _refused(request: HttpRequest, error: exceptions.TenancyError) -> HttpResponse:
    if isinstance(error, exceptions.Refused):
        request.refusal = error  # type: ignore[attr-defined]
    return _page(request, error, status=errors.STATUS.get(error.code, 500))


def _page(
    request: HttpRequest, error: exceptions.TenancyError | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    values = {"tenant": security.tenant(request), "email": request.POST.get("email", ""), "error": error}
    return render(request, "tenant/join.html", values, status=status)
