"""Who calls the apex host: a person and no member of anything; runs in `context.identity()`."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    authenticate,
    login,
    logout,
)
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from tenants import exceptions
from tenants.models import LIVE, Domain, Membership, User
from tenants.people import exceptions as errors
from tenants.people import factors, familiar, policy, throttle

BACKEND = "tenants.people.backends.MemberBackend"
# In the place of a tenant and its epoch: a session of the apex fits no other host, and theirs not the apex.
SCOPE = "apex"
# Who has given a password and not yet a second factor.
HALFWAY = "sign_in"
FIRST = "sign_in_method"
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A tenant of a person: its primary host, and what the person is there."""

    id: UUID
    slug: str
    name: str
    hostname: str
    state: str
    role: str


def attach(request: HttpRequest) -> None:
    """Set request.user to the person whose session this is. Costs a query when somebody claims to be signed in."""
    user_id = request.session.get(SESSION_KEY)
    if not user_id or request.session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return
    user = _find(user_id)
    if user and constant_time_compare(
        request.session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
    ):
        request.user = request._cached_user = user  # type: ignore[attr-defined]


def person(request: HttpRequest) -> User | None:
    """Return who is signed in on the apex, or None."""
    return request.user if isinstance(request.user, User) else None


def sign_in(request: HttpRequest, *, email: str, password: str, code: str = "") -> User:
    """Start a session of the person. Raises InvalidCredentials, MfaRequired, TooManyTries, CannotCount.

    After MfaRequired the session remembers who it was for PATIENCE, and `give_code` goes on.
    """
    throttle.count_sign_in(request, email)
    user = authenticate(request, username=email.strip(), password=password)
    if not isinstance(user, User):
        raise exceptions.InvalidCredentials()
    if _waits(request, user, method="password"):
        if not code:
            raise errors.MfaRequired()
        return give_code(request, code)
    start(request, user, method="password")
    return user


def admit(request: HttpRequest, user: User, *, method: str) -> None:
    """Start a session of somebody who has given one factor. Raises MfaRequired, as `sign_in` does."""
    if _waits(request, user, method=method):
        raise errors.MfaRequired()
    start(request, user, method=method)


def _waits(request: HttpRequest, user: User, *, method: str) -> bool:
    """Whether the person owes a second factor; the session then remembers who it was, and by which first one."""
    if not factors.required(user):
        return False
    user.session_scope = SCOPE
    request.session[HALFWAY] = [str(user.pk), user.get_session_auth_hash(), int(time.time())]
    request.session[FIRST] = method
    return True


def give_code(request: HttpRequest, code: str) -> User:
    """End a sign-in that waits for the second factor. Raises InvalidCredentials, InvalidCode, TooManyTries."""
    user = waiting(request)
    if user is None:
        raise exceptions.InvalidCredentials("This sign-in was left waiting for too long. Begin again.")
    kind = factors.verify(user, code.strip())
    if not kind:
        raise errors.InvalidCode()
    del request.session[HALFWAY]
    start(request, user, method=request.session.pop(FIRST, "password"))
    request.session[policy.METHODS] += [_method("mfa", type=kind)]
    return user


def waiting(request: HttpRequest) -> User | None:
    """Return who has given their password in this browser and owes a code."""
    user_id, session_hash, at = request.session.get(HALFWAY) or ("", "", 0)
    if not user_id or time.time() - at > PATIENCE.total_seconds():
        return None
    user = _find(user_id)
    return user if user and constant_time_compare(session_hash, user.get_session_auth_hash()) else None


def start(request: HttpRequest, user: User, *, method: str, **more: Any) -> None:
    """Begin a session of the person on the apex, under a new key."""
    user.session_scope = SCOPE
    login(request, user, backend=BACKEND)
    request.session[policy.METHODS] = [_method(method, **more)]
    familiar.notice(request, user, None)


def sign_out(request: HttpRequest) -> None:
    """End the session of this browser on the apex; those on tenants' hosts go on."""
    logout(request)


def tenants(user: User) -> list[Tenancy]:
    """Return the tenants that the person is a member of, by name; those that are no more are left out."""
    rows = Membership.objects.filter(
        LIVE, user=user, tenant__destroyed_at__isnull=True, tenant__archived_at__isnull=True
    ).select_related("tenant")
    found = list(rows.order_by("tenant__name", "tenant__slug"))
    domains = Domain.objects.filter(is_primary=True, tenant_id__in=[row.tenant_id for row in found])
    hosts = dict(domains.values_list("tenant_id", "hostname"))
    return [_tenancy(row, hosts.get(row.tenant_id, "")) for row in found]


def _tenancy(row: Membership, hostname: str) -> Tenancy:
    tenant = row.tenant
    return Tenancy(tenant.id, tenant.slug, tenant.name, hostname, tenant.state, row.role)


def _find(user_id: str) -> User | None:
    user = User.objects.filter(pk=UUID(user_id), deactivated_at__isnull=True).first()
    if user is not None:
        user.session_scope = SCOPE
    return user


def _method(name: str, **more: Any) -> dict[str, Any]:
    return {"method": name, "at": time.time(), **more}
