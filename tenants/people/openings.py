"""What is open to a person by the address that they have proven: invitations, and a tenant that takes its people.

On the apex it needs no token, since the address proves the same; nothing is told of an address that is not proven.
Runs in `context.identity()`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from tenants import context, exceptions
from tenants.models import OPEN, PROVEN, EmailDomain, Invitation, Membership, Tenant, User
from tenants.people import email_domains, invitations, policy, throttle
from tenants.people import exceptions as errors


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation that the person can accept."""

    id: UUID
    tenant_name: str
    slug: str
    role: str
    inviter: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Door:
    """A tenant that takes people of the person's domain."""

    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Openings:
    """What is open to a person. proven: whether their address is; without that, nothing is."""

    proven: bool
    invitations: list[Offer]
    by_domain: Door | None


def of(user: User) -> Openings:
    """Return what is open to the person."""
    if not email_domains.has_proven(user):
        return Openings(proven=False, invitations=[], by_domain=None)
    return Openings(proven=True, invitations=_offers(user), by_domain=_door(user))


def accept(user: User, invitation_id: UUID) -> Membership:
    """Make a person a member whose proven address was invited.

    Raises InvalidInvitation, alike for one of another address and for one that was used, revoked or has expired;
    AlreadyMember, and what the hook `joining` raises.
    """
    found = Invitation.objects.filter(OPEN, id=invitation_id).select_related("tenant").first()
    if found is None or not email_domains.has_proven(user):
        raise errors.InvalidInvitation()
    return invitations.accept_as(user, found.id, found.tenant)


def join(user: User, slug: str) -> Membership:
    """Make a person a member of the tenant that takes people of their domain.

    Raises JoinRefused, alike for a slug that nobody has; AlreadyMember, and what the hook `joining` raises.
    """
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None or tenant.state != "active":
        raise errors.JoinRefused(permission="join")
    return email_domains.join(user, tenant, proven_address=email_domains.has_proven(user))


def join_by_password(request: HttpRequest, tenant: context.HasId, *, email: str, password: str) -> Membership:
    """Like `join`, on the tenant's host, for who is not signed in; it starts no session.

    Raises JoinRefused also for a wrong password and an unknown address, AddressRefused, TooManyTries, CannotCount.
    """
    throttle.count_sign_in(request, email)
    policy.refuse_address(request, tenant)
    user = authenticate(request, username=email.strip(), password=password)
    if not isinstance(user, User):
        raise errors.JoinRefused(permission="join")
    return join_here(user, tenant)


def join_here(user: User, tenant: context.HasId) -> Membership:
    """Like `join`, for the tenant of the host, which is known to be active."""
    return email_domains.join(user, tenant, proven_address=email_domains.has_proven(user))


def _offers(user: User) -> list[Offer]:
    rows = Invitation.objects.filter(OPEN, email__iexact=user.email, expires_at__gt=timezone.now())
    found = rows.select_related("tenant", "invited_by__user").order_by("-created_at", "-id")
    return [_offer(row) for row in found if _can_be_accepted(user, row)]


def _can_be_accepted(user: User, row: Invitation) -> bool:
    if Membership.objects.filter(tenant_id=row.tenant_id, user=user, ended_at__isnull=True).exists():
        return False
    return invitations.is_vouched_for(row, row.tenant)


def _offer(row: Invitation) -> Offer:
    inviter = row.invited_by.user.get_full_name()
    return Offer(row.id, row.tenant.name, row.tenant.slug, row.role, inviter, row.expires_at)


def _door(user: User) -> Door | None:
    try:
        domain = email_domains.domain_of(user.email)
    except exceptions.InvalidEmailDomain:
        return None
    rows = EmailDomain.objects.filter(PROVEN, domain=domain, join_role__isnull=False)
    row = rows.select_related("tenant").first()
    if row is None or row.join_role is None or row.tenant.state != "active":
        return None
    if Membership.objects.filter(tenant_id=row.tenant_id, user=user).exists():
        return None
    return Door(row.tenant.slug, row.tenant.name, row.join_role)
