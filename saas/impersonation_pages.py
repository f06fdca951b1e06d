"""Where an operator's browser arrives on a tenant's host with a code, and where it ends acting as a member."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from saas.api import security
from tenants.people import exceptions as errors
from tenants.people import impersonation


@csrf_exempt  # There is no session yet that could hold a token; the origin is asked, as where a member signs in.
@never_cache
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Ask once more, then use the code up: what only looks at links uses up nothing."""
    tenant = security.tenant(request)
    if request.method == "GET":
        return render(
            request, "tenant/impersonation.html", {"tenant": tenant, "code": request.GET.get("code", "")}
        )
    if security.is_foreign(request):
        return HttpResponse("Begin from a page of this host.", status=403, content_type="text/plain")
    try:
        found = impersonation.start(request.POST.get("code", ""), tenant)
    except errors.ImpersonationRefused as error:
        return render(request, "tenant/impersonation.html", {"tenant": tenant, "error": error}, status=403)
    request.session.flush()
    request.session[impersonation.CLAIM] = str(found.id)
    request.session.set_expiry(found.expires_at)
    return redirect("/")


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    claim = request.session.get(impersonation.CLAIM)
    if claim:
        impersonation.end(UUID(claim), security.tenant(request))
        request.session.flush()
    return redirect("/")
