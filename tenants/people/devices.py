"""The browsers in which a person is signed in: which they are, and ending one of them or all. As `identity`."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tenants import audit_log, context, ids
from tenants.models import Session, User
from tenants.people.sessions import SessionStore


@dataclass(frozen=True, slots=True)
class Device:
    """A signed-in browser. id names it and opens nothing."""

    id: str
    began: datetime
    expires: datetime
    address: str
    browser: str
    current: bool


def of(user: User, tenant: context.HasId, current_key: str | None) -> list[Device]:
    """Return where the person is signed in on this tenant's host, newest first."""
    rows = _live(user).filter(tenant_id=tenant.id).order_by("-created_at")
    return [_device(row, current_key) for row in rows]


def elsewhere(user: User, tenant: context.HasId) -> int:
    """Return in how many browsers the person is signed in on hosts of other tenants."""
    return _live(user).exclude(tenant_id=tenant.id).count()


def end(user: User, tenant: context.HasId, device_id: str) -> bool:
    """End one session of the person on this tenant's host, at once. False when there is none with this id."""
    for row in _live(user).filter(tenant_id=tenant.id):
        if constant_time_compare(_id(row.session_key), device_id):
            SessionStore(row.session_key, row.tenant_id).delete()
            audit_log.record(tenant.id, "session.ended", by=user, subject=device_id)
            return True
    return False


def end_everywhere(user: User, tenant: context.HasId) -> None:
    """End all sessions of the person in all tenants, also what waits for a second factor, and unused reset links.

    The epoch is read with every request, so no process lets one of them in again, whatever its cache holds.
    """
    user.session_epoch = ids.new_epoch()
    user.save(update_fields=["session_epoch"])
    forget(user)
    audit_log.record(tenant.id, "sessions.ended", by=user)


def forget(user: User, *, keep: str | None = None) -> None:
    """Delete the rows of the person's sessions on all hosts, but for the session `keep`."""
    for row in Session.objects.filter(user_id=user.pk).exclude(session_key=keep or ""):
        SessionStore(row.session_key, row.tenant_id).delete()


def _live(user: User) -> QuerySet[Session]:
    return Session.objects.filter(user_id=user.pk, expire_date__gt=timezone.now())


def _device(row: Session, current_key: str | None) -> Device:
    data = SessionStore().decode(row.session_data)
    began = data.get("began")
    return Device(
        id=_id(row.session_key),
        began=datetime.fromtimestamp(began, UTC) if began else row.created_at,
        expires=row.expire_date,
        address=data.get("address", ""),
        browser=data.get("browser", ""),
        current=row.session_key == current_key,
    )


def _id(session_key: str) -> str:
    return hashlib.sha256(f"device:{session_key}".encode()).hexdigest()[:32]
