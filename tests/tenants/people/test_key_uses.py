"""When keys were used: one write a minute at most, none of them in a request."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError

from tenants import context, ids
from tenants.directory import Entry
from tenants.models import ApiKey
from tenants.people import key_uses, keys, memberships
from tests import factories

TwoTenants = tuple[Entry, Entry]
START = datetime.fromisoformat("2031-05-01T12:00:00+00:00")


def key_of(tenant: Entry) -> UUID:
    user = factories.member(tenant)
    with context.identity():
        member = memberships.by_user(user.pk, tenant)
        assert member is not None
        return keys.create(member, tenant, name="k").key.id


def used_at(key_id: UUID) -> datetime | None:
    with context.identity():
        return ApiKey.objects.get(id=key_id).last_used_at


def use(tenant: Entry, key_id: UUID, *, seconds: float, uses: key_uses.Uses = key_uses.uses) -> int:
    with time_machine.travel(START + timedelta(seconds=seconds), tick=False):
        uses.note(tenant.id, key_id)
        return uses.flush()


def test_a_use_is_written_by_the_next_flush_and_not_before(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    ours, theirs, unused = key_of(acme), key_of(globex), key_of(acme)
    with time_machine.travel(START, tick=False):
        key_uses.note(acme.id, ours)
        key_uses.note(globex.id, theirs)
        assert used_at(ours) is None
        assert key_uses.flush() == 2
        assert key_uses.flush() == 0
    assert (used_at(ours), used_at(theirs), used_at(unused)) == (START, START, None)


def test_it_is_written_once_a_minute_at_most_by_all_processes_together(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    key, other_process = key_of(acme), key_uses.Uses()
    assert use(acme, key, seconds=0) == 1
    assert use(acme, key, seconds=59) == 0
    assert use(acme, key, seconds=59, uses=other_process) == 0
    assert use(acme, key, seconds=61) == 1
    assert used_at(key) == START + timedelta(seconds=61)


def test_a_use_that_comes_late_does_not_turn_the_time_back(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    key = key_of(acme)
    assert use(acme, key, seconds=600) == 1
    assert use(acme, key, seconds=0, uses=key_uses.Uses()) == 0
    assert used_at(key) == START + timedelta(seconds=600)


def test_a_key_that_another_tenant_names_is_not_written(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    key = key_of(acme)
    assert use(globex, key, seconds=0) == 0
    assert use(acme, ids.new(), seconds=0) == 0
    assert used_at(key) is None


def test_what_could_not_be_written_is_kept_for_the_next_time(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, _ = two_tenants
    key = key_of(acme)

    def away() -> Any:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(context, "identity", away)
        with pytest.raises(DatabaseError):
            use(acme, key, seconds=0)
    assert key_uses.flush() == 1
    assert used_at(key) == START


def test_what_is_noted_has_a_bound(two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch) -> None:
    acme, _ = two_tenants
    monkeypatch.setattr(key_uses, "CAPACITY", 2)
    made = [key_of(acme) for _ in range(3)]
    with time_machine.travel(START, tick=False):
        for key in made:
            key_uses.note(acme.id, key)
        assert key_uses.flush() == 2
    with time_machine.travel(START + timedelta(minutes=1), tick=False):
        key_uses.note(acme.id, made[2])
        assert key_uses.flush() == 1, "those of a minute ago have made room"


def test_a_request_notes_its_key(two_tenants: TwoTenants, tenant_client: Any) -> None:
    acme, _ = two_tenants
    client = tenant_client(acme).use_key(factories.member(acme))
    assert client.get("/api/v1/me").status_code == 200
    assert key_uses.flush() == 1
    with context.identity():
        assert ApiKey.objects.filter(tenant_id=acme.id).latest("created_at").last_used_at is not None
