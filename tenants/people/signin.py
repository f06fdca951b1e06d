"""Signing in and out on a tenant's host; runs in `context.identity()`."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest

from tenants import audit_log, context, exceptions, ids
from tenants.models import User
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


def _way(request: HttpRequest) -> str:
    methods = [str(one.get("type") or one.get("method")) for one in request.session.get(METHODS) or ()]
    return "+".join(methods) or "password"
