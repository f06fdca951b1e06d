"""The one message that enters a context, and the one that leaves it inside a test's own transaction."""

from functools import lru_cache
from uuid import UUID

from django.conf import settings
from psycopg import IsolationLevel

from tenants import exceptions, names
from tenants.context import Actor, Context, Kind, Who

LEAVE = (
    b"SET LOCAL ROLE NONE; SET LOCAL search_path TO DEFAULT; SET LOCAL statement_timeout TO DEFAULT"
    b"; SET LOCAL leasehold.actor = ''"
)
ACTORS = {who: b"SET LOCAL leasehold.actor = '" + who.encode("ascii") + b"'" for who in Who}


def message(
    context: Context, *, begin: bool, role: bool = True, isolation: IsolationLevel | None = None
) -> bytes:
    """Return the statements that enter context, as one simple-protocol string (one round trip).

    `role` is False for a session that logged in as the tenant. Identifiers come from a UUID's hex digits or are
    literals here, so nothing of a user is ever quoted.
    """
    parts = [_begin(context, isolation)] if begin else []
    if context.tenant_id is not None:
        parts.append(_tenant(context.tenant_id, role, settings.LEASEHOLD_STATEMENT_TIMEOUT_MS))
        parts.append(_actor(context.actor))
    else:
        parts += [b"SET LOCAL ROLE identity"] if context.kind is Kind.IDENTITY else []
        parts += [b"SET LOCAL search_path = public"]
    return b"; ".join(parts)


@lru_cache(maxsize=10_000)
def _tenant(tenant_id: UUID, role: bool, timeout_ms: int) -> bytes:  # noqa: FBT001  a key of the cache
    schema = names.schema_of(tenant_id).encode("ascii")
    return b"; ".join(
        [
            *([b"SET LOCAL ROLE " + schema] if role else []),
            b"SET LOCAL search_path = " + schema + b", public",
            b"SET LOCAL application_name = " + schema,
            b"SET LOCAL statement_timeout = %d" % timeout_ms,
        ]
    )


def _actor(actor: Actor) -> bytes:
    """Return who acts, always: what the transaction before has set is not asked. Raises WrongActor."""
    if isinstance(actor, UUID):
        return b"SET LOCAL leasehold.actor = '%s'" % str(UUID(int=actor.int)).encode("ascii")
    try:
        return ACTORS[actor]
    except KeyError:
        raise exceptions.WrongActor(f"{actor!r} is nobody who can act in a tenant.") from None


def _begin(context: Context, isolation: IsolationLevel | None) -> bytes:
    if context.kind is Kind.BACKUP:
        return b"BEGIN ISOLATION LEVEL REPEATABLE READ"
    level = f" ISOLATION LEVEL {isolation.name.replace('_', ' ')}" if isolation is not None else ""
    return b"BEGIN" + level.encode("ascii") + (b" READ ONLY" if context.read_only else b"")
