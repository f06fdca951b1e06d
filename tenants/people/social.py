"""Signing in on the apex with an account at a provider that the operator trusts ("social login"). As `identity`.

It is off unless LEASEHOLD_SOCIAL_PROVIDERS names providers; they speak OpenID Connect. A provider stands for one
factor: who has a second one is asked for it, and a tenant that enforces its own provider is entered by that alone.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest

from tenants.models import User
from tenants.people import email_domains, notices, oidc, signup, throttle, visitors
from tenants.people import exceptions as errors

MARK = "apex"  # in the place of a tenant, in an attempt
METHOD = "social"
SUBJECT_LENGTH = ISSUER_LENGTH = 191
PEOPLE_PER_NETWORK = throttle.Limit("social-network", 20, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of the product, and what the product is there."""

    id: str
    name: str
    client: oidc.Client


def providers() -> list[Provider]:
    """Return the providers that settings name, in their order."""
    return [_provider(entry) for entry in settings.LEASEHOLD_SOCIAL_PROVIDERS.values()]


def find(provider_id: str) -> Provider | None:
    entry = settings.LEASEHOLD_SOCIAL_PROVIDERS.get(provider_id)
    return _provider(entry) if entry else None


def admit(request: HttpRequest, provider: Provider, claims: oidc.Claims) -> User:
    """Start a session of the apex for the person whom claims mean; who is new becomes a person, of no tenant.

    Raises SocialRefused, MfaRequired, ForgedAnswer, TooManyTries, CannotCount.
    """
    if claims.issuer != provider.client.issuer or len(claims.issuer) > ISSUER_LENGTH:
        raise errors.ForgedAnswer()
    if len(claims.subject) > SUBJECT_LENGTH:
        raise errors.ForgedAnswer("The ID token names somebody at too great a length.")
    user = _linked(claims) or _link(request, provider, claims)
    if not user.is_active:
        raise errors.SocialRefused()
    visitors.admit(request, user, method=METHOD)
    return user


def accounts(user: User) -> list[tuple[SocialAccount, str]]:
    """Return the person's accounts at providers, with the providers' names, oldest first."""
    names = {provider.client.issuer: provider.name for provider in providers()}
    rows = SocialAccount.objects.filter(user_id=user.pk).order_by("date_joined", "pk")
    return [(row, names.get(row.provider, row.provider)) for row in rows]


def disconnect(user: User, account_id: str) -> bool:
    """Forget an account of the person at a provider. False when there is none with this id."""
    if not account_id.isdecimal():
        return False
    gone, _ = SocialAccount.objects.filter(user_id=user.pk, pk=int(account_id)).delete()
    if gone:
        notices.tell(None, user, "social.disconnected", "An account to sign in with was disconnected.")
    return bool(gone)


def _linked(claims: oidc.Claims) -> User | None:
    found = SocialAccount.objects.filter(provider=claims.issuer, uid=claims.subject)
    account = found.select_related("user").first()
    return account.user if account else None


def _link(request: HttpRequest, provider: Provider, claims: oidc.Claims) -> User:
    """Return the person of a subject seen for the first time: by an address that the provider has verified.

    Who has that address here must have proven it here as well: somebody may have signed up with another's address and
    a password of their own.
    """
    if not claims.email_verified or not claims.email:
        raise errors.SocialRefused(
            f"{provider.name} has not verified your e-mail address. Verify it there first."
        )
    user = User.objects.filter(email__iexact=claims.email).first()
    if user is None:
        throttle.count(PEOPLE_PER_NETWORK, throttle.address(request))
        user = _make(claims)
    elif not user.is_active or not email_domains.has_proven(user):
        raise errors.SocialRefused()
    else:
        change = f"Signing in with {provider.name} was connected."
        notices.tell(None, user, "social.connected", change)
    SocialAccount.objects.create(user=user, provider=claims.issuer, uid=claims.subject)
    return user


def _make(claims: oidc.Claims) -> User:
    try:
        address = signup.check_address(claims.email)
    except errors.InvalidSignUp as error:
        raise errors.SocialRefused(str(error)) from error
    return User.objects.create_user(address, name=" ".join(claims.name.split()), verified=True)


def _provider(entry: dict[str, str]) -> Provider:
    return Provider(
        entry["id"], entry["name"], oidc.Client(entry["issuer"], entry["client_id"], entry["secret"])
    )
