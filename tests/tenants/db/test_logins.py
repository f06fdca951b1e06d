"""The strict connections of a process: who gets one again, who has to go, and who has to wait."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tenants import exceptions
from tenants.db import driver, logins
from tenants.db.logins import Login, Logins, State
from tests import databases

ACME, GLOBEX, INITECH = (Login(role, "x") for role in ("t_1", "t_2", "t_3"))


@pytest.fixture
def store(settings: Any) -> Iterator[Logins]:
    settings.LEASEHOLD_STRICT_CONNECTIONS = 2
    made = Logins()
    yield made
    made.close_all()


def opened(state: State) -> State:
    """Open what `take` left to its caller."""
    if state.connection is None:
        state.connection = driver.connect(databases.servers().admin_url())
    return state


def use(store: Logins, login: Login) -> psycopg.Connection[Any]:
    state = opened(store.take(login))
    store.give(login, state)
    connection: psycopg.Connection[Any] = state.connection
    return connection


def test_the_same_login_gets_its_connection_again(store: Logins) -> None:
    assert use(store, ACME) is use(store, ACME)
    assert store.count() == (0, 1)


def test_no_other_login_gets_it(store: Logins) -> None:
    assert use(store, ACME) is not use(store, GLOBEX)
    assert use(store, ACME) is not use(store, Login(ACME.role, "another password"))


def test_the_least_recently_used_one_has_to_go(store: Logins) -> None:
    acme, globex = use(store, ACME), use(store, GLOBEX)
    assert use(store, ACME) is acme
    use(store, INITECH)
    assert (acme.closed, globex.closed, store.count()) == (False, True, (0, 2))


def test_the_bound_counts_those_in_use(store: Logins) -> None:
    idle = use(store, ACME)
    held = [opened(store.take(login)) for login in (GLOBEX, INITECH)]
    assert (idle.closed, store.count()) == (True, (2, 0))
    for login, state in zip((GLOBEX, INITECH), held, strict=True):
        store.give(login, state)
    assert store.count() == (0, 2)


def test_when_all_are_in_use_one_waits_for_the_next_that_comes_back(store: Logins) -> None:
    first, second = store.take(ACME), store.take(GLOBEX)
    taken = threading.Event()

    def wait() -> None:
        store.give(INITECH, store.take(INITECH))
        taken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not taken.wait(0.2)
    store.give(ACME, first)
    assert taken.wait(20)
    waiting.join()
    store.give(GLOBEX, second)


def test_who_waits_for_too_long_is_told(store: Logins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "PATIENCE", timedelta(milliseconds=10))
    held = [store.take(login) for login in (ACME, GLOBEX)]
    with pytest.raises(exceptions.StrictBusy, match="LEASEHOLD_STRICT_CONNECTIONS"):
        store.take(INITECH)
    assert store.count() == (len(held), 0)


@pytest.mark.parametrize("spoil", ["close", "begin", "fail"])
def test_a_connection_that_is_not_in_order_is_not_kept(store: Logins, spoil: str) -> None:
    state = opened(store.take(ACME))
    if spoil == "close":
        state.connection.close()
    else:
        state.connection.pgconn.exec_(b"BEGIN; SELECT 1" if spoil == "begin" else b"BEGIN; SELECT 1 / 0")
    store.give(ACME, state)
    assert state.connection.closed
    assert store.count() == (0, 0)


def test_one_that_the_server_ended_is_not_given_out(store: Logins) -> None:
    ended = use(store, ACME)
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [ended.info.backend_pid])
    assert use(store, ACME) is not ended
    assert ended.closed


def test_what_is_no_longer_valid_is_closed(store: Logins) -> None:
    acme, globex = use(store, ACME), use(store, GLOBEX)
    store.keep_only({GLOBEX})
    assert (acme.closed, globex.closed) == (True, False)


def test_what_nobody_used_for_long_is_closed(store: Logins, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = use(store, ACME)
    monkeypatch.setattr(logins, "KEPT", timedelta(0))
    use(store, GLOBEX)
    assert acme.closed


def test_an_idle_connection_runs_nothing_for_anybody(store: Logins) -> None:
    connection = use(store, ACME)
    with pytest.raises(exceptions.NoTenant):
        connection.execute("SELECT 1")
