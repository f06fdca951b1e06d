"""The database backend: enters a context with the first query, swallows nothing, one statement per message."""

import select
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base as postgresql
from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures
from django.db.backends.postgresql.introspection import DatabaseIntrospection
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations
from django_tenants.postgresql_backend import base as django_tenants
from psycopg import ClientCursor, ServerCursor, pq
from psycopg.abc import PQGen, Query
from psycopg.client_cursor import ClientCursorMixin
from psycopg.cursor import Cursor as PsycopgCursor

from tenants import context, exceptions
from tenants.db import entry, powers, statements


class GuardedCursor(PsycopgCursor[Any]):
    """A cursor that asks its wrapper before each statement, on every path that psycopg has to the server."""

    def _start_query(self, query: Query | None = None) -> PQGen[None]:
        self._guard.enter()
        yield from super()._start_query(query)

    def executemany(self, query: Query, params_seq: Iterable[Any], *, returning: bool = False) -> None:
        self._guard.enter()  # Not later: psycopg sends these in a pipeline, where the entry cannot wait for its answer.
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
    def _guard(self) -> "DatabaseWrapper":
        return self._conn.leasehold_guard  # type: ignore[attr-defined, no-any-return]


class Cursor(postgresql.CursorMixin, GuardedCursor, ClientCursor[Any]):  # type: ignore[misc, name-defined]
    """Binds parameters on the client, as Django does by default."""


class ServerBindingCursor(postgresql.CursorMixin, GuardedCursor):  # type: ignore[misc, name-defined]
    """Binds parameters on the server."""


class ServerSideCursor(GuardedCursor, ClientCursorMixin[Any, Any], ServerCursor[Any]):
    """A named cursor whose parameters are bound on the client: `QuerySet.iterator()`."""


class NamedServerBindingCursor(GuardedCursor, ServerCursor[Any]):
    """A named cursor whose parameters are bound on the server."""


class DatabaseFeatures(PostgresFeatures):
    # Django's test cases would find out by creating a table, which our logins may not.
    supports_transactions = True


class DatabaseOperations(PostgresOperations):
    compiler_module = "tenants.db.compiler"

    def deferrable_sql(self) -> str:
        """Foreign keys are checked by the statement that breaks them, and COMMIT has nothing left to refuse."""
        return ""


class DatabaseWrapper(django_tenants.DatabaseWrapper):  # type: ignore[misc]
    """One connection of one login; `bound` is the context whose transaction it carries.

    From django-tenants stay `schema_name` and `set_schema` for the router that splits migrations; its swallowing
    `SET search_path` before each cursor is gone.
    """

    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.bound: context.Context | None = None
        self.entered = False
        self.inside_test = False
        self.discarding: int | None = None  # how many blocks were open when this was asked for
        self.housekeeping = False
        super().__init__(*args, **kwargs)
        self.introspection = DatabaseIntrospection(self)

    # The way in and out, called by tenants.context.

    def refuse_open_transaction(self) -> None:
        """Raise WrongTenant inside an `atomic` that is not a test case's own."""
        if any(not block._from_testcase for block in self.atomic_blocks):
            raise exceptions.WrongTenant(
                "A transaction is open on this connection. Enter the context first, then use atomic() inside it."
            )

    def bind(self, entering: context.Context) -> None:
        self.bound, self.entered, self.discarding = entering, False, None
        self.inside_test = len(self.atomic_blocks) > 1

    def unbind(self) -> None:
        if self.entered and self.inside_test and self._status() == pq.TransactionStatus.INTRANS:
            self.connection.pgconn.exec_(entry.LEAVE)  # RELEASE SAVEPOINT would keep the role.
        self.bound, self.entered = None, False

    def discard(self) -> None:
        """Roll the innermost block back at its end, without an exception."""
        self.set_rollback(True)
        depth = len(self.atomic_blocks)
        self.discarding = depth if self.discarding is None else min(depth, self.discarding)

    def refuse_aborted(self) -> None:
        """Raise TransactionAborted when COMMIT would be a ROLLBACK that nobody asked for."""
        aborted = self.needs_rollback or self._status() == pq.TransactionStatus.INERROR
        if self.entered and aborted and self.discarding != len(self.atomic_blocks):
            raise exceptions.TransactionAborted()

    # What each cursor asks.

    def enter(self) -> None:
        """Send the entry message before the first query of a context. Raises EntryFailed, and drops the connection."""
        if self.bound is None or self.entered or context.current() is not self.bound:
            return
        expected = pq.TransactionStatus.INTRANS if self.inside_test else pq.TransactionStatus.IDLE
        if self._status() == expected:
            result = self.connection.pgconn.exec_(entry.message(self.bound, begin=not self.inside_test))
            if result.status == pq.ExecStatus.COMMAND_OK and self._status() == pq.TransactionStatus.INTRANS:
                self.entered = True
                return
            reason = result.get_error_message()
        else:
            reason = f"the connection was in state {self._status().name}"
        self.close()
        raise exceptions.EntryFailed(
            f"The context could not be entered ({reason}). Nothing was done; try again."
        )

    def check(self, statement: bytes) -> bool:
        """Return whether statement must go over the extended protocol. Raises when it may not run here."""
        if self.housekeeping:
            return False
        here = self.bound is context.current()
        if here and self.alias == context.ALIAS[context.Kind.OWNER]:
            return False  # DDL, also of Django's own migrate, which knows no contexts.
        if here and self.bound is not None:
            if not statements.allowed(statement):
                raise exceptions.StatementRefused()
            return True
        if statements.controls_transaction(statement):
            return True
        raise (
            exceptions.NoTenant()
            if context.current() is None
            else exceptions.WrongTenant(
                "The current context is not entered on this connection or thread. Enter it here."
            )
        )

    # Django's wrapper, where ours differs.

    def _cursor(self, name: str | None = None) -> Any:
        # Past django-tenants' own, which would send and swallow a SET search_path.
        return super(django_tenants.DatabaseWrapper, self)._cursor(name)

    def get_connection_params(self) -> dict[str, Any]:
        binding = self.settings_dict["OPTIONS"].get("server_side_binding") is True
        params: dict[str, Any] = super().get_connection_params()
        return {**params, "cursor_factory": ServerBindingCursor if binding else Cursor}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.leasehold_guard = self
        connection.server_cursor_factory = NamedServerBindingCursor
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        if name and self.settings_dict["OPTIONS"].get("server_side_binding") is not True:
            return ServerSideCursor(
                self.connection, name=name, scrollable=False, withhold=self.connection.autocommit
            )
        return super().create_cursor(name)

    def _configure_connection(self, connection: Any) -> bool:
        """Refuse a login that could bypass isolation: once for each connection, also those of a pool."""
        powers.refuse(connection.pgconn, self.alias)
        return bool(super()._configure_connection(connection))

    def init_connection_state(self) -> None:
        self.housekeeping = True
        try:
            super().init_connection_state()
        except exceptions.UnsafeLogin:
            self.close()  # else the next query would find it open
            raise
        finally:
            self.housekeeping = False

    def close_if_health_check_failed(self) -> None:
        """Ask the server whether it is still there only when its socket is readable: one that waits for us is silent.

        Django's own check is a round trip ahead of every request, also of one that needs no query.
        """
        done: bool = self.health_check_done  # type: ignore[has-type]  # django-stubs has no type for it
        if self.connection is None or done:
            return
        if self._is_silent():
            self.health_check_done = True
        else:
            super().close_if_health_check_failed()

    def is_usable(self) -> bool:
        self.housekeeping = True
        try:
            return bool(super().is_usable())
        finally:
            self.housekeeping = False

    def _is_silent(self) -> bool:
        """Whether the socket is open and nothing waits in it: no end of file, no notice, no farewell of the server."""
        server = self.connection.pgconn
        if server.status != pq.ConnStatus.OK:
            return False
        poll = select.poll()
        poll.register(server.socket, select.POLLIN)
        return not poll.poll(0)

    def _status(self) -> pq.TransactionStatus:
        if self.connection is None:
            return pq.TransactionStatus.UNKNOWN
        status: pq.TransactionStatus = self.connection.info.transaction_status
        return status
