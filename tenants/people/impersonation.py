"""An operator acts as a member: granted in the console, handed over by a code; the tenant sees it and can forbid it.

Rows are written by the console and read by `identity` and the tenant: no tenant-facing process holds its login.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tenants import audit_log, context
from tenants.models import (
    LIVE,
    ImpersonationBan,
    ImpersonationCode,
    ImpersonationGrant,
    Membership,
    Tenant,
    User,
)
from tenants.models.operators import LONGEST, REASON_LENGTH
from tenants.people import exceptions as errors
from tenants.people import memberships, operators

CODE_LIFE = timedelta(seconds=60)
CODE_BYTES = 32
USUAL = timedelta(minutes=30)
LISTED = 100
CLAIM = (
    "impersonation"  # where a session keeps the id of its grant; who is signed in there stands nowhere in it
)


@dataclass(frozen=True, slots=True)
class Handover:
    """A grant, and the code that takes the operator's browser to the tenant's host: shown once."""

    grant: ImpersonationGrant
    code: str


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator as the tenant's record names them."""

    pk: UUID
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts as whom in this request, as the row says at its beginning."""

    grant_id: UUID
    operator: Operator
    member: memberships.Member
    reason: str
    read_only: bool
    expires_at: datetime


def grant(
    operator: User,
    membership: Membership,
    *,
    reason: str,
    length: timedelta = USUAL,
    write: bool = False,
) -> Handover:
    """Let operator act as the member for a while. Runs in `context.operator()`.

    Raises OperatorRefused when their role does not include it, ImpersonationForbidden when the tenant does not want it,
    ImpersonationRefused without a reason, for longer than an hour, or for who is no member any more.
    """
    operators.require(operator, "impersonate")
    if write:
        operators.require(operator, "impersonate.write")
    _check(membership, reason, length)
    now = timezone.now()
    made = ImpersonationGrant.objects.create(
        tenant_id=membership.tenant_id,
        operator=operator,
        operator_name=operator.email,
        membership=membership,
        reason=reason.strip(),
        read_only=not write,
        created_at=now,
        expires_at=now + length,
    )
    code = secrets.token_urlsafe(CODE_BYTES)
    ImpersonationCode.objects.create(
        grant=made, tenant_id=made.tenant_id, digest=_digest(code), expires_at=now + CODE_LIFE
    )
    person = membership.user.email
    audit_log.record(made.tenant_id, "impersonation.granted", by=operator, subject=person, after=_facts(made))
    operators.record(operator, "impersonation.granted", subject=person, tenant_ids=(made.tenant_id,))
    return Handover(made, code)


def start(code: str, tenant: context.HasId) -> ImpersonationGrant:
    """Use up a code of this tenant and return its grant. Runs in `context.identity()`. Raises ImpersonationOver.

    One statement takes the code, so that of two browsers that show it at once one is refused.
    """
    now = timezone.now()
    codes = ImpersonationCode.objects.filter(tenant_id=tenant.id, digest=_digest(code))
    if not codes.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        audit_log.record(tenant.id, "impersonation.refused", by="anonymous", subject="code")
        raise errors.ImpersonationOver(
            "The code is unknown, used or too old. Ask for a new one in the console."
        )
    found = ImpersonationGrant.objects.get(id=codes.get().grant_id, tenant_id=tenant.id)
    if not _live(tenant.id).filter(id=found.id).exists() or is_forbidden(tenant):
        raise errors.ImpersonationOver()
    found.started_at = now
    found.save(update_fields=["started_at"])
    _record_of(found, "impersonation.started")
    return found


def current(grant_id: UUID, tenant: context.HasId) -> Acting | None:
    """Return who acts as whom, or None when that is over. Runs in the tenant's context; 3 queries, none cached."""
    found = (
        _live(tenant.id).filter(id=grant_id, started_at__isnull=False).select_related("membership").first()
    )
    if found is None or is_forbidden(tenant):
        return None
    member = memberships.by_user(found.membership.user_id, tenant)
    if member is None or member.membership_id != found.membership_id:
        return None
    operator = Operator(found.operator_id, found.operator_name)
    return Acting(found.id, operator, member, found.reason, found.read_only, found.expires_at)


def end(grant_id: UUID, tenant: context.HasId) -> bool:
    """End an impersonation at once; False when it had ended. Runs in `context.identity()`."""
    found = _live(tenant.id).filter(id=grant_id).first()
    if found is None:
        return False
    _live(tenant.id).filter(id=grant_id).update(ended_at=timezone.now())
    _record_of(found, "impersonation.ended")
    return True


def forbid(tenant: context.HasId, *, by: User) -> None:
    """Let no operator act as a member, and end those who do. Runs in `context.identity()`."""
    _, made = ImpersonationBan.objects.get_or_create(tenant_id=tenant.id, defaults={"set_by": by.email})
    ended = _live(tenant.id).update(ended_at=timezone.now())
    if made:
        audit_log.record(tenant.id, "impersonation.forbidden", by=by, after={"ended": ended})


def allow(tenant: context.HasId, *, by: User) -> None:
    """Let operators act as members again. Runs in `context.identity()`."""
    deleted, _ = ImpersonationBan.objects.filter(tenant_id=tenant.id).delete()
    if deleted:
        audit_log.record(tenant.id, "impersonation.allowed", by=by)


def is_forbidden(tenant: context.HasId) -> bool:
    return ImpersonationBan.objects.filter(tenant_id=tenant.id).exists()


def forbidden_since(tenant: context.HasId) -> datetime | None:
    return ImpersonationBan.objects.filter(tenant_id=tenant.id).values_list("since", flat=True).first()


def listing(tenant: context.HasId) -> QuerySet[ImpersonationGrant]:
    """Return the newest impersonations of the tenant, also those that never started."""
    rows = ImpersonationGrant.objects.filter(tenant_id=tenant.id).select_related("membership__user")
    return rows.order_by("-created_at")[:LISTED]


def _check(membership: Membership, reason: str, length: timedelta) -> None:
    if len(reason.strip()) < REASON_LENGTH:
        raise errors.ImpersonationRefused(
            f"Give a reason of {REASON_LENGTH} characters or more: the tenant reads it."
        )
    if not timedelta(minutes=1) <= length <= LONGEST:
        raise errors.ImpersonationRefused("An impersonation lasts 1 to 60 minutes.")
    tenant = Tenant.objects.get(id=membership.tenant_id)
    if tenant.state != "active":
        raise errors.ImpersonationRefused(f"The tenant is {tenant.state}: its host answers nobody.")
    if membership.ended_at is not None or not membership.user.is_active:
        raise errors.ImpersonationRefused("This person is no member of the tenant any more.")
    if is_forbidden(tenant):
        raise errors.ImpersonationForbidden()


def _live(tenant_id: UUID) -> QuerySet[ImpersonationGrant]:
    return ImpersonationGrant.objects.filter(LIVE, tenant_id=tenant_id, expires_at__gt=timezone.now())


def _record_of(found: ImpersonationGrant, action: str) -> None:
    operator = Operator(found.operator_id, found.operator_name)
    audit_log.record(found.tenant_id, action, by=operator, subject=found.id)


def _facts(made: ImpersonationGrant) -> dict[str, object]:
    return {
        "impersonation": str(made.id),
        "reason": made.reason,
        "read_only": made.read_only,
        "expires_at": made.expires_at.isoformat(),
    }


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
