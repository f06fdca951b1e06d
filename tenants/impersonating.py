"""What a request of an impersonating browser goes through: the row is asked, the record is written, the page says so.

It stands right before ContextMiddleware. Without it such a session is nobody's.
"""

import re
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from tenants import audit_log, context, directory, exceptions, middleware
from tenants.people import exceptions as errors
from tenants.people import impersonation
from tenants.people.impersonation import Acting

START_PATH, END_PATH = "/impersonation", "/impersonation/end"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "X-Impersonated-By"
MARK = b'id="impersonation"'
BODY = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
READ_ONLY = "This impersonation is read-only."


class ImpersonationMiddleware:
    """Say who really acts, on every request of a session that began with an operator's code.

    What such a browser may never do: what runs as `identity` (keys, passwords, factors, sign-in), and what
    `memberships.require` withholds.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant: directory.Entry | None = getattr(request, "tenant", None)
        claim = request.session.get(impersonation.CLAIM) if tenant else None
        if tenant is None or claim is None or request.path == START_PATH:
            return self.get_response(request)
        source = audit_log.source.set(f"{request.method} {request.path}")
        try:
            return self._respond(request, tenant, UUID(claim))
        except (DatabaseError, exceptions.EntryFailed) as error:
            return middleware._unavailable(error)
        finally:
            audit_log.source.reset(source)

    def _respond(self, request: HttpRequest, tenant: directory.Entry, grant_id: UUID) -> HttpResponse:
        acting = _recorded(grant_id, tenant)
        if acting is None:
            request.session.flush()
            return _refused(request, 403, errors.ImpersonationOver())
        request.acting = acting  # type: ignore[attr-defined]
        token = audit_log.on_behalf.set(acting.operator)
        try:
            refusal = _refusal(request, acting)
            response = _refused(request, 403, refusal) if refusal else self.get_response(request)
        finally:
            audit_log.on_behalf.reset(token)
        return _marked(request, response, acting)


def _recorded(grant_id: UUID, tenant: directory.Entry) -> Acting | None:
    """Return who acts, with the request in the tenant's record: in a transaction that the request cannot undo."""
    with context.use(tenant):
        acting = impersonation.current(grant_id, tenant)
        if acting is not None:
            token = audit_log.on_behalf.set(acting.operator)
            try:
                audit_log.record(tenant.id, "impersonation.request", by=acting.member.user, subject=grant_id)
            finally:
                audit_log.on_behalf.reset(token)
    return acting


def _refusal(request: HttpRequest, acting: Acting) -> exceptions.TenancyError | None:
    if request.path == END_PATH:
        return None
    if request.path.startswith((*settings.LEASEHOLD_IDENTITY_PATHS, *settings.LEASEHOLD_OUTBOUND_PATHS)):
        return errors.ImpersonationWithheld()
    if acting.read_only and request.method not in SAFE:
        return errors.ImpersonationRefused(READ_ONLY)
    return None


def _refused(request: HttpRequest, status: int, error: exceptions.TenancyError) -> HttpResponse:
    if request.path.startswith("/api/"):
        return middleware._problem(status, error.code, str(error))
    page = render_to_string("tenants/impersonation/refused.html", {"error": error})
    return HttpResponse(page, status=status)


def _marked(request: HttpRequest, response: HttpResponse, acting: Acting) -> HttpResponse:
    """Name the operator in the answer; a page shows a banner, whatever made it."""
    response[HEADER] = str(acting.operator)
    response["Cache-Control"] = "no-store"
    kind = response.get("Content-Type", "").partition(";")[0].strip().lower()
    is_page = kind in ("text/html", "application/xhtml+xml") and not response.streaming
    if is_page and response.content and MARK not in response.content:
        response.content = _with_banner(response.content, _banner(request, acting))
        if "Content-Length" in response:
            response["Content-Length"] = str(len(response.content))
    return response


def _banner(request: HttpRequest, acting: Acting) -> bytes:
    values = {"acting": acting, "csrf_token": get_token(request), "end_path": END_PATH}
    return render_to_string("tenants/impersonation/banner.html", values).encode()


def _with_banner(page: bytes, banner: bytes) -> bytes:
    found = BODY.search(page)
    at = found.end() if found else 0
    return page[:at] + banner + page[at:]
