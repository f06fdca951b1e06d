"""Connections of tenants that log in by themselves: kept by tenant, in use by one thread, their number bounded."""

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from psycopg import pq

from tenants import exceptions
from tenants.db import driver

if TYPE_CHECKING:
    from tenants.db.base import DatabaseWrapper

KEPT = timedelta(minutes=5)  # unused for so long, a connection is closed by the next one that comes back
PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Login:
    """One tenant's role and its password of the moment."""

    role: str
    password: str = field(repr=False)


@dataclass(slots=True)
class State:
    """What Django's wrapper knows about one connection, between two transactions."""

    connection: Any = None
    autocommit: bool = False
    close_at: float | None = None
    closed_in_transaction: bool = False
    errors_occurred: bool = False
    health_check_enabled: bool = False
    health_check_done: bool = False

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()


@dataclass(slots=True)
class Kept:
    login: Login
    state: State
    since: float


class Logins:
    """The strict connections of this process: in use or idle, never more than LEASEHOLD_STRICT_CONNECTIONS."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[Kept] = []  # the least recently used first
        self._in_use = 0

    def take(self, login: Login) -> State:
        """Return login's idle connection, or the empty state of one to open. Raises StrictBusy after PATIENCE."""
        limit: int = settings.LEASEHOLD_STRICT_CONNECTIONS
        with self._changed:
            if not self._changed.wait_for(lambda: self._in_use < limit, PATIENCE.total_seconds()):
                raise exceptions.StrictBusy()
            self._in_use += 1
            found = self._pop(login)
            while found is None and len(self._idle) + self._in_use > limit:
                self._idle.pop(0).state.close()
        return found or State()

    def give(self, login: Login, state: State) -> None:
        """Keep a connection for the next one who asks for login, if it is in order."""
        now = time.monotonic()
        with self._changed:
            self._in_use -= 1
            if _is_in_order(state):
                self._idle.append(Kept(login, state, now))
            else:
                state.close()
            self._close_where(lambda kept: now - kept.since > KEPT.total_seconds())
            self._changed.notify()

    def keep_only(self, valid: set[Login]) -> None:
        """Close what belongs to a tenant that is gone, no longer strict, or has another password."""
        with self._changed:
            self._close_where(lambda kept: kept.login not in valid)

    def close_all(self) -> None:
        """Close every idle connection; those in use follow when they come back."""
        with self._changed:
            self._close_where(lambda _: True)

    def count(self) -> tuple[int, int]:
        """Return how many are in use and how many are idle."""
        with self._changed:
            return self._in_use, len(self._idle)

    def _pop(self, login: Login) -> State | None:
        for kept in reversed(self._idle):
            if kept.login == login:
                self._idle.remove(kept)
                if kept.state.connection.is_silent():
                    return kept.state
                kept.state.close()
        return None

    def _close_where(self, condition: Any) -> None:
        for kept in [kept for kept in self._idle if condition(kept)]:
            self._idle.remove(kept)
            kept.state.close()


def _is_in_order(state: State) -> bool:
    connection = state.connection
    return (
        connection is not None
        and not connection.closed
        and connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
    )


def swap(wrapper: "DatabaseWrapper", login: Login | None, state: State) -> State:
    """Give wrapper another connection, between two transactions, and return what it had."""
    had = State(**{name: getattr(wrapper, name) for name in State.__slots__})
    if had.connection is not None:
        had.connection.leasehold_guard = driver.NOBODY
    for name in State.__slots__:
        setattr(wrapper, name, getattr(state, name))
    wrapper.login = login
    if state.connection is not None:
        state.connection.leasehold_guard = wrapper
    return had


connections = Logins()
take, give, keep_only, close_all, count = (
    connections.take,
    connections.give,
    connections.keep_only,
    connections.close_all,
    connections.count,
)
