"""psycopg as the backend uses it: a connection and its cursors ask a guard before anything goes to the server.

Code that takes `connection.pgconn`, or makes a plain `psycopg.Cursor` by hand, is past every guard of a driver.
"""

import select
from collections.abc import Iterable
from typing import Any, Protocol, cast

import psycopg
from django.db.backends.postgresql import base as postgresql
from psycopg import ClientCursor, ServerCursor, generators, pq
from psycopg.abc import PQGen, Query
from psycopg.client_cursor import ClientCursorMixin
from psycopg.cursor import Cursor as PsycopgCursor

from tenants import exceptions


def __getattr__(name: str) -> Any:
    """Django asks its driver for `connect`, for the errors and types of the DB API, and for psycopg's own names."""
    return getattr(psycopg, name)


class Guard(Protocol):
    """Who holds a connection; the backend's wrapper is one."""

    @property
    def bound(self) -> object:
        """The context whose transaction the connection carries, or None."""

    def enter(self) -> None:
        """Send the entry message if it is due."""

    def check(self, statement: bytes) -> bool:
        """Return whether statement must go over the extended protocol. Raises when it may not run."""

    def check_command(self, statement: bytes) -> bool:
        """Likewise, for what the driver sends by itself: BEGIN, COMMIT, FETCH, savepoints."""


class Nobody:
    """The guard of a connection that no wrapper holds: it may end a transaction, and nothing else."""

    bound = None

    def enter(self) -> None:
        """Nothing is due."""

    def check(self, statement: bytes) -> bool:
        raise exceptions.NoTenant("This connection was given back or closed. Take a new cursor in a context.")

    def check_command(self, statement: bytes) -> bool:
        return False if statement == b"ROLLBACK" else self.check(statement)


class Unguarded(Nobody):
    """The guard of a new connection while it is configured."""

    def check(self, statement: bytes) -> bool:
        return False


NOBODY, UNGUARDED = Nobody(), Unguarded()


class Connection(psycopg.Connection[Any]):
    """A connection whose guard is asked about each message."""

    leasehold_guard: Guard = NOBODY
    leasehold_state: tuple[bytes | None, ...] = ()  # what it was like when the pool opened it

    def _exec_command(
        self, command: Any, result_format: pq.Format = pq.Format.TEXT
    ) -> PQGen["pq.abc.PGresult | None"]:
        if isinstance(command, str):
            statement = command.encode()
        else:
            statement = command if isinstance(command, bytes) else command.as_bytes(self)
        if self.leasehold_guard.check_command(statement) and not self._pipeline:
            return (yield from self._exec_extended(statement, result_format))
        return (yield from super()._exec_command(statement, result_format))

    def _exec_extended(self, statement: bytes, result_format: pq.Format) -> PQGen["pq.abc.PGresult"]:
        self._check_connection_ok()
        self.pgconn.send_query_params(statement, None, result_format=result_format)
        result: pq.abc.PGresult = (yield from generators.execute(self.pgconn))[-1]
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            raise psycopg.errors.error_from_result(result, encoding=self.pgconn._encoding)
        return result

    def is_silent(self) -> bool:
        """Whether the socket is open and nothing waits in it: no end of file, no notice, no farewell of the server."""
        if self.pgconn.status != pq.ConnStatus.OK:
            return False
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return not poll.poll(0)

    def set_autocommit(self, value: bool) -> None:  # noqa: FBT001  psycopg's signature
        """Likewise psycopg's, without its lock and its generator where nothing is sent: twice for each context."""
        if self.pgconn.transaction_status == pq.TransactionStatus.IDLE and not self._pipeline:
            self._autocommit = value
        else:
            super().set_autocommit(value)

    def pipeline(self) -> Any:
        self.leasehold_guard.enter()  # The entry cannot wait for its answer in a pipeline.
        return super().pipeline()

    def transaction(self, *args: Any, **kwargs: Any) -> Any:
        self.leasehold_guard.enter()  # Then it is a savepoint and not the outer transaction.
        return super().transaction(*args, **kwargs)

    def tpc_begin(self, xid: psycopg.Xid | str) -> None:
        raise exceptions.StatementRefused("A prepared transaction outlives its context, so there are none.")


connect = Connection.connect


class GuardedCursor(PsycopgCursor[Any]):
    """A cursor that asks before each statement, on every path that psycopg has to the server."""

    def _start_query(self, query: Query | None = None) -> PQGen[None]:
        self._guard.enter()
        yield from super()._start_query(query)

    def executemany(self, query: Query, params_seq: Iterable[Any], *, returning: bool = False) -> None:
        self._guard.enter()  # Not later: psycopg sends these in a pipeline.
        super().executemany(query, params_seq, returning=returning)

    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        extended = self._guard.check(query.query)
        super()._execute_send(query, force_extended=force_extended or extended, binary=binary)

    def _send_prepare(self, name: bytes, query: Any) -> None:
        self._guard.check(query.query)
        super()._send_prepare(name, query)

    def _send_query_prepared(self, name: bytes, pgq: Any, *, binary: bool | None = None) -> None:
        self._guard.check(pgq.query)
        super()._send_query_prepared(name, pgq, binary=binary)

    @property
    def _guard(self) -> Guard:
        return cast(Connection, self._conn).leasehold_guard


class Cursor(postgresql.CursorMixin, GuardedCursor, ClientCursor[Any]):  # type: ignore[misc, name-defined]
    """Binds parameters on the client, as Django does by default."""


class ServerBindingCursor(postgresql.CursorMixin, GuardedCursor):  # type: ignore[misc, name-defined]
    """Binds parameters on the server."""


class NamedCursor(GuardedCursor, ServerCursor[Any]):
    """A cursor on the server. It ends with the transaction that declared it, also for a generator that lives on.

    Names come again: a thread gets the number of one that ended, and its first cursor the name of that one's first.
    """

    _declared_in: object = NOBODY

    def _declare_gen(self, *args: Any, **kwargs: Any) -> PQGen[None]:
        yield from super()._declare_gen(*args, **kwargs)
        self._declared_in = self._guard.bound

    def _fetch_gen(self, num: int | None) -> PQGen[list[Any]]:
        if self._is_over():
            raise exceptions.WrongTenant("The context that declared this cursor has ended.")
        self._guard.enter()
        self._guard.check_command(b"FETCH")  # A cursor that it did not declare it describes first.
        return (yield from super()._fetch_gen(num))

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._close()  # also when the server is gone, and took the cursor along

    def _close_gen(self) -> PQGen[None]:
        if not self._is_over():
            yield from super()._close_gen()

    def _is_over(self) -> bool:
        return self._declared_in is not NOBODY and self._declared_in is not self._guard.bound


class ClientBindingNamedCursor(NamedCursor, ClientCursorMixin[Any, Any]):
    """A cursor on the server whose parameters are bound on the client: `QuerySet.iterator()`."""
