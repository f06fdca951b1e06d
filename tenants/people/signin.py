"""Signing in and out on a tenant's host; runs in `context.identity()`."""

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

from tenants import audit_log, context, exceptions, ids
from tenants.models import Tenant, User
from tenants.people import memberships, sso

# Where allauth keeps how the person of a session proved who they are.
METHODS = "account_authentication_methods"


def sign_in(request: HttpRequest, tenant: context.HasId, *, email: str, password: str) -> memberships.Member:
    """Start a session for a member. Raises InvalidCredentials, alike for a wrong password and for a non-member.

    Raises SsoRequired when the tenant enforces SSO for this person."""
    user = authenticate(request, username=email, password=password)
    # Asked for nobody as well, so that the time does not tell whether a password fits in another tenant.
    member = memberships.by_user(user.pk if isinstance(user, User) else ids.new(), tenant)
    if member is None:
        raise exceptions.InvalidCredentials()
    return start(request, tenant, member)


def start(request: HttpRequest, tenant: context.HasId, member: memberships.Member) -> memberships.Member:
    """Begin the session of a member who has proven who they are; it says how. Raises SsoRequired."""
    sso.refuse_other_ways(member, tenant)
    login(request, member.user, backend="tenants.people.backends.MemberBackend")
    audit_log.record(tenant.id, "session.started", by=member.user, after={"way": _way(request)})
    return member


def sign_out(request: HttpRequest) -> None:
    """End the session of this browser here and in the cache."""
    logout(request)


def signed_in(request: HttpRequest, tenant: context.HasId) -> User | None:
    """Return whose session this browser has on this host, a member or not: somebody who was removed may come back.

    It says who they are and permits nothing.
    """
    session = request.session
    user_id = session.get(SESSION_KEY)
    if not user_id or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.filter(pk=user_id, deactivated_at__isnull=True).first()
    if user is None:
        return None
    epoch = Tenant.objects.values_list("epoch", flat=True).get(
        id=tenant.id
    )  # the directory's may be a second old
    user.session_scope = f"{tenant.id.hex}:{epoch}"
    fits = constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user if fits else None


def _way(request: HttpRequest) -> str:
    methods = [str(one.get("type") or one.get("method")) for one in request.session.get(METHODS) or ()]
    return "+".join(methods) or "password"
