"""What the floors above may join in on. Receivers run in the same transaction; one that raises has vetoed."""

from django.dispatch import Signal

# tenant: Tenant, options: dict[str, str] (pop what is yours: what is left over is refused), source: Tenant | None.
created = Signal()
# tenant: Tenant. Its schema still stands, unless `tenant_repair` sends this again: what is ended stays so.
destroying = Signal()
# tenant: Tenant. A receiver returns for how many days its audit entries are kept, or None; the longest counts.
retention = Signal()
# tenant: what has the tenant's id, count: int of live members with the one who joins. It runs before the row is added,
# while nobody else can join the tenant; a veto is an error such as SeatsTaken. The role is `identity` or `owner`.
joining = Signal()
# tenant: what has the tenant's id, count: int of live members and open invitations with the one that is sent. As
# `identity`, while nobody else can join or be invited; a veto tells early what `joining` would tell the invited person.
inviting = Signal()
