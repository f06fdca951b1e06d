"""Connections that threads share: one pool per alias, from which a connection comes back clean or not at all."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import OperationalError, pq
from psycopg_pool import ConnectionPool

from tenants.db import driver

if TYPE_CHECKING:
    from tenants.db.base import DatabaseWrapper

OURS = frozenset({"kwargs", "connection_class", "open", "configure", "check", "reset", "close_returns"})
# What a context must leave as it found it, and what an earlier user could have left behind for a later one.
STATE = (
    b"SELECT current_user, session_user, current_setting('search_path'), current_setting('statement_timeout'),"
    b" current_setting('application_name'), pg_my_temp_schema(),"
    b" EXISTS (SELECT FROM pg_cursors), EXISTS (SELECT FROM pg_listening_channels())"
)


class NotClean(OperationalError):
    """A connection that comes back to the pool is not as it was when it was opened."""


def make(wrapper: "DatabaseWrapper") -> "ConnectionPool[driver.Connection]":
    """Return a pool, not yet open, as OPTIONS["pool"] of the wrapper says: True, or arguments of ConnectionPool."""
    asked = wrapper.settings_dict["OPTIONS"]["pool"]
    options: dict[str, Any] = {} if asked is True else dict(asked)
    if not_theirs := OURS & options.keys():
        raise ImproperlyConfigured(f"OPTIONS['pool'] sets {', '.join(sorted(not_theirs))}, which are ours.")
    if wrapper.settings_dict["CONN_MAX_AGE"] != 0:
        raise ImproperlyConfigured("A pool keeps connections by itself: set CONN_MAX_AGE to 0.")

    def configure(connection: driver.Connection) -> None:
        connection.leasehold_guard = driver.UNGUARDED
        try:
            wrapper._configure_connection(connection)
        finally:
            connection.leasehold_guard = driver.NOBODY
        connection.leasehold_state = _state(connection)

    return ConnectionPool(
        kwargs={**wrapper.get_connection_params(), "autocommit": True},
        connection_class=driver.Connection,
        open=False,
        configure=configure,
        check=check if wrapper.settings_dict["CONN_HEALTH_CHECKS"] else None,
        reset=reset,
        **options,
    )


def check(connection: driver.Connection) -> None:
    """Ask the server whether it is still there, only when its socket is readable. Raises OperationalError."""
    if not connection.is_silent() and connection.pgconn.exec_(b"").status != pq.ExecStatus.EMPTY_QUERY:
        raise OperationalError("The pooled connection is lost.")


def reset(connection: driver.Connection) -> None:
    """Refuse a connection that was returned and is not as it was when it was opened: the pool closes it then."""
    connection.leasehold_guard = driver.NOBODY
    if _state(connection) != connection.leasehold_state:
        raise NotClean(
            "The connection came back with another role, path or setting, or with something left behind."
        )


def _state(connection: driver.Connection) -> tuple[bytes | None, ...]:
    result = connection.pgconn.exec_(STATE)
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise NotClean(result.get_error_message())
    return tuple(result.get_value(0, column) for column in range(result.nfields))
