"""Primary keys that sort by the time they were made, and epochs that cannot be guessed."""

import re
import time

from tenants import ids


def test_an_id_is_a_uuid_of_version_7_and_never_the_same() -> None:
    made = [ids.new() for _ in range(1_000)]
    assert {found.version for found in made} == {7}
    assert len(set(made)) == len(made)


def test_ids_sort_in_the_order_of_their_making() -> None:
    made = [ids.new() for _ in range(1_000)]
    assert made == sorted(made)


def test_an_id_begins_with_the_millisecond_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = ids.new().int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_an_epoch_is_32_hex_digits_and_never_the_same() -> None:
    made = {ids.new_epoch() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch("[0-9a-f]{32}", epoch) for epoch in made)
