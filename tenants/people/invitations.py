"""Invitations: sent to an address, good once and for a week, accepted by the person who has that address alone."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.core.validators import validate_email
from django.db import router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants import audit_log, context, exceptions, hooks, links, mail, signing
from tenants.models import OPEN, Invitation, InvitationDigest, Membership, Role, Tenant, User
from tenants.people import exceptions as errors
from tenants.people import memberships, permissions
from tenants.people.memberships import Member
from tenants.signing import HasEpoch

LIFETIME = timedelta(days=7)
OPEN_MAX = 200  # per tenant: an invitation is a mail to a stranger
SECRET_BYTES = 32
SALT = "tenants.people.invitations"
PATH = "/invitations/"


@dataclass(frozen=True, slots=True)
class Offer:
    """What whoever holds the token of an invitation may know of it before they accept."""

    email: str
    role: str
    inviter: str
    expires_at: datetime
    known: bool  # there is a person with this address, who must prove that it is them


def invite(tenant: HasEpoch, email: str, role: str, *, by: Member) -> Invitation:
    """Invite an address and send it the link. Runs in `context.identity()`.

    Raises Refused (a role above the inviter's), InvalidRole, AlreadyMember, AlreadyInvited, TooManyInvitations,
    InvalidInvitation (no address, or a tenant that is not active), and what the hook `inviting` raises.
    """
    email = _address(email)
    if role not in Role.values:
        raise errors.InvalidRole(f"There is no role {role!r}. Roles: {', '.join(Role.values)}.")
    with memberships.changing(tenant, by=by) as actor:
        _require_person(actor)
        memberships.require_held(actor, permissions.of_role(role))
        _refuse_second(tenant, email)
        _ask_for_a_seat(tenant, pending(tenant))
        invitation = Invitation.objects.create(
            tenant_id=tenant.id,
            email=email,
            role=role,
            invited_by_id=actor.membership_id,
            expires_at=timezone.now() + LIFETIME,
        )
        _record(invitation, "invitation.sent", by=actor.user, after=_facts(invitation))
        _send(invitation, tenant, by=actor)
    return invitation


def resend(invitation_id: UUID, tenant: HasEpoch, *, by: Member) -> Invitation:
    """Send a new link, good for a week from now; the old one is void.

    Raises Refused, UnknownInvitation, and what the hook `inviting` raises.
    """
    with memberships.changing(tenant, by=by) as actor:
        _require_person(actor)
        invitation = _find_open(invitation_id, tenant)
        memberships.require_held(actor, permissions.of_role(invitation.role))
        _ask_for_a_seat(tenant, pending(tenant).exclude(id=invitation.id))
        before = _facts(invitation)
        invitation.expires_at = timezone.now() + LIFETIME
        invitation.invited_by_id = actor.membership_id
        invitation.save(update_fields=["expires_at", "invited_by"])
        _record(invitation, "invitation.resent", by=actor.user, before=before, after=_facts(invitation))
        _send(invitation, tenant, by=actor)
    return invitation


def revoke(invitation_id: UUID, tenant: HasEpoch, *, by: Member) -> None:
    """Make an invitation void. Raises Refused, UnknownInvitation."""
    with memberships.changing(tenant, by=by) as actor:
        invitation = _find_open(invitation_id, tenant)
        memberships.require_held(actor, permissions.of_role(invitation.role))
        _revoke(invitation, by=actor.user)


def listing(tenant: HasEpoch) -> QuerySet[Invitation]:
    """Return the open invitations of tenant, newest first, those that have expired as well."""
    rows = Invitation.objects.filter(OPEN, tenant_id=tenant.id).select_related("invited_by__user")
    return rows.order_by("-created_at", "-id")


def pending(tenant: context.HasId) -> QuerySet[Invitation]:
    """Return the invitations of tenant that can still be accepted."""
    return Invitation.objects.filter(OPEN, tenant_id=tenant.id, expires_at__gt=timezone.now())


def read(token: str, tenant: HasEpoch) -> Offer:
    """Return what a token offers; nothing is changed. Raises InvalidInvitation."""
    invitation = _check(token, tenant)
    return Offer(
        email=invitation.email,
        role=invitation.role,
        inviter=invitation.invited_by.user.get_full_name(),
        expires_at=invitation.expires_at,
        known=_person(invitation.email) is not None,
    )


def accept(
    token: str,
    tenant: HasEpoch,
    *,
    signed_in: User | None = None,
    name: str = "",
    password: str = "",
) -> Membership:
    """Make the invited person a member. Runs in `context.identity()`.

    They are who is signed in, or who enters the password of the person with that address; where there is none yet, one
    is made, and password becomes theirs: the token came to their address, so it is proven. Of two who use a token at
    once one is refused. Raises InvalidInvitation, InvitedAnother, ProofNeeded, InvalidPassword, AlreadyMember, and what
    the hook `joining` raises.
    """
    with transaction.atomic(using=router.db_for_write(Invitation)):
        memberships.lock(tenant)  # as whoever sends or revokes does, before the invitation itself
        invitation = _check(token, tenant, lock=True)
        if signed_in is not None and signed_in.email.lower() != invitation.email:
            raise errors.InvitedAnother()
        user = signed_in or _prove(invitation.email, name=name, password=password)
        return _take(invitation, tenant, user)


def accept_as(user: User, invitation_id: UUID, tenant: HasEpoch) -> Membership:
    """Make a person a member, who has proven that the invited address is theirs: as good as the token, and as often.

    The caller has looked at that proof. Raises InvalidInvitation, AlreadyMember, and what the hook `joining` raises.
    """
    with transaction.atomic(using=router.db_for_write(Invitation)):
        memberships.lock(tenant)
        invitation = _locked(invitation_id, tenant)
        if invitation is None or not user.is_active or user.email.lower() != invitation.email:
            raise errors.InvalidInvitation()
        if invitation.expires_at <= timezone.now() or not is_vouched_for(invitation, tenant):
            raise errors.InvalidInvitation()
        return _take(invitation, tenant, user)


def is_vouched_for(invitation: Invitation, tenant: HasEpoch) -> bool:
    """Whether who invited still could: else somebody who was removed would have left a door open.

    False also when the tenant is not active.
    """
    inviter = memberships.by_user(invitation.invited_by.user_id, tenant)
    if inviter is None or inviter.membership_id != invitation.invited_by_id:
        return False
    return permissions.of_role(invitation.role) <= inviter.held and inviter.may("members.manage")


def _take(invitation: Invitation, tenant: HasEpoch, user: User) -> Membership:
    """Make the person a member and use the invitation up. Runs behind the locks."""
    if memberships.live(tenant).filter(user=user).exists():
        raise errors.AlreadyMember()
    membership = memberships.add(user, tenant, invitation.role, by=user)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), membership
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    InvitationDigest.objects.filter(tenant_id=tenant.id, invitation=invitation).delete()
    _record(invitation, "invitation.accepted", by=user, after={"role": invitation.role})
    return membership


def _check(token: str, tenant: HasEpoch, *, lock: bool = False) -> Invitation:
    """Return the invitation of a token that can be accepted now. Raises InvalidInvitation, which tells no reason."""
    try:
        hexadecimal, secret = signing.loads(token, salt=SALT, tenant=tenant)
        invitation_id = UUID(hexadecimal)
    except (BadSignature, ValueError, TypeError) as error:
        raise errors.InvalidInvitation() from error
    invitation = _locked(invitation_id, tenant) if lock else _rows(tenant).filter(id=invitation_id).first()
    if invitation is None or invitation.expires_at <= timezone.now() or not _fits(invitation, secret):
        raise errors.InvalidInvitation()
    if not is_vouched_for(invitation, tenant):
        raise errors.InvalidInvitation()
    return invitation


def _rows(tenant: HasEpoch) -> QuerySet[Invitation]:
    return Invitation.objects.filter(OPEN, tenant_id=tenant.id).select_related("invited_by__user")


def _locked(invitation_id: UUID, tenant: HasEpoch) -> Invitation | None:
    """Return an open invitation that nobody else uses until this transaction ends."""
    return _rows(tenant).select_for_update(of=("self",), no_key=True).filter(id=invitation_id).first()


def _fits(invitation: Invitation, secret: str) -> bool:
    row = InvitationDigest.objects.filter(tenant_id=invitation.tenant_id, invitation=invitation).first()
    return row is not None and hmac.compare_digest(bytes(row.digest), _digest(secret))


def _prove(email: str, *, name: str, password: str) -> User:
    """Return the person with this address, or a new one. Raises ProofNeeded, InvalidPassword."""
    user = _person(email)
    if user is None:
        return _new_person(email, name=name, password=password)
    if not user.is_active or not password or not user.check_password(password):
        raise errors.ProofNeeded()
    return user


def _new_person(email: str, *, name: str, password: str) -> User:
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise errors.InvalidPassword(" ".join(error.messages)) from error
    return User.objects.create_user(
        email, name=" ".join(name.split())[:200], password=password, verified=True
    )


def _person(email: str) -> User | None:
    return User.objects.filter(email__iexact=email).first()


def _refuse_second(tenant: HasEpoch, email: str) -> None:
    """Raise when the address is a member or invited; an invitation that has expired makes room for the new one."""
    if memberships.live(tenant).filter(user__email__iexact=email).exists():
        raise errors.AlreadyMember()
    former = Invitation.objects.filter(OPEN, tenant_id=tenant.id, email__iexact=email).first()
    if former is not None:
        if former.expires_at > timezone.now():
            raise errors.AlreadyInvited()
        _revoke(former, by="expired")
    if Invitation.objects.filter(OPEN, tenant_id=tenant.id).count() >= OPEN_MAX:
        raise errors.TooManyInvitations()


def _ask_for_a_seat(tenant: HasEpoch, others: QuerySet[Invitation]) -> None:
    """Let the floor above object to one more invitation, beside the members and the others."""
    count = memberships.live(tenant).count() + others.count() + 1
    hooks.inviting.send(sender=Invitation, tenant=tenant, count=count)


def _find_open(invitation_id: UUID, tenant: HasEpoch) -> Invitation:
    invitation = _locked(invitation_id, tenant)
    if invitation is None:
        raise errors.UnknownInvitation()
    return invitation


def _revoke(invitation: Invitation, *, by: object) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    InvitationDigest.objects.filter(tenant_id=invitation.tenant_id, invitation=invitation).delete()
    _record(invitation, "invitation.revoked", by=by, before=_facts(invitation))


def _send(invitation: Invitation, tenant: HasEpoch, *, by: Member) -> None:
    """Give the invitation a new token, which only the mail ever holds."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    InvitationDigest.objects.update_or_create(
        invitation=invitation, defaults={"tenant_id": tenant.id, "digest": _digest(secret)}
    )
    token = signing.dumps([invitation.id.hex, secret], salt=SALT, tenant=tenant)
    values = {
        "inviter": by.user.get_full_name(),
        "tenant_name": Tenant.objects.values_list("name", flat=True).get(id=tenant.id),
        "role": invitation.role,
        "link": links.absolute(PATH + token, tenant),
        "expires": invitation.expires_at,
    }
    mail.send("invitation", invitation.email, values, tenant=tenant)


def _require_person(actor: Member) -> None:
    """Raise Refused for a service account: an invitation holds only while the person who sent it may invite."""
    if actor.service_account_id is not None:
        raise exceptions.Refused("A service account invites nobody.", permission="members.manage")


def _address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise errors.InvalidAddress() from error
    return email


def _digest(secret: str) -> bytes:
    return hashlib.sha256(str(secret).encode()).digest()


def _facts(invitation: Invitation) -> dict[str, Any]:
    return {"role": invitation.role, "expires_at": invitation.expires_at.isoformat()}


def _record(
    invitation: Invitation,
    action: str,
    *,
    by: object,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit_log.record(
        invitation.tenant_id, action, by=by, subject=invitation.email, before=before, after=after
    )
