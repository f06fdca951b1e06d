"""The few pages of a tenant's host for people: a front page, signing in and out."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from billing import subscriptions
from billing.models import UsageHour
from saas.api import errors, security
from saas.commerce import products
from tenants import exceptions
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
    except exceptions.InvalidCredentials as error:
        return render(
            request, "tenant/sign_in.html", {"tenant": tenant, "email": email, "error": error}, status=401
        )
    except exceptions.SsoRequired as error:
        values = {"tenant": tenant, "email": email, "error": error, "sso": True}
        return render(request, "tenant/sign_in.html", values, status=403)
    return redirect("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    signin.sign_out(request)
    return redirect("/")


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer 404 in the form that the caller reads."""
    if request.path.startswith("/api/"):
        return errors.problem(404, "not_found", "There is nothing here.")
    return HttpResponse("Nothing here.", status=404, content_type="text/plain")
