"""Service accounts of a tenant: made, changed and ended; each verb runs in `context.identity()`."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import audit_log, context
from tenants.models import ApiKey, Role, ServiceAccount
from tenants.people import exceptions as errors
from tenants.people import keys, permissions
from tenants.people.memberships import Member


def create(tenant: context.HasId, *, name: str, role: str, by: Member) -> ServiceAccount:
    """Add a service account that may do no more than `by` may. Raises InvalidAccount, Refused."""
    account = ServiceAccount(tenant_id=tenant.id, name=name, role=_role(role, by))
    _save(account, force_insert=True)
    after = {"name": name, "role": account.role}
    audit_log.record(tenant.id, "service_account.created", by=by.user, subject=name, after=after)
    return account


def change(
    account_id: UUID, tenant: context.HasId, *, by: Member, name: str | None = None, role: str | None = None
) -> ServiceAccount:
    """Rename an account or give it another role, also to its keys. Raises DoesNotExist, InvalidAccount, Refused."""
    account = live(account_id, tenant, lock=True)
    keys.require_reach(by, permissions.of_role(account.role), None)
    before = {"name": account.name, "role": account.role}
    account.name = account.name if name is None else name
    account.role = account.role if role is None else _role(role, by)
    _save(account)
    after = {"name": account.name, "role": account.role}
    audit_log.record(
        tenant.id, "service_account.changed", by=by.user, subject=account.id, before=before, after=after
    )
    return account


def end(account_id: UUID, tenant: context.HasId, *, by: Member) -> None:
    """End an account by a date and revoke its keys; the row stays, since the record names it. Raises DoesNotExist."""
    account = live(account_id, tenant, lock=True)
    account.ended_at = timezone.now()
    account.save(update_fields=["ended_at"])
    rows = ApiKey.objects.filter(tenant_id=tenant.id, service_account_id=account.id, revoked_at=None)
    rows.update(revoked_at=account.ended_at)
    audit_log.record(tenant.id, "service_account.ended", by=by.user, subject=account.name)


def live(account_id: UUID, tenant: context.HasId, *, lock: bool = False) -> ServiceAccount:
    """Return an account of the tenant that has not ended. Raises DoesNotExist."""
    rows = ServiceAccount.objects.select_for_update() if lock else ServiceAccount.objects.all()
    return rows.get(id=account_id, tenant_id=tenant.id, ended_at=None)


def _role(role: str, by: Member) -> str:
    if role not in Role.values or role == Role.OWNER:
        raise errors.InvalidAccount()
    keys.require_reach(by, permissions.of_role(role), None)
    return role


def _save(account: ServiceAccount, *, force_insert: bool = False) -> None:
    try:
        with transaction.atomic():
            account.save(force_insert=force_insert)
    except IntegrityError as error:
        raise errors.InvalidAccount() from error
