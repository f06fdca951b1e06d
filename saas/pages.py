"""The few pages of a tenant's host for people: a front page, signing in and out."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing import subscriptions
from billing.models import UsageHour
from saas.api import errors, security
from saas.commerce import products
from saas.tenant_admin.site import site
from tenants import exceptions
from tenants.people import exceptions as refusals
from tenants.people import signin, sso

SHOWN = 10


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """Show the shop to a member, and the sign-in form to everybody else."""
    tenant, member = security.tenant(request), security.member(request)
    if member is None:
        return render(request, "tenant/sign_in.html", {"tenant": tenant, "sso": sso.of(tenant)})
    context = {
        "tenant": tenant,
        "member": member,
        "may_admin": site.has_permission(request),
        "reads_people": member.may("members.read"),
        "reads_record": member.may("audit.read"),
        "plan": getattr(subscriptions.current(tenant.id), "plan", None),
        "products": products.listing()[:SHOWN],
        "usage": UsageHour.objects.order_by("-hour", "meter")[:SHOWN],
    }
    return render(request, "tenant/front.html", context)


@csrf_exempt  # There is no session yet that could hold a token, and a visit shall not make one: the origin is asked.
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    if security.is_foreign(request):
        return HttpResponse("Sign in from a page of this host.", status=403, content_type="text/plain")
    tenant, email = security.tenant(request), request.POST.get("email", "")
    try:
        signin.sign_in(request, tenant, email=email, password=request.POST.get("password", ""))
    except refusals.MfaRequired:
        return redirect("/sign-in/code")
    except exceptions.TenancyError as error:
        return _refused(request, error, email=email)
    return redirect("/")


@csrf_exempt  # As above: whoever is half signed in is nobody yet.
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask who has given their password for a code of their second factor."""
    if security.is_foreign(request):
        return HttpResponse("Sign in from a page of this host.", status=403, content_type="text/plain")
    tenant = security.tenant(request)
    error: exceptions.TenancyError | None = None
    if request.method == "POST":
        try:
            signin.give_code(request, tenant, code=request.POST.get("code", ""))
            return redirect("/")
        except (refusals.InvalidCode, refusals.TooManyTries) as refusal:
            error = refusal
        except exceptions.TenancyError as refusal:
            return _refused(request, refusal)
    elif signin.waiting(request, tenant) is None:
        return redirect("/")
    status = errors.STATUS[error.code] if error else 200
    return render(request, "tenant/second_step.html", {"tenant": tenant, "error": error}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    signin.sign_out(request)
    return redirect("/")


def _refused(request: HttpRequest, error: exceptions.TenancyError, *, email: str = "") -> HttpResponse:
    sso_wanted = isinstance(error, refusals.SsoRequired)
    if isinstance(error, exceptions.Refused):
        request.refusal = error  # type: ignore[attr-defined]
    values = {"tenant": security.tenant(request), "email": email, "error": error, "sso": sso_wanted}
    return render(request, "tenant/sign_in.html", values, status=errors.STATUS[error.code])


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer 404 in the form that the caller reads."""
    if request.path.startswith("/api/"):
        return errors.problem(404, "not_found", "There is nothing here.")
    return HttpResponse("Nothing here.", status=404, content_type="text/plain")
