"""Whether a login may serve: asked once of each new connection, before anything else is sent over it."""

from pathlib import Path

from psycopg import pq
from psycopg.pq.abc import PGconn

from tenants import exceptions, queries
from tenants.context import ALIAS, Kind

# Sent as it stands, below any cursor of ours: outside of a context those let nothing through.
QUERY = queries.load(Path(__file__).parents[1] / "sql" / "powers.sql")["of_session"].encode()
# Serves tenants: it may reach nothing but what SET ROLE gives it.
TENANT_FACING = ALIAS[Kind.TENANT]


def refuse(connection: PGconn, alias: str) -> None:
    """Raise UnsafeLogin when the session's login could skip a policy, or as `default` leave its contexts.

    One round trip. Raises it too when the server gives no answer: what is not known is not safe.
    """
    found = excess(connection, alias)
    if found:
        raise exceptions.UnsafeLogin(
            f"The login of the database alias {alias!r} {found}."
            " Nothing is served with it: connect as app, console, owner or backup; see deploy/roles.sql."
        )


def excess(connection: PGconn, alias: str) -> str:
    """Return what the session's login has too much, in words; empty when there is nothing."""
    result = connection.exec_params(QUERY, None)
    if result.status != pq.ExecStatus.TUPLES_OK or result.ntuples != 1:
        return f"could not be examined ({result.get_error_message().strip()})"
    skips, reaches = (result.get_value(0, column) for column in range(2))
    found = [skips, reaches] if alias == TENANT_FACING else [skips]
    return ", ".join(text.decode() for text in found if text)
