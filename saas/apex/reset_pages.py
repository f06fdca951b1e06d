"""The apex pages for who has forgotten their password."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from saas.apex import pages
from saas.api import security
from tenants import exceptions
from tenants.people import exceptions as refusals
from tenants.people import forgotten, passwords


@csrf_exempt  # There is no session yet that could hold a token: the origin is asked.
@pages.read_or_post
@never_cache
def reset(request: HttpRequest) -> HttpResponse:
    """Without a key ask for the address; with one ask for the new password."""
    if request.method == "POST" and security.is_foreign(request):
        return pages.foreign()
    key = (request.POST if request.method == "POST" else request.GET).get("key", "")
    answer = _choose(request, key) if key else _ask(request)
    answer["Referrer-Policy"] = "no-referrer"  # the address holds the key
    return answer


def _ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return pages.show(request, "reset_ask")
    try:
        forgotten.ask(request, request.POST.get("email", ""))
    except exceptions.TenancyError as error:
        return pages.show_refused(request, "reset_ask", error)
    return pages.show(request, "reset_ask", sent=True)


def _choose(request: HttpRequest, key: str) -> HttpResponse:
    if request.method != "POST":
        if forgotten.holder(key) is None:
            return pages.show_refused(request, "reset_ask", refusals.InvalidCode(passwords.SPENT))
        return pages.show(request, "reset_choose", key=key)
    try:
        forgotten.choose(key, request.POST.get("password", ""))
    except refusals.BadPassword as error:
        return pages.show_refused(request, "reset_choose", error, key=key)
    except refusals.InvalidCode as error:
        return pages.show_refused(request, "reset_ask", error)
    return pages.show(request, "reset_done")
