"""What a tenant asks of its members: a second factor, sessions that end, networks. Read with the membership."""

import time
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone

from tenants import audit_log, context
from tenants.models import SecurityPolicy
from tenants.models.policy import NETWORKS, SESSION_MINUTES
from tenants.people import addresses
from tenants.people import exceptions as errors

# Where allauth, and we with it, keep how the person of a session proved who they are.
METHODS, METHODS_OF = "account_authentication_methods", "account_authentication_methods_user"
PROVIDER = "sso_provider"  # set by people/sso.py: the tenant's own provider answers for the person
BEGAN = "began"


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in a tenant; the default asks nothing."""

    mfa_required: bool = False
    session_minutes: int | None = None
    networks: tuple[str, ...] = ()

    @classmethod
    def read(cls, mfa_required: bool | None, session_minutes: int | None, networks: list[str] | None) -> Self:  # noqa: FBT001
        """Return the policy of a row of `sql/members.sql`."""
        return cls(bool(mfa_required), session_minutes, tuple(networks or ()))

    def admits_address(self, request: HttpRequest) -> bool:
        return not self.networks or addresses.is_in(addresses.of(request), self.networks)

    def is_over(self, request: HttpRequest) -> bool:
        """Whether the session of the request has lasted longer than the tenant lets one last."""
        if self.session_minutes is None:
            return False
        began: int = request.session.get(BEGAN, 0)
        return began + self.session_minutes * 60 <= time.time()

    def wants_factor(self, request: HttpRequest, provider: "Provider") -> bool:
        """Whether the tenant asks for a second factor that the session of the request was not given."""
        return self.mfa_required and not has_proven_factor(request, provider)


@dataclass(frozen=True, slots=True)
class Provider:
    """The tenant's identity provider: which it is, and the e-mail domains whose people come in by it alone."""

    id: UUID | None = None
    enforced_for: tuple[str, ...] = ()

    @classmethod
    def read(cls, provider_id: UUID | None, domains: list[str] | None) -> Self:
        """Return the provider of a row of `sql/members.sql`, where domains are those of a tenant that enforces it."""
        return cls(provider_id, tuple(domains or ()))

    def began(self, request: HttpRequest) -> bool:
        """Whether this provider, and none that the tenant had before, began the session of the request."""
        return self.id is not None and request.session.get(PROVIDER) == str(self.id)


NONE = Policy()
NO_PROVIDER = Provider()


def of(tenant: context.HasId) -> Policy:
    """Return what holds in the tenant. One query."""
    row = SecurityPolicy.objects.filter(tenant_id=tenant.id).first()
    if row is None:
        return NONE
    return Policy(row.mfa_required_since is not None, row.session_minutes, tuple(row.networks))


def change(tenant: context.HasId, wish: Policy, *, by: object, address: addresses.Address | None) -> Policy:
    """Set what holds in the tenant. address is the caller's, who is not let lock themselves out.

    Raises InvalidPolicy.
    """
    networks = _checked_networks(wish.networks)
    if wish.session_minutes is not None and not _in_range(wish.session_minutes, SESSION_MINUTES):
        raise errors.InvalidPolicy(
            f"A session lasts {SESSION_MINUTES[0]} to {SESSION_MINUTES[1]} minutes.", field="session_minutes"
        )
    if networks and not addresses.is_in(address, networks):
        raise errors.InvalidPolicy(
            f"Your own address, {address}, is in none of these networks: you would lock yourself out.",
            field="networks",
        )
    return _write(tenant, Policy(wish.mfa_required, wish.session_minutes, networks), by=by)


def unlock(tenant: context.HasId, *, by: object, networks: bool, mfa: bool) -> Policy:
    """Let in again who is locked out: drop the networks, the second factor or both. For operators."""
    now = of(tenant)
    if now == NONE:
        return now
    wish = Policy(now.mfa_required and not mfa, now.session_minutes, () if networks else now.networks)
    return _write(tenant, wish, by=by)


def refuse_address(request: HttpRequest, tenant: context.HasId) -> None:
    """Raise AddressRefused when nobody may sign in from where the request comes: before any password is looked at."""
    if not of(tenant).admits_address(request):
        raise errors.AddressRefused(permission=f"address {addresses.of(request)}")


def has_proven_factor(request: HttpRequest, provider: Provider) -> bool:
    """Whether the person of this session gave a second factor, or the tenant's identity provider spoke for them."""
    if provider.began(request):
        return True
    user_id = request.session.get(SESSION_KEY)
    noted_for = request.session.get(METHODS_OF)
    if noted_for is not None and str(noted_for).replace("-", "") != str(user_id).replace("-", ""):
        return False
    return any(method.get("method") == "mfa" for method in request.session.get(METHODS) or ())


def _write(tenant: context.HasId, wish: Policy, *, by: object) -> Policy:
    row = SecurityPolicy.objects.filter(tenant_id=tenant.id).first() or SecurityPolicy(tenant_id=tenant.id)
    before = of(tenant)
    since = row.mfa_required_since or timezone.now()
    row.mfa_required_since = since if wish.mfa_required else None
    row.session_minutes, row.networks = wish.session_minutes, list(wish.networks)
    row.save()
    audit_log.record(tenant.id, "security.changed", by=by, before=_shown(before), after=_shown(wish))
    return wish


def _shown(policy: Policy) -> dict[str, Any]:
    return {**asdict(policy), "networks": list(policy.networks)}


def _checked_networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    if len(texts) > NETWORKS:
        raise errors.InvalidPolicy(f"At most {NETWORKS} networks.", field="networks")
    found: list[str] = []
    for text in texts:
        try:
            found.append(str(addresses.network(text)))
        except ValueError as error:
            raise errors.InvalidPolicy(
                f"{text!r} is no network. Write it like 203.0.113.0/24 or 2001:db8::/32.", field="networks"
            ) from error
    return tuple(dict.fromkeys(found))


def _in_range(value: int, limits: tuple[int, int]) -> bool:
    return limits[0] <= value <= limits[1]
