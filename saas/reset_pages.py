"""The pages for who has forgotten their password. Run as `identity`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from saas.api import errors, security
from tenants import exceptions
from tenants.people import exceptions as refusals
from tenants.people import passwords


@csrf_exempt  # There is no session yet that could hold a token: the origin is asked.
@never_cache
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Without a key ask for the address; with one ask for the new password."""
    if request.method == "POST" and security.is_foreign(request):
        return HttpResponse("Come from a page of this host.", status=403, content_type="text/plain")
    key = (request.POST if request.method == "POST" else request.GET).get("key", "")
    answer = _choose(request, key) if key else _ask(request)
    answer["Referrer-Policy"] = security.HOST_ALONE  # the address holds the key
    return answer


def _ask(request: HttpRequest) -> HttpResponse:
    error: exceptions.TenancyError | None = None
    if request.method == "POST":
        try:
            passwords.ask(request, security.tenant(request), request.POST.get("email", ""))
        except exceptions.TenancyError as refusal:
            error = refusal
    return _page(request, "ask", error, sent=request.method == "POST" and error is None)


def _choose(request: HttpRequest, key: str) -> HttpResponse:
    tenant = security.tenant(request)
    if request.method != "POST":
        if passwords.holder(tenant, key) is None:
            return _page(request, "ask", refusals.InvalidCode(passwords.SPENT))
        return _page(request, "choose", None, key=key)
    try:
        passwords.choose(tenant, key, request.POST.get("password", ""))
    except refusals.InvalidCode as error:
        return _page(request, "ask", error)
    except refusals.BadPassword as error:
        return _page(request, "choose", error, key=key)
    return _page(request, "done", None)


def _page(
    request: HttpRequest, name: str, error: exceptions.TenancyError | None, **values: object
) -> HttpResponse:
    context = {"tenant": security.tenant(request), "error": error, **values}
    status = errors.STATUS[error.code] if error else 200
    return render(request, f"account/reset_{name}.html", context, status=status)
