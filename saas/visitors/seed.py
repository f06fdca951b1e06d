"""Rows of those who come to a believable site: pure, no database. The first ones of a seed are always the same."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from saas.visitors import chance
from saas.visitors.chance import Batch, Chance

NAMES = 500
GUESTS = 0.3  # without address
VERIFIED = 0.8  # of those with one
COLUMNS = ("id", "email", "password", "epoch", "created_at", "verified_at", "closed_at", "last_seen_at")


class Person(NamedTuple):
    id: str
    came: int
    name: str
    word: str  # their name in small letters and digits
    email: str | None


def persons(number: int, *, seed: int, until: datetime) -> Iterator[Person]:
    """Yield the first so many people of a seed; the shop and the community of one seed have the same ones."""
    draw, names = Chance(seed, "visitors", until), chance.people(seed, NAMES)
    for n in range(number):
        came = draw.arrival()
        first, last = draw.random.choice(names)[0], draw.random.choice(names)[1]
        word = "".join(sign for sign in f"{first}{last}".lower() if sign.isascii() and sign.isalpha())[:20]
        word = f"{word}{n}"
        guest = draw.random.random() < GUESTS
        email = None if guest else f"{word}@seed{seed}.example"
        yield Person(draw.id(came), came, f"{first} {last}", word, email)


def batches(rows: int, *, seed: int, until: datetime) -> Iterator[Batch]:
    yield "visitors_visitor", COLUMNS, _visitors(rows, seed, until)


def _visitors(rows: int, seed: int, until: datetime) -> Iterator[tuple[object, ...]]:
    """Nobody can sign in: a password that a file names would be one that everybody knows."""
    draw = Chance(seed, "visitors' doings", until)
    for person in persons(rows, seed=seed, until=until):
        came, seen = (
            chance.moment(person.came),
            chance.moment(draw.after(person.came, draw.until - person.came)),
        )
        known = person.email and draw.random.random() < VERIFIED
        epoch = draw.id(person.came)
        yield person.id, person.email, "", epoch, came, came if known else None, None, seen
