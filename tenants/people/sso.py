"""Single sign-on of one tenant: its provider, and whom the provider's answer lets in. Queries only, as `identity`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken, MultiFernet
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from tenants import audit_log, context, vault
from tenants.models import IdentityProvider, IdentityProviderSecret, Membership, Role, SsoAccount, User
from tenants.people import email_domains, memberships, oidc, policy
from tenants.people import exceptions as errors

BACKEND = "tenants.people.backends.MemberBackend"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a tenant asks of its provider; secret None keeps the present one."""

    issuer: str
    client_id: str
    secret: str | None = None
    default_role: str = Role.VIEWER.value
    session_minutes: int = 480
    jit: bool = False
    enforced: bool = False


def configure(tenant: context.HasId, wish: Wish, *, by: object) -> IdentityProvider:
    """Set the tenant's provider. Another issuer forgets whom the former one meant. Raises InvalidProvider."""
    oidc.check_issuer(wish.issuer)
    provider = of(tenant) or IdentityProvider(tenant_id=tenant.id)
    before = None if provider._state.adding else _shown(provider)
    moved = before is not None and before["issuer"] != wish.issuer
    if moved and wish.secret is None:
        raise errors.InvalidProvider("Another issuer needs its own client secret.")
    if moved:
        provider = _replace(provider)
    now = timezone.now()
    provider.issuer, provider.client_id = wish.issuer, wish.client_id
    provider.default_role, provider.session_minutes = wish.default_role, wish.session_minutes
    provider.jit_since = (provider.jit_since or now) if wish.jit else None
    provider.enforced_since = (provider.enforced_since or now) if wish.enforced else None
    provider.save()
    if wish.secret is not None:
        sealed = _cipher(tenant).encrypt(wish.secret.encode())
        IdentityProviderSecret.objects.update_or_create(
            provider=provider, defaults={"tenant_id": tenant.id, "sealed": sealed}
        )
    audit_log.record(tenant.id, "sso.configured", by=by, before=before, after=_shown(provider))
    return provider


def remove(tenant: context.HasId, *, by: object) -> None:
    """Forget the tenant's provider and whom it meant."""
    provider = of(tenant)
    if provider is not None:
        SsoAccount.objects.filter(tenant_id=tenant.id).delete()
        audit_log.record(tenant.id, "sso.removed", by=by, before=_shown(provider))
        provider.delete()


def of(tenant: context.HasId) -> IdentityProvider | None:
    return IdentityProvider.objects.filter(tenant_id=tenant.id).first()


def client_of(tenant: context.HasId) -> oidc.Client:
    """Return what we are at the tenant's provider, with the secret. Raises SsoError without a provider."""
    provider = of(tenant)
    if provider is None:
        raise errors.SsoError("This site has no identity provider.")
    row = IdentityProviderSecret.objects.filter(tenant_id=tenant.id, provider=provider).first()
    try:
        secret = _cipher(tenant).decrypt(bytes(row.sealed)).decode() if row else ""
    except InvalidToken as error:
        raise errors.InvalidProvider("The client secret cannot be read. Enter it again.") from error
    return oidc.Client(provider.issuer, provider.client_id, secret)


def admit(request: HttpRequest, tenant: context.HasId, claims: oidc.Claims) -> memberships.Member:
    """Start a session of this tenant's host for the person that claims mean. Raises SsoRefused, Refused.

    Whatever the provider says, it reaches people of the tenant's proven domains alone, and this tenant alone.
    """
    provider = of(tenant)
    if provider is None or provider.issuer != claims.issuer:
        raise errors.ForgedAnswer()
    user = _linked(tenant, claims) or _link(tenant, provider, claims)
    if not user.is_active or email_domains.proven_for(tenant, user.email) is None:
        raise errors.SsoRefused()
    member = memberships.by_user(user.pk, tenant)
    if member is None:
        _join(user, tenant, provider)
        member = memberships.by_user(user.pk, tenant)
    if member is None:
        raise errors.SsoRefused()
    audit_log.record(tenant.id, "session.started", by=member.user, after={"way": "sso"})
    # Last: what is raised before leaves nobody signed in.
    login(request, member.user, backend=BACKEND)
    request.session[policy.PROVIDER] = str(provider.id)
    # An end and not an idle time: whoever is gone at the provider is gone here by then.
    request.session.set_expiry(timezone.now() + timedelta(minutes=provider.session_minutes))
    return member


def refuse_other_ways(member: memberships.Member, tenant: context.HasId) -> None:
    """Raise SsoRequired for a member whom the tenant's provider speaks for; an owner passes, and it is recorded.

    Called once a password or a passkey was found right, so it tells nobody else who is a member.
    """
    if not _speaks_for(member):
        return
    if member.role != Role.OWNER:
        raise errors.SsoRequired()
    audit_log.record(tenant.id, "sso.bypassed", by=member.user, after={"why": "owner"})


def is_over(request: HttpRequest, member: memberships.Member) -> bool:
    """Whether the session of the request is good no more: the tenant's provider would have to begin it, and did not.

    Asked with each request, of what came with the membership, so that it holds from the moment that SSO is enforced.
    An owner's session goes on: else a provider that is set up wrongly would lock everybody out (break glass).
    """
    return _speaks_for(member) and member.role != Role.OWNER and not member.provider.began(request)


def _speaks_for(member: memberships.Member) -> bool:
    domains = member.provider.enforced_for
    return bool(domains) and email_domains.is_of(member.user.email, domains)


def _replace(former: IdentityProvider) -> IdentityProvider:
    """Return a provider with an id of its own: what the former one said of sessions and people holds no more."""
    SsoAccount.objects.filter(tenant_id=former.tenant_id).delete()
    since = {"jit_since": former.jit_since, "enforced_since": former.enforced_since}
    former.delete()
    return IdentityProvider(tenant_id=former.tenant_id, **since)


def _linked(tenant: context.HasId, claims: oidc.Claims) -> User | None:
    found = SsoAccount.objects.select_related("user").filter(
        tenant_id=tenant.id, issuer=claims.issuer, subject=claims.subject
    )
    account = found.first()
    return account.user if account else None


def _link(tenant: context.HasId, provider: IdentityProvider, claims: oidc.Claims) -> User:
    """Return the person of a subject seen for the first time: by an address that provider and tenant both vouch for."""
    if not claims.email_verified or email_domains.proven_for(tenant, claims.email) is None:
        raise errors.SsoRefused()
    user = User.objects.filter(email__iexact=claims.email).first()
    if user is None:
        user = _make(claims, provider)
    elif memberships.by_user(user.pk, tenant) is None and not email_domains.has_proven(user):
        # Somebody may have signed up with another's address and a password of their own.
        raise errors.SsoRefused(
            "Somebody has signed up with this address and not confirmed it. Confirm it, or reset the password first."
        )
    SsoAccount.objects.create(tenant_id=tenant.id, user=user, issuer=claims.issuer, subject=claims.subject)
    audit_log.record(tenant.id, "sso.linked", by=user, subject=claims.subject)
    return user


def _make(claims: oidc.Claims, provider: IdentityProvider) -> User:
    if provider.jit_since is None:
        raise errors.SsoRefused()
    return User.objects.create_user(claims.email, name=claims.name, verified=True)


def _join(user: User, tenant: context.HasId, provider: IdentityProvider) -> None:
    if provider.jit_since is None or Membership.objects.filter(tenant_id=tenant.id, user=user).exists():
        raise errors.SsoRefused()
    memberships.add(user, tenant, Role(provider.default_role), by=user)


def _shown(provider: IdentityProvider) -> dict[str, Any]:
    return {
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "default_role": str(provider.default_role),
        "session_minutes": provider.session_minutes,
        "jit": provider.jit_since is not None,
        "enforced": provider.enforced_since is not None,
    }


def _cipher(tenant: context.HasId) -> MultiFernet:
    """Return what seals a client secret; another tenant's does not fit."""
    return vault.cipher(f"tenants.people.sso:{tenant.id.hex}")
