"""The database backend: enters a context with the first query, swallows nothing, one statement per message."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures
from django.db.backends.postgresql.introspection import DatabaseIntrospection
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations
from django_tenants.postgresql_backend import base as django_tenants
from psycopg import pq

from tenants import context, exceptions, strict
from tenants.db import driver, entry, logins, pool, powers, statements

NO_PRIVILEGE = b"42501"


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

    Database = driver
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.bound: context.Context | None = None
        self.entered = False
        self.inside_test = False
        self.discarding: int | None = None  # how many blocks were open when this was asked for
        self.housekeeping = False
        self.login: logins.Login | None = None  # whose connection this is; None: the alias's own
        self.parked: dict[logins.Login | None, logins.State] = {}
        super().__init__(*args, **kwargs)
        self.introspection = DatabaseIntrospection(self)

    # The way in and out, called by tenants.context.

    def refuse_open_transaction(self) -> None:
        """Raise WrongTenant inside an `atomic` that is not a test case's own."""
        if any(not block._from_testcase for block in self.atomic_blocks):
            raise exceptions.WrongTenant(
                "A transaction is open on this connection. Enter the context first, then use atomic() inside it."
            )

    def logged_in(self, entering: context.Context) -> AbstractContextManager[None]:
        """Have a connection of the login that entering needs: a strict tenant's own, else the alias's.

        Nested (in `on_commit`), the connection of the block around waits, outside of any transaction.
        """
        wanted = strict.login_of(entering.tenant_id) if entering.tenant_id else None
        return nullcontext() if wanted == self.login else self._swapped(wanted, self.login)

    @contextmanager
    def _swapped(self, wanted: logins.Login | None, former: logins.Login | None) -> Iterator[None]:
        if self.in_atomic_block:
            raise exceptions.WrongTenant(
                "A tenant with a login of its own cannot be entered inside a test's transaction."
                " Use a database that commits."
            )
        borrowed = wanted not in self.parked
        taken = logins.take(wanted) if wanted and borrowed else self.parked.pop(wanted)
        self.parked[former] = logins.swap(self, wanted, taken)
        try:
            yield
        finally:
            if former in self.parked:  # Else it was abandoned, and everything was given back.
                left = logins.swap(self, former, self.parked.pop(former))
                if wanted and borrowed:
                    logins.give(wanted, left)
                else:
                    self.parked[wanted] = left

    def bind(self, entering: context.Context) -> None:
        self.bound, self.entered, self.discarding = entering, False, None
        self.inside_test = len(self.atomic_blocks) > 1

    def unbind(self) -> None:
        status = self._status()
        self.bound, left = None, self.entered
        self.entered = False
        if status == pq.TransactionStatus.ACTIVE:
            self.close()  # A result that nobody read to its end holds the driver's lock: COMMIT would wait for ever.
        elif left and self.inside_test and status == pq.TransactionStatus.INTRANS:
            result = self.connection.pgconn.exec_(entry.LEAVE)  # RELEASE SAVEPOINT would keep the role.
            if result.status != pq.ExecStatus.COMMAND_OK:
                self.close()

    def discard(self) -> None:
        """Roll the innermost block back at its end, without an exception."""
        self.set_rollback(True)
        depth = len(self.atomic_blocks)
        self.discarding = depth if self.discarding is None else min(depth, self.discarding)

    def refuse_aborted(self) -> None:
        """Raise TransactionAborted when COMMIT would be a ROLLBACK that nobody asked for."""
        ended = self._status() not in (pq.TransactionStatus.IDLE, pq.TransactionStatus.INTRANS)
        aborted = self.needs_rollback or ended
        if self.entered and aborted and self.discarding != len(self.atomic_blocks):
            lost = self._status() == pq.TransactionStatus.UNKNOWN
            raise exceptions.ConnectionLost() if lost else exceptions.TransactionAborted()

    def in_test(self) -> bool:
        """Whether a test case holds this connection in a transaction of its own."""
        return any(block._from_testcase for block in self.atomic_blocks)

    def abandon(self) -> None:
        """Forget a block that was interrupted half way, with its transaction and its connection."""
        at_rest = self._status() in (pq.TransactionStatus.IDLE, pq.TransactionStatus.UNKNOWN)
        inside: bool = self.in_atomic_block  # type: ignore[has-type]  # django-stubs has no type for it
        if at_rest and self.bound is None and not self.atomic_blocks and not inside and not self.login:
            return
        self.bound, self.entered, self.discarding = None, False, None
        self.in_atomic_block = self.closed_in_transaction = self.needs_rollback = False
        for kept in (self.atomic_blocks, self.savepoint_ids, self.run_on_commit):
            kept.clear()
        self.close()
        if (login := self.login) is not None:
            logins.give(login, logins.swap(self, None, self.parked.pop(None, logins.State())))

    # What each cursor asks.

    def enter(self) -> None:
        """Send the entry message before the first query of a context. Raises EntryFailed, and drops the connection."""
        if self.bound is None or self.entered or context.current() is not self.bound:
            return
        expected = pq.TransactionStatus.INTRANS if self.inside_test else pq.TransactionStatus.IDLE
        advice = "try again"
        if self._status() == expected:
            result = self.connection.pgconn.exec_(self._entry(self.bound))
            if result.status == pq.ExecStatus.COMMAND_OK and self._status() == pq.TransactionStatus.INTRANS:
                self.entered = True
                return
            reason = result.get_error_message()
            if result.error_field(pq.DiagnosticField.SQLSTATE) == NO_PRIVILEGE:
                advice = "a strict tenant needs LEASEHOLD_STRICT_KEY in this process"
        else:
            reason = f"the connection was in state {self._status().name}"
        self.close()
        raise exceptions.EntryFailed(
            f"The context could not be entered ({reason}). Nothing was done; {advice}."
        )

    def _entry(self, entering: context.Context) -> bytes:
        level = self.isolation_level if "isolation_level" in self.settings_dict["OPTIONS"] else None
        return entry.message(entering, begin=not self.inside_test, role=self.login is None, isolation=level)

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

    def check_command(self, statement: bytes) -> bool:
        """Likewise, for what the driver sends by itself: outside of a context it may begin and end transactions."""
        if self.bound is None and statements.is_transaction(statement):
            return False
        return False if statements.tidies(statement) else self.check(statement)

    # Django's wrapper, where ours differs.

    def connect(self) -> None:
        if self.bound is not None:
            raise exceptions.TransactionAborted(
                "A context cannot go on over another connection. Leave it and enter it again."
            )
        self.housekeeping = True  # also for receivers of connection_created
        try:
            super().connect()
        except exceptions.UnsafeLogin:
            self.close()  # else the next query would find it open
            raise
        finally:
            self.housekeeping = False

    @property
    def pool(self) -> Any:
        if self.login or self.alias == NO_DB_ALIAS or not self.settings_dict["OPTIONS"].get("pool"):
            return None
        if self.alias not in self._connection_pools:
            self._connection_pools.setdefault(self.alias, pool.make(self))
        return self._connection_pools[self.alias]

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.leasehold_guard = driver.NOBODY  # A cursor may live longer than our hold on it.
        super()._close()

    def _cursor(self, name: str | None = None) -> Any:
        # Past django-tenants' own, which would send and swallow a SET search_path.
        return super(django_tenants.DatabaseWrapper, self)._cursor(name)

    def _configure_timezone(self, connection: Any) -> bool:
        """As Django's own, without `set_config`, which no login of a tenant-facing process may call."""
        wanted = self.timezone_name
        if not wanted or connection.info.parameter_status("TimeZone") == wanted:
            return False
        with driver.Cursor(connection) as cursor:  # SET takes no parameters, so they are bound here
            cursor.execute("SET TIME ZONE %s", [wanted])
        return True

    def get_connection_params(self) -> dict[str, Any]:
        binding = self.settings_dict["OPTIONS"].get("server_side_binding") is True
        params: dict[str, Any] = super().get_connection_params()
        factory = driver.ServerBindingCursor if binding else driver.Cursor
        own = {"user": self.login.role, "password": self.login.password} if self.login else {}
        return {**params, "cursor_factory": factory, **own}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.leasehold_guard = self
        connection.server_cursor_factory = driver.NamedCursor
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        if name and self.settings_dict["OPTIONS"].get("server_side_binding") is not True:
            return driver.ClientBindingNamedCursor(
                self.connection, name=name, scrollable=False, withhold=self.connection.autocommit
            )
        return super().create_cursor(name)

    def _configure_connection(self, connection: Any) -> bool:
        """Refuse a login that could bypass isolation: once for each connection, also those of a pool."""
        powers.refuse(connection.pgconn, self.alias)
        return bool(super()._configure_connection(connection))

    def close_if_health_check_failed(self) -> None:
        """Ask the server whether it is still there only when its socket is readable: one that waits for us is silent.

        Django's own check is a round trip ahead of every request, also of one that needs no query.
        """
        done: bool = self.health_check_done  # type: ignore[has-type]  # django-stubs has no type for it
        if self.connection is None or done:
            return
        if self.connection.is_silent():
            self.health_check_done = True
        else:
            super().close_if_health_check_failed()

    def is_usable(self) -> bool:
        self.housekeeping = True
        try:
            return bool(super().is_usable())
        finally:
            self.housekeeping = False

    def _status(self) -> pq.TransactionStatus:
        if self.connection is None:
            return pq.TransactionStatus.UNKNOWN
        status: pq.TransactionStatus = self.connection.info.transaction_status
        return status
