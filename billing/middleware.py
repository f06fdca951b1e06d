"""Counts API calls for display: one step in memory per request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from billing import usage

API_CALLS = "api_calls"
COUNTED = "/api/"


class MeterMiddleware:
    """Counts every request to the API of a tenant's host, whatever its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant = getattr(request, "tenant", None)
        if tenant is not None and request.path.startswith(COUNTED):
            usage.count(tenant.id, API_CALLS)
        return self.get_response(request)
