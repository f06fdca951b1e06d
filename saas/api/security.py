"""Who calls the API: a member with an API key or with a session; the middleware has read the membership already.

Each operation says in one line below its route who may call it: `@permission("products.read")`, `@every_member` or
`@everybody`. The line is what the document shows as `x-permission`, and it is the check itself.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from ninja.decorators import decorate_view
from ninja.errors import AuthenticationError, HttpError
from ninja.operation import Operation
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import contribute_operation_callback

from saas.api import errors
from tenants import exceptions
from tenants.directory import Entry
from tenants.people import memberships, permissions
from tenants.people.memberships import Member

View = TypeVar("View", bound=Callable[..., Any])
Run = Callable[..., HttpResponseBase]
DECLARED = "x-permission"
EVERY_MEMBER = "every member"
EVERYBODY = "everybody"
# For a page with a form whose address is a secret: a Referer names its host and no path. Under "no-referrer" a browser
# would send "Origin: null" with the form, which `is_foreign` refuses.
HOST_ALONE = "strict-origin"


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


def permission(code: str) -> Callable[[View], View]:
    """Open an operation to members who hold the permission; others are refused before their input is looked at.

    Raises ValueError for a permission that nobody declared.
    """
    permissions.require_known(code)

    def check(run: Run) -> Run:
        @wraps(run)
        def checked(request: HttpRequest, **values: Any) -> HttpResponseBase:
            found = member(request)  # without one, the operation itself answers 401
            try:
                if found is not None:
                    memberships.require_member(found, code)
            except exceptions.Refused as error:
                return errors.known(request, error)
            return run(request, **values)

        return checked

    def declare(view: View) -> View:
        return decorate_view(check)(_declare(view, code))

    return declare


def every_member(view: View) -> View:
    """Open an operation to whoever is a member: it tells or changes nothing but what is the caller's own."""
    return _declare(view, EVERY_MEMBER)


def everybody(view: View) -> View:
    """Open an operation to whoever reaches the host; its route must say `auth=None`."""
    return _declare(view, EVERYBODY)


def caller(request: HttpRequest) -> Member:
    """Return who calls an operation that is open to members alone."""
    found = member(request)
    if found is None:
        raise AuthenticationError()
    return found


def require(request: HttpRequest, permission: str) -> Member:
    """Return the caller's membership if it includes permission: for what depends on the input. Raises Refused."""
    return memberships.require_member(member(request), permission)


def _declare(view: View, who: str) -> View:
    def mark(operation: Operation) -> None:
        if (operation.auth_param is None) != (who == EVERYBODY):
            raise ValueError(f"{operation.view_func.__name__}: auth=None and @everybody go together.")
        extra = operation.openapi_extra or {}
        if extra.setdefault(DECLARED, who) != who:
            raise ValueError(f"{operation.view_func.__name__} is declared twice.")
        operation.openapi_extra = extra

    contribute_operation_callback(view, mark)
    return view
