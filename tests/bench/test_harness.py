"""What keeps the bench honest: a canary is found wherever it stands, and an attack that fails is not called a pass."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests import databases
from tests.bench import canaries, harness
from tests.bench.harness import Passes
from tests.bench.scan import Scan
from tests.bench.tally import Score, Tally

A = harness.Tenant(
    "0190a1b2-0000-7000-8000-00000000000a",
    "t_0190a1b2000070008000" + "0" * 11 + "a",
    "a",
    "a.example.com",
    canaries.new(),
)
B = harness.Tenant(
    "0190a1b2-0000-7000-8000-00000000000b",
    "t_0190a1b2000070008000" + "0" * 11 + "b",
    "b",
    "b.example.com",
    canaries.new(),
)


def refuse() -> None:
    raise PermissionError


@dataclass
class Holder:
    text: str


@pytest.mark.parametrize(
    "data",
    [
        A.canary,
        f"x{A.canary}y",
        A.canary.encode(),
        memoryview(A.canary.encode()),
        [(1, [A.canary])],
        {"key": {A.canary: 1}},
        {"key": (b"\x00" + A.canary.encode(),)},
        Holder(A.canary),
        ValueError(A.canary),
        (name for name in [A.canary]),
    ],
    ids=lambda data: type(data).__name__,
)
def test_a_canary_is_found_wherever_it_stands(data: object) -> None:
    assert canaries.within(data) == {A.canary}


def test_a_canary_is_found_in_the_cause_of_an_error() -> None:
    error = RuntimeError("outer")
    error.__cause__ = ValueError(f"inner {A.canary}")
    assert canaries.within(error) == {A.canary}


def test_a_canary_is_found_in_the_detail_of_the_server(fresh_db: str) -> None:
    with psycopg.connect(databases.servers().admin_url(fresh_db)) as admin:
        admin.execute("CREATE TABLE seen (name text PRIMARY KEY)")
        admin.execute("INSERT INTO seen VALUES (%s)", [A.canary])
        with pytest.raises(psycopg.errors.UniqueViolation) as raised:
            admin.execute("INSERT INTO seen SELECT name FROM seen")
    assert canaries.within(raised.value) == {A.canary}


def test_nothing_is_found_where_no_canary_is() -> None:
    assert canaries.within([None, 1, "canary-", "canary-xyz", b"", {}, ValueError("canary-")]) == set()


def test_a_try_counts_once_however_often_the_canary_stands_there() -> None:
    tally = Tally()
    with tally.attempt(A) as found:
        found.saw([A.canary, A.canary])
        found.saw(B.canary)
        found.saw([B.canary])
    assert (tally.score.tries, tally.score.own, tally.score.foreign, tally.score.errors) == (1, 1, 1, 0)


def test_a_refused_try_still_sees_its_own_canary_afterwards() -> None:
    tally = Tally()
    with tally.attempt(A) as found:
        with found.hostile():
            refuse()
        found.saw(A.canary)
    assert (tally.score.tries, tally.score.own, tally.score.foreign, tally.score.errors) == (1, 1, 0, 1)


def test_an_error_that_names_a_foreign_canary_is_a_leak() -> None:
    tally = Tally()
    tally.error(ValueError(f"duplicate: {B.canary}"), A)
    assert (tally.score.foreign, tally.score.errors) == (1, 1)
    assert B.canary in tally.score.leaks[0]


PASSED = {
    Passes.OWN: Score(tries=4, own=4),
    Passes.REFUSED: Score(tries=4, own=4, errors=4),
    Passes.EITHER: Score(tries=4, own=3, errors=1),
    Passes.ALL_REFUSED: Score(tries=4, errors=4),
}
FAILED = [
    (passes, what, {**vars(score), **change})
    for passes, score in PASSED.items()
    for what, change in [("foreign", {"foreign": 1}), ("tries", {"tries": 3, "own": min(3, score.own), "errors": min(3, score.errors)})]
] + [
    (Passes.OWN, "an error", {"tries": 4, "own": 4, "errors": 1}),
    (Passes.OWN, "nothing of its own", {"tries": 4, "own": 3}),
    (Passes.REFUSED, "an answer", {"tries": 4, "own": 4, "errors": 3}),
    (Passes.REFUSED, "nothing of its own", {"tries": 4, "own": 3, "errors": 4}),
    (Passes.EITHER, "nothing at all in a try", {"tries": 4, "own": 2, "errors": 1}),
    (Passes.EITHER, "errors alone", {"tries": 4, "errors": 4}),
    (Passes.ALL_REFUSED, "an answer", {"tries": 4, "errors": 3}),
]  # fmt: skip


def registered(passes: Passes) -> harness.Attack:
    return harness.Attack(
        "x", None, 4, 4, (harness.OURS,), passes, ("direct",), writes=False, open_on_managed=False
    )


@pytest.mark.parametrize("passes", list(Passes))
def test_an_attack_that_came_to_what_it_must_passes(passes: Passes) -> None:
    assert harness.failures(registered(passes), PASSED[passes], 4) == []


@pytest.mark.parametrize(("passes", "what", "figures"), FAILED)
def test_an_attack_that_did_not_fails(passes: Passes, what: str, figures: dict[str, int]) -> None:
    assert harness.failures(registered(passes), Score(**figures), 4), what  # type: ignore[arg-type]


def test_a_line_of_the_log_that_names_one_tenant_and_holds_another_s_canary_is_found_once(
    tmp_path: Path,
) -> None:
    log = tmp_path / "x.log"
    log.write_text(f"tenant={A.id} {A.canary}\n{B.canary} of nobody\n{A.schema} {B.canary}\n")
    scan = Scan([A, B])
    assert [line for line in scan.logs([log]) if B.canary in line] == [f"x.log: {A.schema} {B.canary}"]
    assert list(scan.logs([log])) == []


def test_what_bears_no_tenant_s_name_may_hold_no_canary() -> None:
    scan = Scan([A, B])
    assert scan.foreign("session:1", A.canary) == {A.canary}
    assert scan.foreign(f"{A.id.replace('-', '')}:session:1", [A.canary, B.canary]) == {B.canary}
