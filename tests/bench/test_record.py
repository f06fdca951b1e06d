"""Whether the attacks on the record can fail: a verifier that finds nothing, or always something, passes for none."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tenants.directory import Entry
from tests import databases, environment
from tests.bench import harness
from tests.bench.canaries import new
from tests.bench.harness import Passes
from tests.bench.leasehold import tampering
from tests.bench.leasehold.attacks import record
from tests.bench.leasehold.attacks.record import Change
from tests.bench.leasehold.tampering_ways import WAYS, Place
from tests.bench.tally import Score, Tally

TwoTenants = tuple[Entry, Entry]
A = harness.Tenant("", "", "a", "a.example.com", new())
SOME = 6
PLAY = Callable[[tampering.Verify], Score]


@pytest.fixture
def play(fresh_db: str, two_tenants: TwoTenants) -> PLAY:
    """Tamper a few times, and return what the attack comes to with this verifier."""
    assert environment.running is not None
    given = environment.running.environment(fresh_db)
    urls = [databases.servers().admin_url(fresh_db), given["DATABASE_URL_OWNER"]]

    def run(verify: tampering.Verify) -> Score:
        tally = Tally()
        for one in tampering.play([tenant.slug for tenant in two_tenants], SOME, urls, verify):
            with tally.attempt(A) as found:
                tampering.judge(found, one)
                found.saw(A.canary)
        return tally.score

    return run


def problems(score: Score) -> list[str]:
    attack = harness.Attack(
        "x",
        None,
        SOME,
        SOME,
        (harness.OURS,),
        Passes.REFUSED,
        ("direct",),
        writes=False,
        open_on_managed=False,
    )
    return harness.failures(attack, score, SOME)


def test_the_command_passes(play: PLAY) -> None:
    score = play(tampering.by_command)
    assert problems(score) == [], score.leaks


def test_a_verifier_that_finds_nothing_does_not_pass(play: PLAY) -> None:
    score = play(lambda *_: [])
    assert problems(score) == ["a foreign canary arrived", "a try was not refused"]
    assert score.foreign == SOME
    assert score.leaks[0] == "edit who, as superuser: not named, found []"


def test_a_verifier_that_always_finds_the_same_does_not_pass(play: PLAY) -> None:
    """As its findings stay when everything is as it was, they say nothing."""
    score = play(lambda *_: [{"rule": "entry-changed", "seal": 1, "entry": None}])
    assert score.foreign == SOME
    assert "something is found where nobody tampers" in score.leaks[0]


def test_a_finding_that_names_another_place_or_another_deed_is_none(two_tenants: TwoTenants) -> None:
    acme, globex = (tenant.id for tenant in two_tenants)
    place = Place(acme, "acme", globex, 2, 5, entry=acme, neighbour=globex, elsewhere=globex, head="")
    edit, lost = WAYS["edit who"], WAYS["remove a seal"]

    def named(way: Any, **finding: Any) -> bool:
        return tampering.is_named(way, place, [{"rule": "x", "seal": 0, "entry": None, **finding}])

    assert named(edit, rule="entry-changed", seal=2, entry=str(place.entry))
    assert not named(edit, rule="entry-changed", seal=2, entry=str(place.neighbour))
    assert not named(edit, rule="entry-deleted", seal=2, entry=str(place.entry))
    assert named(lost, rule="seal-removed", seal=2)
    assert not named(lost, rule="seal-removed", seal=3)


@pytest.mark.parametrize("statement", record.STATEMENTS)
def test_a_statement_that_may_be_sent_is_a_leak(module_db: str, statement: str) -> None:
    """Each is one that the owner may send, so that nothing but the missing privilege stops the others."""
    assert environment.running is not None
    tally = Tally()
    owner = environment.running.environment(module_db)["DATABASE_URL_OWNER"]
    change = Change("owner", "tenants_auditentry", statement.replace("%(tenant)s", "NULL"))
    with psycopg.connect(owner, autocommit=True) as server, tally.attempt(A) as found:
        record.send(found, server, A, change)
    assert tally.score.leaks == [f"{change}: it was done"]
