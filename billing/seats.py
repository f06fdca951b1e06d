"""Seats: how many people a tenant's plan allows, and the refusal of one more."""

from dataclasses import dataclass
from uuid import UUID

from billing.models import Subscription
from tenants import context
from tenants.models import LIVE
from tenants.people import exceptions as errors
from tenants.people import invitations, memberships


@dataclass(frozen=True, slots=True)
class Seats:
    """used are members, invited have an open invitation; both count. limit is None where the plan has none."""

    used: int
    invited: int
    limit: int | None


def limit(tenant_id: UUID) -> int | None:
    """Return how many seats the tenant's plan has, None for any number and without a plan. One query.

    It reads what `identity` may: these columns of live subscriptions and of the catalogue, and no others.
    """
    rows = Subscription.objects.filter(LIVE, tenant_id=tenant_id).values_list("plan__seats", flat=True)
    return next(iter(rows), None)  # first() would sort by a column that `identity` may not read


def refuse_beyond(tenant_id: UUID, count: int) -> None:
    """Raise SeatsTaken when so many people are more than the plan allows."""
    allowed = limit(tenant_id)
    if allowed is not None and count > allowed:
        raise errors.SeatsTaken(
            f"All seats of the plan ({allowed}) are taken. Remove a member, revoke an invitation,"
            " or choose a plan with more seats."
        )


def of(tenant: context.HasId) -> Seats:
    """Return how many seats of a tenant are taken. Three queries, as `identity`."""
    return Seats(memberships.live(tenant).count(), invitations.pending(tenant).count(), limit(tenant.id))
