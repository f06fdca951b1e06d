"""The cache of hosts: what it may hold how long, in two processes (two directories stand for them)."""

from datetime import timedelta

import psycopg
import pytest

from tenants import context, directory, lifecycle
from tenants.directory import Directory, Entry
from tenants.models import Domain
from tests import databases
from tests.conftest import ServerLog

TwoTenants = tuple[Entry, Entry]
ACME, GLOBEX = "acme.localhost", "globex.localhost"
BOUND = timedelta(seconds=2)  # what the design promises


class Clock:
    """Moves time.monotonic of the directory, so that no test waits."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span.total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(directory, "time", made)
    return made


def state(one: Directory, hostname: str) -> str | None:
    entry = one.find(hostname)
    return None if entry is None else entry.state


def test_the_age_of_an_entry_is_within_what_is_promised() -> None:
    assert directory.MAX_AGE < BOUND


def test_it_finds_the_tenant_of_a_host(two_tenants: TwoTenants) -> None:
    assert directory.find(ACME) == two_tenants[0]
    assert directory.find(GLOBEX) == two_tenants[1]
    assert two_tenants[0].schema_name == "t_" + two_tenants[0].id.hex


@pytest.mark.parametrize(
    "hostname", ["nobody.localhost", "", "acme", "ACME.localhost", "acme.localhost.", "%", "acme.localhost'"]
)
def test_it_finds_nothing_for_any_other_host(db: None, hostname: str) -> None:
    assert directory.find(hostname) is None


def test_a_second_look_asks_nobody(server_log: ServerLog, two_tenants: TwoTenants, clock: Clock) -> None:
    one = Directory()
    one.find(ACME)
    one.find("nobody.localhost")
    server_log.forget()
    assert state(one, ACME) == "active"
    assert state(one, "nobody.localhost") is None
    assert server_log.messages() == []


def test_once_its_age_is_reached_it_asks_for_the_version_alone(
    server_log: ServerLog, two_tenants: TwoTenants, clock: Clock
) -> None:
    one = Directory()
    one.find(ACME)
    clock.pass_by(directory.MAX_AGE)
    server_log.forget()
    assert state(one, ACME) == "active"
    assert len(server_log.messages()) == 3
    assert "tenants_directoryversion" in server_log.messages()[1]


def test_a_suspension_reaches_every_process(fresh_db: str, clock: Clock) -> None:
    ours, theirs = Directory(), Directory()
    assert (state(ours, ACME), state(theirs, ACME)) == ("active", "active")
    lifecycle.suspend("acme", by="test")
    clock.pass_by(BOUND)
    assert (state(ours, ACME), state(theirs, ACME)) == ("suspended", "suspended")
    lifecycle.resume("acme", by="test")
    clock.pass_by(BOUND)
    assert (state(ours, ACME), state(theirs, ACME)) == ("active", "active")


def test_a_renamed_tenant_answers_on_its_new_host_alone(
    fresh_db: str, two_tenants: TwoTenants, clock: Clock
) -> None:
    ours, theirs = Directory(), Directory()
    for one in (ours, theirs):
        assert state(one, ACME) == "active"
        assert state(one, "acme-2.localhost") is None
    lifecycle.rename("acme", "acme-2", by="test")
    clock.pass_by(BOUND)
    for one in (ours, theirs):
        assert one.find(ACME) is None
        found = one.find("acme-2.localhost")
        assert found is not None
        assert (found.id, found.slug) == (two_tenants[0].id, "acme-2")


def test_a_host_that_moves_to_another_tenant_moves_in_every_process(
    fresh_db: str, two_tenants: TwoTenants, clock: Clock
) -> None:
    acme, globex = two_tenants
    one = Directory()
    with context.owner():
        Domain.objects.create(tenant_id=acme.id, hostname="shop.example")
    assert one.find("shop.example") == acme
    with context.owner():
        Domain.objects.filter(hostname="shop.example").update(tenant_id=globex.id)
    clock.pass_by(BOUND)
    assert one.find("shop.example") == globex


def test_a_destroyed_tenant_is_gone(fresh_db: str, clock: Clock) -> None:
    one = Directory()
    assert state(one, ACME) == "active"
    lifecycle.destroy("acme", by="test")
    clock.pass_by(BOUND)
    assert one.find(ACME) is None


def test_a_new_host_is_found_within_the_bound_although_it_was_asked_for_before(
    fresh_db: str, clock: Clock
) -> None:
    one = Directory()
    assert one.find("umbrella.localhost") is None
    lifecycle.create("umbrella", by="test")
    clock.pass_by(BOUND)
    assert state(one, "umbrella.localhost") == "active"


def test_it_is_found_also_when_other_hosts_keep_the_version_fresh(fresh_db: str, clock: Clock) -> None:
    one = Directory()
    assert one.find("umbrella.localhost") is None
    lifecycle.create("umbrella", by="test")
    clock.pass_by(BOUND)
    assert state(one, ACME) == "active"
    assert state(one, "umbrella.localhost") == "active"


def test_a_change_of_one_tenant_leaves_the_others_right(fresh_db: str, clock: Clock) -> None:
    one = Directory()
    assert state(one, GLOBEX) == "active"
    lifecycle.suspend("acme", by="test")
    clock.pass_by(BOUND)
    assert (state(one, ACME), state(one, GLOBEX)) == ("suspended", "active")


def test_a_change_that_was_rolled_back_is_no_change(fresh_db: str, clock: Clock) -> None:
    one = Directory()
    assert state(one, ACME) == "active"
    with context.owner():
        Domain.objects.filter(hostname=ACME).delete()
        context.roll_back()
    clock.pass_by(BOUND)
    assert state(one, ACME) == "active"


def test_clear_forgets_everything_at_once(fresh_db: str, clock: Clock) -> None:
    one = Directory()
    assert state(one, ACME) == "active"
    assert one.find("umbrella.localhost") is None
    lifecycle.suspend("acme", by="test")
    lifecycle.create("umbrella", by="test")
    one.clear()
    assert state(one, ACME) == "suspended"
    assert state(one, "umbrella.localhost") == "active"


def test_it_keeps_no_more_hosts_than_its_capacity(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "CAPACITY", 3)
    one = Directory()
    for n in range(10):
        assert one.find(f"nobody{n}.localhost") is None
    assert len(one._missing) == 3


@pytest.mark.parametrize("statement", ["DROP SCHEMA {0} CASCADE", "ALTER ROLE {0} RENAME TO t_elsewhere"])
def test_a_tenant_without_its_schema_or_its_role_answers_nowhere(fresh_db: str, statement: str) -> None:
    tenant = lifecycle.create("umbrella", by="test")
    assert state(Directory(), "umbrella.localhost") == "active"
    with psycopg.connect(databases.servers().admin_url(fresh_db), autocommit=True) as admin:
        admin.execute(statement.format(tenant.schema_name).encode())
        assert Directory().find("umbrella.localhost") is None
        admin.execute(
            "DROP OWNED BY t_elsewhere; DROP ROLE t_elsewhere"
        ) if "elsewhere" in statement else None
