"""Browser sessions: of one tenant's host, cached for reads, and dead once they are deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError
from django.utils import timezone

from tenants import context, exceptions, ids
from tenants.caching import shared as cache
from tenants.directory import Entry
from tenants.models import Session
from tenants.people import sessions
from tenants.people.sessions import OperatorSessionStore, SessionStore
from tests.conftest import ServerLog

TwoTenants = tuple[Entry, Entry]


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def begin(tenant: Entry, **values: Any) -> str:
    """Start a session and return its key."""
    store = SessionStore(tenant_id=tenant.id)
    store.update(values or {"colour": "red"})
    store.save()
    assert store.session_key
    return store.session_key


def read(key: str, tenant: Entry) -> dict[str, Any]:
    return dict(SessionStore(key, tenant.id).items())


def test_a_session_is_read_back_on_its_host(two_tenants: TwoTenants) -> None:
    assert read(begin(two_tenants[0], colour="red"), two_tenants[0]) == {"colour": "red"}


def test_a_session_is_nothing_on_the_host_of_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    key = begin(acme)
    assert read(key, globex) == {}
    assert read(key, acme) == {"colour": "red"}
    assert read(key, globex) == {}, "from the cache"


def test_another_tenant_s_host_cannot_save_or_delete_it(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    key = begin(acme)
    SessionStore(key, globex.id).delete()
    assert read(key, acme) == {"colour": "red"}
    thief = SessionStore(key, globex.id)
    thief["colour"] = "black"
    assert thief.session_key is None, "it was not taken over"
    thief.save()
    assert thief.session_key != key
    assert read(key, acme) == {"colour": "red"}


def test_a_host_without_a_tenant_has_no_sessions(two_tenants: TwoTenants) -> None:
    key = begin(two_tenants[0])
    assert dict(SessionStore(key, None).items()) == {}
    with pytest.raises(exceptions.NoTenant):
        SessionStore(tenant_id=None).save()


def test_a_key_that_nobody_made_is_not_taken_over(two_tenants: TwoTenants) -> None:
    store = SessionStore("a" * 32, two_tenants[0].id)
    assert store.get("colour") is None
    store["colour"] = "red"
    store.save()
    assert store.session_key != "a" * 32


def test_the_row_names_tenant_and_person(two_tenants: TwoTenants) -> None:
    user_id = ids.new()
    key = begin(two_tenants[0], _auth_user_id=str(user_id))
    with context.identity():
        row = Session.objects.get(session_key=key)
    assert (row.tenant_id, row.user_id) == (two_tenants[0].id, user_id)


def test_a_second_read_comes_from_the_cache(server_log: ServerLog, two_tenants: TwoTenants) -> None:
    key = begin(two_tenants[0])
    read(key, two_tenants[0])
    server_log.forget()
    assert read(key, two_tenants[0]) == {"colour": "red"}
    assert server_log.messages() == []


def test_a_cached_session_ends_when_its_row_does(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifetimes: list[int] = []
    add = cache.add
    monkeypatch.setattr(
        cache,
        "add",
        lambda name, value, timeout: lifetimes.append(timeout) or add(name, value, timeout),
    )
    key = begin(two_tenants[0])
    with context.identity():
        Session.objects.filter(session_key=key).update(expire_date=timezone.now() + timedelta(seconds=60))
    assert read(key, two_tenants[0]) == {"colour": "red"}
    assert 0 < lifetimes[0] <= 60 < sessions.CACHE_SECONDS


def test_an_expired_session_is_nothing(two_tenants: TwoTenants) -> None:
    key = begin(two_tenants[0])
    with context.identity():
        Session.objects.filter(session_key=key).update(expire_date=timezone.now())
    assert read(key, two_tenants[0]) == {}


def test_a_change_is_seen_by_the_next_reader(two_tenants: TwoTenants) -> None:
    key = begin(two_tenants[0])
    read(key, two_tenants[0])
    store = SessionStore(key, two_tenants[0].id)
    store["colour"] = "blue"
    store.save()
    assert read(key, two_tenants[0]) == {"colour": "blue"}


def test_a_change_is_seen_even_when_a_reader_kept_the_old_one_before_the_commit(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, _ = two_tenants
    key = begin(acme)
    old = read(key, acme)
    store = SessionStore(key, acme.id)
    store["colour"] = "blue"
    with context.identity():
        store.save()
        cache.add(store._cache_name(key), old, 300)  # another process: it reads the old row until we commit
    assert read(key, acme) == {"colour": "blue"}


def test_a_deleted_session_is_gone_at_once(two_tenants: TwoTenants) -> None:
    key = begin(two_tenants[0])
    read(key, two_tenants[0])
    SessionStore(key, two_tenants[0].id).delete()
    assert read(key, two_tenants[0]) == {}
    with context.identity():
        assert not Session.objects.filter(session_key=key).exists()


def test_a_reader_that_was_under_way_cannot_put_a_deleted_session_back(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, _ = two_tenants
    key = begin(acme)
    slow = SessionStore(key, acme.id)
    fetch = slow._get_session_from_db

    def fetch_then_be_overtaken() -> Session | None:
        row = fetch()
        SessionStore(key, acme.id).delete()
        return row

    monkeypatch.setattr(slow, "_get_session_from_db", fetch_then_be_overtaken)
    slow.load()
    assert read(key, acme) == {}


def test_a_writer_that_was_under_way_cannot_put_it_back_either(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    key = begin(acme)
    slow = SessionStore(key, acme.id)
    old = dict(slow.items())
    slow["colour"] = "blue"
    SessionStore(key, acme.id).delete()
    with pytest.raises(UpdateError):
        slow.save()
    cache.add(slow._cache_name(key), old, 300)  # a reader that had the row before it was deleted
    assert read(key, acme) == {}


def test_a_tenant_s_role_reads_no_sessions(two_tenants: TwoTenants) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), context.use(two_tenants[0]):
        list(Session.objects.all())


def test_the_name_in_the_cache_does_not_hold_the_key(two_tenants: TwoTenants) -> None:
    store = SessionStore("a" * 32, two_tenants[0].id)
    name = store._cache_name("a" * 32)
    assert "a" * 32 not in name
    assert name.startswith(two_tenants[0].id.hex)


def test_an_operator_s_session_is_in_a_table_of_the_console(fresh_db: str) -> None:
    with context.operator():
        store = OperatorSessionStore()
        store["colour"] = "red"
        store.save()
    with context.operator():
        assert OperatorSessionStore(store.session_key)["colour"] == "red"
    with pytest.raises(DatabaseError, match="permission denied"), context.identity():
        OperatorSessionStore(store.session_key).load()
