"""Tells a person, and the record, that what proves who they are was changed."""

from django.utils import timezone

from tenants import audit_log, links, mail
from tenants.models import LIVE, Membership, User
from tenants.signing import HasEpoch


def tell(tenant: HasEpoch | None, user: User, action: str, change: str) -> None:
    """Record action and mail the person, in the transaction of the change; without a tenant, as the apex."""
    if tenant is None:
        record_everywhere(user, action, change=change)
        link = links.apex("/account")
    else:
        audit_log.record(tenant.id, action, by=user, after={"change": change})
        link = links.absolute("/account", tenant)
    mail.send(
        "mfa_changed", user.email, {"change": change, "at": timezone.now(), "link": link}, tenant=tenant
    )


def record_everywhere(user: User, action: str, **after: str) -> None:
    """Record what a person did on the apex in each tenant that they are a member of: it lets them in there, too."""
    memberships = Membership.objects.filter(LIVE, user=user, tenant__destroyed_at__isnull=True)
    for tenant_id in memberships.order_by("id").values_list("tenant_id", flat=True):
        audit_log.record(tenant_id, action, by=user, after={**after, "where": "apex"})
