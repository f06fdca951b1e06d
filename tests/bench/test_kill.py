"""kill -9 at every step of making, restoring and destroying a tenant: nothing half built answers, nothing is left."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.bench import kill
from tests.bench.wire import Moment, Point

COMMIT = "COMMIT"


@pytest.fixture(scope="module")
def stage() -> Iterator[kill.Stage]:
    with kill.stage() as made:
        yield made


def last(stage: kill.Stage, verb: str) -> int:
    """Return the number of the COMMIT, which is the last thing that the verb says."""
    messages = stage.messages(verb)
    assert messages[-1][0] == COMMIT
    return len(messages)


def strike(stage: kill.Stage, verb: str, target: str, number: int, moment: Moment) -> kill.Outcome:
    outcome = stage.strike(verb, target, Point(number, moment))
    assert outcome.passed, outcome
    assert outcome.left == []
    return outcome


@pytest.mark.parametrize(
    ("verb", "moment", "state"),
    [
        ("create", Moment.BEFORE, "absent"),
        ("create", Moment.ANSWERED, "whole"),
        ("destroy", Moment.BEFORE, "whole"),
        ("destroy", Moment.ANSWERED, "absent"),
    ],
)
def test_a_kill_before_the_commit_changes_nothing_and_one_after_it_everything(
    stage: kill.Stage, verb: str, moment: Moment, state: str
) -> None:
    outcome = strike(stage, verb, "worker", last(stage, verb), moment)
    assert (outcome.state, outcome.code != 0) == (state, True)


@pytest.mark.parametrize(("target", "state"), [("worker", "absent"), ("backend", "absent")])
def test_a_kill_in_the_middle_of_the_tables_leaves_nothing(
    stage: kill.Stage, target: str, state: str
) -> None:
    tables = [n for n, (said, _) in enumerate(stage.messages("create"), 1) if said.startswith("CREATE TABLE")]
    outcome = strike(stage, "create", target, tables[0], Moment.ANSWERED)
    assert (outcome.state, outcome.during) == (state, [404])


def test_the_look_finds_a_tenant_that_was_made_by_half(stage: kill.Stage) -> None:
    rows = stage.plant("rows")
    assert rows.half_built
    assert not rows.passed
    assert [left.split(":")[0] for left in rows.left] == ["tenant-without-schema"]
    assert rows.status == 404  # it answers nobody, also before it is repaired


def test_the_look_finds_a_schema_that_was_left_and_the_repair_ends_it(stage: kill.Stage) -> None:
    schema = stage.plant("schema")
    assert [left.split(":")[0] for left in schema.left] == ["schema-without-tenant"]
    assert (schema.repaired, schema.left_after, schema.again) == (["dropped: it held no row"], [], True)
    assert schema.passed


@pytest.mark.slow
@pytest.mark.parametrize("target", kill.TARGETS)
@pytest.mark.parametrize("verb", kill.VERBS)
def test_no_kill_leaves_a_tenant_half_built_or_half_destroyed(
    stage: kill.Stage, verb: str, target: str
) -> None:
    tries = kill.TRIES[verb] if target == "worker" else kill.BACKEND_TRIES
    outcomes = kill.run(stage, verb, target, tries)
    assert [outcome for outcome in outcomes if not outcome.passed or outcome.left] == []
    assert len({outcome.point for outcome in outcomes}) == tries
    assert {outcome.state for outcome in outcomes} == {"absent", "whole"}


@pytest.mark.slow
def test_the_same_kills_leave_halves_of_django_tenants() -> None:
    """The bench can tell: where provisioning is many transactions it finds what each kill left."""
    with kill.stage(kill.THEIRS) as made:
        outcomes = kill.run(made, "create", "worker", 6)
    assert len([outcome for outcome in outcomes if outcome.left]) >= 3
    assert [outcome.state for outcome in outcomes].count("whole") >= 1


WHOLE = kill.Outcome("", -9, "whole", 200, [404], [], [], [], again=True)
ABSENT = replace(WHOLE, state="absent", status=404)


@pytest.mark.parametrize(
    "outcome", [WHOLE, ABSENT, replace(WHOLE, during=[200]), replace(ABSENT, left=["x"])]
)
def test_an_outcome_passes_when_the_tenant_is_whole_or_absent_and_nothing_is_left(
    outcome: kill.Outcome,
) -> None:
    assert outcome.passed


@pytest.mark.parametrize(
    "outcome",
    [
        replace(WHOLE, state="differs: ['- table']"),
        replace(WHOLE, status=503),
        replace(WHOLE, status=-1),
        replace(ABSENT, status=200),
        replace(ABSENT, during=[200]),
        replace(WHOLE, during=[503]),
        replace(ABSENT, left_after=["schema-without-tenant"]),
        replace(ABSENT, again=False),
    ],
)
def test_an_outcome_fails_when_anything_else_answered_or_is_left(outcome: kill.Outcome) -> None:
    assert not outcome.passed
