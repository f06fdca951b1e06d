"""Tells a person, and the record, that what proves who they are was changed."""

from django.utils import timezone

from tenants import audit_log, links, mail
from tenants.models import User
from tenants.signing import HasEpoch


def tell(tenant: HasEpoch, user: User, action: str, change: str) -> None:
    """Record action and mail the person, in the transaction of the change."""
    audit_log.record(tenant.id, action, by=user, after={"change": change})
    values = {"change": change, "at": timezone.now(), "link": links.absolute("/account", tenant)}
    mail.send("mfa_changed", user.email, values, tenant=tenant)
