"""Host, caller, context: the three steps between a request and a tenant's data, in this order."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db import DatabaseError, IntegrityError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils.crypto import constant_time_compare

from tenants import actors, audit_log, context, directory, exceptions, requests, streaming
from tenants.context import Actor, Who
from tenants.people import addresses, jwts, key_uses, keys, memberships, sso, visitors
from tenants.people import exceptions as errors
from tenants.people.impersonation import Acting
from tenants.people.sessions import PersonSessionStore, SessionStore

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
REFUSALS = {
    "suspended": (403, "This site is suspended. Its owner knows why."),
    "archived": (410, "This site is closed."),
    "destroyed": (404, "Nothing here."),
}
FAILURES = (DatabaseError, exceptions.EntryFailed, exceptions.TransactionAborted)
UNAVAILABLE = "The database cannot be reached right now. Try again."
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
# Where a host without a tenant looks for no session, and so needs no database: whoever is signed in sees the same.
SESSIONLESS = HEALTH_PATHS | {"/"}
HOST_LENGTH = 260  # 253 of a name, a dot and a port
# What a browser sends: labels of ASCII letters, digits and hyphens, perhaps one dot at the end, perhaps a port.
# Two hosts in one header, a user before an @, an address in brackets, a control character: none of them matches.
HOST = re.compile(
    r"((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.?(?::[0-9]{1,5})?",
    re.ASCII | re.IGNORECASE,
)


class HostMiddleware:
    """Say which tenant a host belongs to; refuse every host that has none, in words that tell nothing more.

    It reads the Host header itself and must be first: nothing behind it may trust that header.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = requests.new_id()  # type: ignore[attr-defined]
        token = requests.current.set(request)
        try:
            response = self._answer(request)
        finally:
            requests.current.reset(token)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path in HEALTH_PATHS:
            return self._apex(request)
        hostname = _hostname(request)
        if hostname == settings.LEASEHOLD_APEX_HOST:
            return self._apex(request)
        try:
            tenant = directory.find(hostname) if hostname else None
        except (DatabaseError, exceptions.EntryFailed) as error:
            return _unavailable(error)
        status, text = REFUSALS.get(tenant.state, (0, "")) if tenant else (404, "Nothing here.")
        if status:
            return HttpResponse(text, status=status, content_type="text/plain")
        request.tenant = tenant  # type: ignore[attr-defined]
        return self.get_response(request)

    def _apex(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = settings.LEASEHOLD_APEX_URLCONF  # type: ignore[attr-defined]
        return self.get_response(request)


def _hostname(request: HttpRequest) -> str:
    """Return the host that the request is for, as rows name it, or "" when that is not certain."""
    header: str = request.META.get("HTTP_HOST", "")
    found = HOST.fullmatch(header) if len(header) <= HOST_LENGTH else None
    if found is None:
        return ""
    line: str = request.META.get("RAW_URI", "/")  # gunicorn's; an absolute one names a host of its own
    if not line.startswith("/") and line.partition("://")[2].partition("/")[0].lower() != header.lower():
        return ""
    return found[1].lower()


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's session middleware, with a store that knows the tenant of the host, or that it is the apex.

    The session is read here, before a context is entered: CSRF's secret is in it, and so is who claims to call.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        tenant = getattr(request, "tenant", None)
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME) if _has_session(request) else None
        if tenant is None and _has_session(request):
            request.session = PersonSessionStore(key)
        else:
            request.session = SessionStore(key, tenant.id if tenant else None)
        if key:
            try:
                request.session.get(SESSION_KEY)
            except (DatabaseError, exceptions.EntryFailed) as error:
                return _unavailable(error)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leave the cookie alone where no session was looked for: Django deletes the cookie of one that is empty."""
        return super().process_response(request, response) if _has_session(request) else response


def _has_session(request: HttpRequest) -> bool:
    return hasattr(request, "tenant") or request.path not in SESSIONLESS


class ContextMiddleware:
    """Run the request as one context: its tenant's, or `identity` on the apex and for the paths that sign in.

    The paths that speak to other hosts enter contexts themselves, around their queries alone.

    A status of 400 and above rolls the transaction back; what COMMIT refuses becomes 409.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant: directory.Entry | None = getattr(request, "tenant", None)
        request.user, request.member = AnonymousUser(), None  # type: ignore[attr-defined]
        request.visitor, request.actor = None, Who.NOBODY  # type: ignore[attr-defined]
        if tenant is None and not _has_session(request):
            return self.get_response(request)
        token = audit_log.source.set(f"{request.method} {request.path}")
        try:
            if tenant is None:
                return self._respond_apex(request)
            with context.acting(Who.NOBODY):
                return self._respond(request, tenant)
        finally:
            audit_log.source.reset(token)

    def _respond(self, request: HttpRequest, tenant: directory.Entry) -> HttpResponse:
        as_identity = request.path.startswith(settings.LEASEHOLD_IDENTITY_PATHS)
        try:
            caller = _caller(request, tenant)
            if request.path.startswith(settings.LEASEHOLD_OUTBOUND_PATHS):
                return self._respond_outbound(request, tenant, caller)
            if as_identity:
                with context.identity():
                    response = self._run(request, _attach(request, tenant, caller), lost=500)
            else:
                response = self._respond_inside(request, tenant, caller)
        except FAILURES as error:
            return _failed(error)
        _record_refusal(request, tenant)
        if response.streaming and not as_identity:
            body, actor = cast(StreamingHttpResponse, response), request.actor  # type: ignore[attr-defined]
            streaming.bind(body, tenant, actor=actor, read_only=_is_read_only(request))
        return response

    def _respond_inside(
        self, request: HttpRequest, tenant: directory.Entry, caller: "Caller"
    ) -> HttpResponse:
        """Enter as whom the request claims to be; for who is not, that transaction has asked this and nothing else."""
        if (claimed := _claimed(caller)) is not Who.NOBODY:
            with context.use(tenant, actor=claimed, read_only=_is_read_only(request)):
                refusal = _attach(request, tenant, caller)
                if refusal or request.actor is not Who.NOBODY:  # type: ignore[attr-defined]
                    return self._run(request, refusal)
        with context.use(tenant, actor=Who.NOBODY):
            return self._run(request)

    def _run(
        self, request: HttpRequest, refusal: HttpResponse | None = None, *, lost: int = 400
    ) -> HttpResponse:
        response = refusal or self.get_response(request)
        if response.status_code >= lost:
            context.roll_back()
        return response

    def _respond_apex(self, request: HttpRequest) -> HttpResponse:
        try:
            if request.path.startswith(settings.LEASEHOLD_OUTBOUND_PATHS):
                with context.identity():
                    visitors.attach(request)
                return self.get_response(request)
            with context.identity():
                visitors.attach(request)
                response = self.get_response(request)
                if response.status_code >= 500:
                    context.roll_back()
        except FAILURES as error:
            return _failed(error)
        return response

    def _respond_outbound(
        self, request: HttpRequest, tenant: directory.Entry, caller: "Caller"
    ) -> HttpResponse:
        """Read who calls, and run the view in no context: no transaction waits for another host."""
        visitor = isinstance(_claimed(caller), UUID)
        with context.use(tenant, actor=_claimed(caller)) if visitor else context.identity():
            refusal = _attach(request, tenant, caller)
        with context.acting(request.actor):  # type: ignore[attr-defined]
            response = refusal or self.get_response(request)
        _record_refusal(request, tenant)
        return response


@dataclass(frozen=True, slots=True)
class Caller:
    """Who claims to call, read before the context opens: by one of these, or nobody."""

    acting: Acting | None = None
    key: UUID | jwts.Claims | None = None
    visitor: actors.Claim | None = None
    user_id: UUID | None = None
    session_hash: str = ""


def _claimed(caller: Caller) -> Actor:
    if caller.visitor is not None:
        return caller.visitor.id
    return Who.NOBODY if caller == Caller() else Who.STAFF


def _is_read_only(request: HttpRequest) -> bool:
    acting: Acting | None = getattr(request, "acting", None)
    return acting is not None and acting.read_only


def _caller(request: HttpRequest, tenant: directory.Entry) -> Caller:
    acting: Acting | None = getattr(request, "acting", None)
    if acting is not None:
        return Caller(acting)  # no key beside it: whoever acts as a member does nothing under another name
    header: str = request.META.get("HTTP_AUTHORIZATION", "")  # `headers` would parse them all
    scheme, _, secret = header.partition(" ")
    if scheme.lower() == "bearer" and secret:
        request.used_key = True  # type: ignore[attr-defined]
        secret = secret.strip()
        by_key = secret.startswith(keys.MARK)
        return Caller(key=keys.identify(secret, tenant) if by_key else jwts.read(secret, tenant))
    # What runs as `identity` is for members, and can read no visitor.
    as_identity = request.path.startswith(settings.LEASEHOLD_IDENTITY_PATHS)
    if not as_identity and (visitor := actors.claim(request, tenant)) is not None:
        return Caller(visitor=visitor)
    user_id = request.session.get(SESSION_KEY)
    if user_id and request.session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS:
        return Caller(user_id=UUID(user_id), session_hash=request.session.get(HASH_SESSION_KEY, ""))
    return Caller()


def _attach(request: HttpRequest, tenant: directory.Entry, caller: Caller) -> HttpResponse | None:
    """Read who calls: the first statement of the transaction, and the only one that names a member or a visitor.

    Returns the answer to who is a member and may not pass, by the tenant's policy, which comes with the membership.
    """
    if caller.visitor is not None:
        _attach_visitor(request, caller.visitor)
        return None
    acting = caller.acting
    member = acting.member if acting else _member(request, tenant, caller)
    if member is None:
        return None
    # The policy is for members; an operator who acts as one has passed the console's.
    if not acting and not member.policy.admits_address(request):
        return _refuse(request, errors.AddressRefused(permission=f"address {addresses.of(request)}"))
    request.user = request._cached_user = member.user  # type: ignore[attr-defined]
    request.member, request.actor = member, Who.STAFF  # type: ignore[attr-defined]
    by_session = not acting and caller.key is None
    owes_factor = by_session and member.policy.wants_factor(request, member.provider)
    return _refuse_without_factor(request) if owes_factor else None


def _attach_visitor(request: HttpRequest, claim: actors.Claim) -> None:
    visitor = claim.confirm()
    if visitor is not None:
        request.visitor, request.actor = visitor, claim.id  # type: ignore[attr-defined]


def _member(request: HttpRequest, tenant: directory.Entry, caller: Caller) -> memberships.Member | None:
    key, user_id = caller.key, caller.user_id
    if isinstance(key, jwts.Claims):
        return jwts.member(key, tenant)
    if key is not None:
        member = memberships.by_key(key, tenant)
        if member is not None:
            key_uses.note(tenant.id, key)
        return member
    member = memberships.by_user(user_id, tenant) if user_id is not None else None
    if member is None or member.policy.is_over(request) or sso.is_over(request, member):
        return None
    return member if constant_time_compare(caller.session_hash, member.user.get_session_auth_hash()) else None


def _refuse_without_factor(request: HttpRequest) -> HttpResponse | None:
    """Let a member without a second factor reach the pages where they set one up, and nothing else."""
    if request.path.startswith(settings.LEASEHOLD_SETUP_PATHS):
        return None
    if request.path.startswith("/api/"):
        return _refuse(request, errors.MfaSetupRequired(permission="second factor"))
    return HttpResponseRedirect(settings.LEASEHOLD_SETUP_PATHS[0])


def _refuse(request: HttpRequest, refusal: exceptions.Refused) -> HttpResponse:
    request.refusal = refusal  # type: ignore[attr-defined]  # kept in a transaction of its own
    return _problem(403, refusal.code, str(refusal))


def _record_refusal(request: HttpRequest, tenant: directory.Entry) -> None:
    """Keep a refusal in a transaction of its own, since the request's was rolled back."""
    refusal: exceptions.Refused | None = getattr(request, "refusal", None)
    if refusal is None:
        return
    with context.use(tenant):
        by: Any = request.user if request.user.is_authenticated else "anonymous"
        audit_log.record(tenant.id, "access.refused", by=by, subject=refusal.permission)


def _failed(error: Exception) -> HttpResponse:
    """Answer for a transaction that was not kept."""
    if isinstance(error, IntegrityError):
        return _problem(409, "conflict", "The change conflicts with another one. Read again and repeat it.")
    if isinstance(error, DatabaseError | exceptions.EntryFailed | exceptions.ConnectionLost):
        return _unavailable(error)
    return _problem(500, "transaction_aborted", "An error was swallowed; nothing was kept.")


def _unavailable(error: Exception) -> HttpResponse:
    log.warning("unavailable: %s: %s", type(error).__name__, error)
    return _problem(503, "unavailable", UNAVAILABLE)


def _problem(status: int, code: str, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")
