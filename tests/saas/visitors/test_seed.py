"""Who comes to a seeded site: the first ones of a seed are the same for every size."""

from datetime import UTC, datetime

from saas.visitors import seed

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_longer_list_begins_with_the_shorter_one() -> None:
    few, many = (list(seed.persons(n, seed=3, until=UNTIL)) for n in (10, 200))
    assert many[:10] == few
    assert len({person.id for person in many}) == len({person.word for person in many}) == 200


def test_some_are_guests_and_nobody_has_a_password() -> None:
    ((table, columns, rows),) = seed.batches(200, seed=3, until=UNTIL)
    people = [dict(zip(columns, row, strict=True)) for row in rows]
    assert table == "visitors_visitor"
    assert {person["password"] for person in people} == {""}
    guests = [person for person in people if person["email"] is None]
    assert 20 < len(guests) < 120
    assert all(guest["verified_at"] is None for guest in guests)
    assert list(seed.persons(1, seed=4, until=UNTIL)) != list(seed.persons(1, seed=3, until=UNTIL))
