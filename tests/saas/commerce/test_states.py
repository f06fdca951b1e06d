"""What follows what: the verbs' own answer, ahead of the database's."""

import pytest

from saas.commerce import refusals, states


def test_what_follows_passes_and_the_rest_is_refused_with_what_would() -> None:
    states.require(states.NEXT, "pending", "confirmed")
    with pytest.raises(refusals.IllegalTransition, match="cancelled, confirmed can follow"):
        states.require(states.NEXT, "pending", "shipped")
    with pytest.raises(refusals.IllegalTransition, match="nothing can follow"):
        states.require(states.NEXT_PAYMENT, "refunded", "paid")


def test_the_same_again_is_no_step() -> None:
    for steps in (states.NEXT, states.NEXT_PAYMENT):
        for state in steps:
            with pytest.raises(refusals.IllegalTransition):
                states.require(steps, state, state)


def test_every_state_is_reached_from_the_first() -> None:
    for steps, first in ((states.NEXT, "pending"), (states.NEXT_PAYMENT, "unpaid")):
        reached, new = {first}, {first}
        while new:
            new = {after for before in new for after in steps[before]} - reached
            reached |= new
        assert reached == set(steps)
