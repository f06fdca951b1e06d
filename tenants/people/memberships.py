"""Who may do what in a tenant: `require` is the one door, and the answer comes from the membership alone."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants import audit_log, context, exceptions, hooks, queries
from tenants.models import LIVE, Membership, Role, User
from tenants.people import exceptions as errors
from tenants.people import permissions
from tenants.people.policy import NO_PROVIDER, NONE, Policy, Provider

SQL = queries.load(Path(__file__).parent.parent / "sql" / "members.sql")
PERSON = ("id", "email", "name", "created_at", "deactivated_at", "session_epoch")
ROLE_MARK = "role:"
log = logging.getLogger(__name__)
# What lets somebody in, or keeps them out; see `is_withheld`.
WITHHELD = frozenset(
    "apps domains email_domains groups invitations keys members ownership roles security service_accounts sessions sso"
    " tokens".split()
)


@dataclass(frozen=True, slots=True)
class Member:
    """Who calls, as a member of the current tenant, and the key or token if a program calls.

    held is all that they may do: by their role, their custom role and their groups, within the scopes of the key or
    token. Of a service account membership_id is the account's id, and user a stand-in that no table holds.
    """

    membership_id: UUID
    user: User
    role: str
    api_key_id: UUID | None = None
    held: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    service_account_id: UUID | None = None
    token_id: str = ""
    policy: Policy = NONE
    provider: Provider = NO_PROVIDER

    def may(self, permission: str) -> bool:
        """Whether the member holds permission. Raises ValueError for a permission that nobody declared."""
        if permission in self.held:
            return True
        permissions.require_known(permission)
        return False


def within(held: frozenset[str], scopes: frozenset[str] | None) -> frozenset[str]:
    """Return what scopes leave of held; None is no limit."""
    return held if scopes is None else held & scopes


def require(user: User | None, tenant: context.HasId, permission: str) -> Member:
    """Return the person's membership in tenant. Raises NotAMember or Refused. One query, in the tenant's context."""
    found = None if user is None else by_user(user.pk, tenant)
    return require_member(found, permission)


def require_member(member: Member | None, permission: str) -> Member:
    """Like `require`, for a membership that this request has already read."""
    if member is None:
        raise exceptions.NotAMember(permission=permission)
    if audit_log.on_behalf.get() is not None and is_withheld(permission):
        raise errors.ImpersonationWithheld(permission=permission)
    if not member.may(permission):
        scoped = member.scopes is not None and permission not in member.scopes
        limit = "The scopes of this key or token do" if scoped else f"The role {member.role} does"
        raise exceptions.Refused(f"{limit} not include {permission}.", permission=permission)
    return member


def require_held(member: Member, wanted: Iterable[str]) -> None:
    """Raise Refused unless member holds all of wanted: nobody grants, or takes from others, what they do not hold."""
    missing = min(set(wanted) - member.held, default=None)
    if missing is not None:
        raise exceptions.Refused(f"You do not hold {missing} yourself.", permission=missing)


def is_withheld(permission: str) -> bool:
    """Whether an operator never gets the permission of the member whom they act as: it gives access to others."""
    subject, _, verb = permission.partition(".")
    return subject in WITHHELD and verb != "read"


def by_user(user_id: UUID, tenant: context.HasId) -> Member | None:
    """Return the live membership of a person, or None: also when the tenant is not active any more."""
    row = _read("by_user", tenant, user_id=user_id)
    return _member(tenant, row) if row else None


def by_key(key_id: UUID, tenant: context.HasId) -> Member | None:
    """Return for whom an API key acts, or None when it or they may not any more; the log says why. One query."""
    row = _read("by_key", tenant, key_id=key_id, now=timezone.now())
    if row is None:
        return None
    refused, prefix, *rest = row
    if refused:
        log.warning("key %s… refused: %s", prefix, refused)
        return None
    return _member(tenant, rest)


def by_subject(subject: UUID, tenant: context.HasId, *, key_id: UUID | None) -> Member | None:
    """Return the member or service account that a token names, or None; key_id is the key that asked for the token."""
    row = _read("by_subject", tenant, subject=subject, key_id=key_id, now=timezone.now())
    return _member(tenant, row) if row else None


def live(tenant: context.HasId) -> QuerySet[Membership]:
    """Return the memberships of tenant that have not ended, with their people."""
    return Membership.objects.filter(LIVE, tenant_id=tenant.id).select_related("user")


def add(user: User, tenant: context.HasId, role: str, *, by: object) -> Membership:
    """Make user a member, unless the hook `joining` objects. Raises IntegrityError when they are one already."""
    role = Role(role)
    with transaction.atomic(using=router.db_for_write(Membership)):
        lock(tenant)
        hooks.joining.send(sender=Membership, tenant=tenant, count=live(tenant).count() + 1)
        membership = Membership.objects.create(tenant_id=tenant.id, user=user, role=role)
        audit_log.record(tenant.id, "membership.added", by=by, subject=user.email, after={"role": role.value})
    return membership


def end(membership: Membership, *, by: object) -> None:
    """End a membership by a date; the row stays, since other rows name it. Raises LastOwner, UnknownMember."""
    tenant = membership.tenant
    with transaction.atomic(using=router.db_for_write(Membership)):
        lock(tenant)
        found = find(membership.id, tenant)
        _keep_an_owner(tenant, without=found)
        membership.ended_at = found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        audit_log.record(
            tenant.id,
            "membership.ended",
            by=by,
            subject=found.user.email,
            before={"role": found.role},
            after={"ended_at": found.ended_at.isoformat()},
        )


def remove(membership_id: UUID, tenant: context.HasId, *, by: Member) -> None:
    """End somebody's membership. Raises Refused for one who holds more than `by`, LastOwner, UnknownMember."""
    with changing(tenant, by=by) as actor:
        membership = find(membership_id, tenant)
        require_held(actor, held_by(membership, tenant))
        end(membership, by=actor.user)


def leave(tenant: context.HasId, *, by: Member) -> None:
    """End one's own membership. Raises LastOwner."""
    end(find(by.membership_id, tenant), by=by.user)


def change_role(membership_id: UUID, tenant: context.HasId, role: str, *, by: Member) -> Membership:
    """Give a member another built-in role. Raises Refused, LastOwner, UnknownMember, InvalidRole."""
    if role not in Role.values:
        raise errors.InvalidRole(f"There is no role {role!r}. Roles: {', '.join(Role.values)}.")
    with changing(tenant, by=by) as actor:
        membership = find(membership_id, tenant)
        require_held(actor, held_by(membership, tenant) | permissions.of_role(role))
        if role != Role.OWNER:
            _keep_an_owner(tenant, without=membership)
        return set_role(membership, role, by=actor.user)


def lock(tenant: context.HasId) -> None:
    """Have every other change of the tenant's members wait until this transaction ends.

    The owners' rows are the lock: a tenant has few and at least one, and each change passes here first. The rows are
    taken in one order, so that two never wait for each other.
    """
    owners = Membership.objects.filter(LIVE, tenant_id=tenant.id, role=Role.OWNER).order_by("id")
    list(owners.select_for_update(no_key=True).values_list("id"))


@contextmanager
def changing(tenant: context.HasId, *, by: Member) -> Iterator[Member]:
    """Have every other change of the tenant's members wait; yields `by` as they are now. Raises NotAMember.

    What they may do was read when the request began, and somebody may have taken it from them since.
    """
    with transaction.atomic(using=router.db_for_write(Membership)):
        lock(tenant)
        now = by_subject(by.membership_id, tenant, key_id=by.api_key_id)
        if now is None:
            raise exceptions.NotAMember()
        yield replace(by, role=now.role, held=by.held & now.held)


def set_role(membership: Membership, role: str, *, by: object) -> Membership:
    """Write the role of a membership, and that it was changed. Runs inside of `changing`; who may, is asked before."""
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    audit_log.record(
        membership.tenant_id,
        "membership.role_changed",
        by=by,
        subject=membership.user.email,
        before={"role": before},
        after={"role": str(role)},
    )
    return membership


def refresh(tenant: context.HasId) -> None:
    """Compute again what custom roles and groups add to each live member. Runs inside of `changing`, after a change."""
    with connections[router.db_for_write(Membership)].cursor() as cursor:
        cursor.execute(SQL["refresh"], {"tenant_id": tenant.id})


def find(membership_id: UUID, tenant: context.HasId) -> Membership:
    """Return a live membership of tenant. Raises UnknownMember."""
    found = live(tenant).filter(id=membership_id).first()
    if found is None:
        raise errors.UnknownMember()
    return found


def held_by(membership: Membership, tenant: context.HasId) -> frozenset[str]:
    """Return what a live member of an active tenant may do now."""
    found = by_user(membership.user_id, tenant)
    return permissions.of_role(membership.role) if found is None else found.held


def _keep_an_owner(tenant: context.HasId, *, without: Membership) -> None:
    """Raise LastOwner when nobody but this member can act as an owner. Runs behind the lock."""
    owners = live(tenant).filter(role=Role.OWNER, user__deactivated_at__isnull=True)
    if without.role == Role.OWNER and not owners.exclude(id=without.id).exists():
        raise errors.LastOwner()


def _read(query: str, tenant: context.HasId, **params: UUID | datetime | None) -> Sequence[Any] | None:
    with connections[router.db_for_read(Membership)].cursor() as cursor:
        cursor.execute(SQL[query], {"tenant_id": tenant.id, **params})
        row: Sequence[Any] | None = cursor.fetchone()
    return row


def _member(tenant: context.HasId, row: Sequence[Any]) -> Member:
    membership_id, role, key_id, scopes, account_id, added, epoch, *rest = row
    mfa_required, session_minutes, networks, provider_id, domains, *person = rest
    user = User.from_db(router.db_for_read(User), PERSON, person)
    # The row's epoch and not the directory's, which may be a second old: a rotation ends sessions at once.
    user.session_scope = f"{tenant.id.hex}:{epoch}"
    if account_id is not None:
        user.service_account = user.name
    held = permissions.of_role(role) | _meant(added) if added else permissions.of_role(role)
    limit = None if scopes is None else frozenset(scopes)
    user.held = within(held, limit)
    asked, provider = (
        Policy.read(mfa_required, session_minutes, networks),
        Provider.read(provider_id, domains),
    )
    return Member(
        membership_id, user, role, key_id, user.held, limit, account_id, policy=asked, provider=provider
    )


def _meant(added: list[str]) -> frozenset[str]:
    """Return the permissions that custom roles and groups add; one whose app is gone is none."""
    roles = (text.removeprefix(ROLE_MARK) for text in added if text.startswith(ROLE_MARK))
    return (frozenset(added) & permissions.known()).union(*map(permissions.of_role, filter(None, roles)))
