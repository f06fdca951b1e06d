"""The fast part of the bench: every attack a few times, on an installation of ours."""

import pytest

from tests.bench import harness, runner

Ran = tuple[list[harness.Attack], list[runner.Row]]


@pytest.fixture(scope="module")
def ran() -> Ran:
    with runner.ground(tenants=runner.QUICK_TENANTS, sides=[harness.OURS]) as ground:
        chosen = runner.chosen(ground, quick=True)
        return chosen, runner.run(ground, chosen, quick=True)


def test_no_attack_gets_a_canary_of_another_tenant(ran: Ran) -> None:
    _, rows = ran
    assert runner.problems(rows) == []


def test_every_attack_of_the_fast_part_ran(ran: Ran) -> None:
    chosen, rows = ran
    assert {row.attack for row in rows} == {attack.name for attack in chosen}
    assert chosen
