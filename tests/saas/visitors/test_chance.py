"""What seeds are made of: repeatable, in the shape that was promised, with nothing lost when it is spread."""

from datetime import UTC, datetime
from random import Random
from uuid import UUID

import factory.random
from hypothesis import given
from hypothesis import strategies as st

from saas.visitors import chance
from saas.visitors.chance import Chance

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


def test_an_id_is_a_uuid7_of_its_moment() -> None:
    ms = 1_700_000_000_123
    found = UUID(Chance(1, "x", UNTIL).id(ms))
    assert (found.version, found.variant) == (7, "specified in RFC 4122")
    assert found.int >> 80 == ms


def test_the_same_seed_draws_the_same_and_each_table_its_own() -> None:
    first, again, other = (Chance(1, name, UNTIL).id(5) for name in ("x", "x", "y"))
    assert first == again != other


def test_a_timeline_is_in_order_and_over_before_the_end() -> None:
    draw = Chance(1, "x", UNTIL)
    found = draw.timeline(1_000)
    assert found == sorted(found)
    assert max(Chance(2, "y", UNTIL).arrival() for _ in range(100)) < found[0]
    assert found[-1] <= draw.until
    assert draw.after(draw.until) == draw.until


@given(total=st.integers(0, 5_000), among=st.integers(1, 200), most=st.integers(0, 100))
def test_shares_lose_nothing_that_fits(total: int, among: int, most: int) -> None:
    found = chance.shares(total, among, most=most)
    assert len(found) == among
    assert sum(found) == min(total, among * most)
    assert all(0 <= share <= most for share in found)


def test_popular_ones_get_most() -> None:
    found = chance.shares(10_000, 1_000, most=10_000)
    assert sum(found[:100]) > 5_000
    assert found == sorted(found, reverse=True)


@given(number=st.integers(0, 30), of=st.integers(31, 200), without=st.integers(0, 30))
def test_some_are_different_ones_and_never_the_one_left_out(number: int, of: int, without: int) -> None:
    found = Chance(1, "x", UNTIL).some(number, of, without=without)
    assert len(set(found)) == len(found) == number
    assert without not in found
    assert all(0 <= one < of for one in found)


def test_names_are_the_seeds_and_leave_the_source_of_factories_alone() -> None:
    factory.random.reseed_random(9)
    wanted = factory.random.randgen.random()
    factory.random.reseed_random(9)
    assert chance.people(1, 5) == chance.people(1, 5) != chance.people(2, 5)
    assert chance.sentences(1, 3) != chance.sentences(2, 3)
    assert factory.random.randgen.random() == wanted
    assert Random(9).random() == wanted
