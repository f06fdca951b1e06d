"""Who calls the API: a member with an API key or with a session; the middleware has read the membership already."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer

from tenants.directory import Entry
from tenants.people import memberships
from tenants.people.memberships import Member


class ApiKey(HttpBearer):
    """An API key of this tenant, sent as `Authorization: Bearer lh_...`, or a token (JWT) that it issued."""

    def authenticate(self, request: HttpRequest, token: str) -> Member | None:
        return member(request) if used_key(request) else None


class SessionCookie(APIKeyCookie):
    """The session cookie of this host; changes also need the CSRF token in `X-CSRFToken`."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Member | None:
        # Without a session there is nothing that a forged request could use, and the answer is 401, not CSRF's 403.
        found: Member | None = super().__call__(request) if member(request) else None
        return found

    def authenticate(self, request: HttpRequest, key: Any) -> Member | None:
        return None if used_key(request) else member(request)


AUTH = [ApiKey(), SessionCookie(csrf=True)]


def member(request: HttpRequest) -> Member | None:
    found: Member | None = getattr(request, "member", None)
    return found


def used_key(request: HttpRequest) -> bool:
    return getattr(request, "used_key", False)


def tenant(request: HttpRequest) -> Entry:
    found: Entry = request.tenant  # type: ignore[attr-defined]
    return found


def is_foreign(request: HttpRequest) -> bool:
    """Whether a page of another host made a browser send this; asked where there is no session to check CSRF with.

    Browsers send Origin with every POST; Referer speaks for those that do not. A program sends neither.
    """
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return origin is not None and urlsplit(origin).netloc != request.get_host()


def refuse_foreign_origin(request: HttpRequest) -> None:
    """Raise 403 when a page of another host makes a browser sign in here."""
    if is_foreign(request):
        raise HttpError(403, "Sign in from a page of this host.")


def require(request: HttpRequest, permission: str) -> Member:
    """Return the caller's membership if it includes permission. Raises Refused."""
    return memberships.require_member(member(request), permission)
