"""Signing in and out on a tenant's host, with a second step for who has a second factor; runs in `context.identity()`.

The pages, the API and allauth's endpoints share what waits between the two steps, and all of them end in `start`.
"""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import clear_login, pop_login, unstash_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
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
from tenants.people import exceptions as errors
from tenants.people import factors, familiar, memberships, policy, sso, throttle

BACKEND = "tenants.people.backends.MemberBackend"
# What the person's session would hold had they signed in: a new password ends what waits, too.
WAITING_HASH = "sign_in_hash"


def sign_in(
    request: HttpRequest, tenant: context.HasId, *, email: str, password: str, code: str = ""
) -> memberships.Member:
    """Start a session for a member. Raises InvalidCredentials, alike for a wrong password and for a non-member.

    Raises MfaRequired when a code is missing (`give_code` goes on within ACCOUNT_LOGIN_TIMEOUT), InvalidCode,
    SsoRequired when the tenant enforces SSO for this person, AddressRefused, TooManyTries, CannotCount.
    """
    throttle.count_sign_in(request, email)
    member = who(request, tenant, email=email, password=password)
    if member is None:
        raise exceptions.InvalidCredentials()
    clear_login(request)
    record_authentication(request, member.user, method="password", email=member.user.email)
    if not factors.required(member.user):
        return start(request, tenant, member)
    wait(request, member)
    LoginStageController(request, Login(user=member.user, email=member.user.email)).handle()
    if not code:
        raise errors.MfaRequired()
    return give_code(request, tenant, code=code)


def who(
    request: HttpRequest, tenant: context.HasId, *, email: str, password: str
) -> memberships.Member | None:
    """Return the member with this password, or None for whatever is wrong. Raises AddressRefused."""
    policy.refuse_address(request, tenant)
    user = authenticate(request, username=email.strip(), password=password)
    # Asked for nobody as well, so that the time does not tell whether a password fits in another tenant.
    return memberships.by_user(user.pk if isinstance(user, User) else ids.new(), tenant)


def wait(request: HttpRequest, member: memberships.Member) -> None:
    """Bind what waits for a second step to this tenant, its epoch and the present password."""
    request.session[WAITING_HASH] = member.user.get_session_auth_hash()


def waiting(request: HttpRequest, tenant: context.HasId) -> memberships.Member | None:
    """Return who has given their password in this browser and owes a second factor."""
    stashed = unstash_login(request, peek=True)
    if stashed is None or stashed.user is None:
        return None
    member = memberships.by_user(stashed.user.pk, tenant)
    return member if member and _still_holds(request, member) else None


def give_code(request: HttpRequest, tenant: context.HasId, *, code: str) -> memberships.Member:
    """End a sign-in that waits for a code. Raises InvalidCredentials when none waits, InvalidCode, TooManyTries."""
    member = waiting(request, tenant)
    if member is None:
        raise exceptions.InvalidCredentials("No sign-in waits for a code. Begin again.")
    policy.refuse_address(request, tenant)
    kind = factors.verify(member.user, code)
    if not kind:
        raise errors.InvalidCode()
    record_authentication(request, member.user, method="mfa", type=kind)
    return start(request, tenant, member)


def start(request: HttpRequest, tenant: context.HasId, member: memberships.Member) -> memberships.Member:
    """Begin the session of a member who has proven who they are. Raises SsoRequired, AddressRefused."""
    policy.refuse_address(request, tenant)
    sso.refuse_other_ways(member, tenant)
    pop_login(request)
    request.session.pop(WAITING_HASH, None)
    login(request, member.user, backend=BACKEND)
    audit_log.record(tenant.id, "session.started", by=member.user, after={"way": _way(request)})
    familiar.notice(request, member.user, tenant)
    return member


def finish_waiting(
    request: HttpRequest, tenant: context.HasId, member: memberships.Member
) -> memberships.Member:
    """Like `start`, for a sign-in that may have waited for a second step. Raises InvalidCredentials as well."""
    if not _still_holds(request, member):
        raise exceptions.InvalidCredentials()
    return start(request, tenant, member)


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


def _still_holds(request: HttpRequest, member: memberships.Member) -> bool:
    kept = request.session.get(WAITING_HASH, "")
    return constant_time_compare(kept, member.user.get_session_auth_hash())


def _way(request: HttpRequest) -> str:
    methods = [str(one.get("type") or one.get("method")) for one in request.session.get(policy.METHODS) or ()]
    return "+".join(methods) or "password"
