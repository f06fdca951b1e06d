"""The whole request of an operator is one context: session, sign-in and page, kept or discarded together."""

import logging
from collections.abc import Callable

from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import resolve

from saas.console import reads
from tenants import audit_log, context, exceptions
from tenants.middleware import HEALTH_PATHS
from tenants.people import operators

log = logging.getLogger(__name__)
REFUSALS = IntegrityError, OperationalError, InterfaceError, exceptions.EntryFailed
ROLLED_BACK = "40"  # SQLSTATE class: deadlocks and serialization failures
CONFLICT = (
    "The change does not fit what is in the database now. Nothing was saved: go back, reload, and try again."
)
UNAVAILABLE = (
    "The database cannot be reached right now. Try again in a moment, and look first whether your last change"
    " was saved."
)


class OperatorMiddleware:
    """Run the request in `context.operator()`; a status of 400 and above rolls back what it did.

    Health checks are answered before anything that needs a database or looks at the Host header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in HEALTH_PATHS:
            health: HttpResponse = resolve(request.path_info).func(request)
            return health
        token = audit_log.source.set(f"{request.method} {request.path}")
        try:
            return self._respond(request)
        except REFUSALS as error:  # of BEGIN and COMMIT
            return _refusal(error)
        finally:
            audit_log.source.reset(token)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say the same when a statement of the view meets what COMMIT could meet; `_respond` then rolls back."""
        return _refusal(exception) if isinstance(exception, REFUSALS) else None

    def _respond(self, request: HttpRequest) -> HttpResponse:
        with context.operator():
            response = self.get_response(request)
            if response.status_code >= 400:
                context.roll_back()
            else:
                reads.record(request, response)
        if response.status_code == 403 and request.user.is_authenticated:
            with context.operator():  # the request's own transaction was rolled back
                operators.record(request.user, "access.refused")
        return response


def _refusal(error: Exception) -> HttpResponse:
    log.error("the database refused the request", exc_info=error)
    state: str = getattr(error.__cause__, "sqlstate", None) or ""
    conflict = isinstance(error, IntegrityError) or state.startswith(ROLLED_BACK)
    page = render_to_string("console/refusal.html", {"text": CONFLICT if conflict else UNAVAILABLE})
    return HttpResponse(page, status=409 if conflict else 503)
