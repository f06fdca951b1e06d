"""What seeds are made of: chance that can be repeated, ids and moments from a fixed clock, sums and pairs with skew."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import factory
import factory.random

AGE = timedelta(days=540)  # of what is seeded, until the day of the seed
ARRIVAL = 0.3  # the part of it in which everybody came
DAY_MS = 86_400_000
SKEW = 0.85  # Zipf's exponent: what views, likes and sales of one site come to, about

Batch = tuple[str, tuple[str, ...], Iterator[tuple[object, ...]]]  # a table, its columns, its rows


class _Person(factory.DictFactory):  # type: ignore[misc]  # typed only in name
    first = factory.Faker("first_name")
    last = factory.Faker("last_name")


class _Sentence(factory.DictFactory):  # type: ignore[misc]
    text = factory.Faker("sentence", nb_words=14)


class Chance:
    """Draws for one table of one seed. Moments are milliseconds since 1970; everything lies before `until`."""

    def __init__(self, seed: int, name: str, until: datetime) -> None:
        self.random = Random(f"{seed} {name}")  # noqa: S311 # believable, not secret
        self.until = round(until.timestamp() * 1000)
        self.begin = self.until - AGE // timedelta(milliseconds=1)

    def id(self, ms: int) -> str:
        """Return a UUIDv7 (RFC 9562, 5.7) of that moment, as hex."""
        bits = self.random.getrandbits(74)
        return f"{ms:012x}{0x7000 | bits >> 62:04x}{1 << 63 | bits & (1 << 62) - 1:016x}"

    def arrival(self) -> int:
        return self.begin + int((self.until - self.begin) * ARRIVAL * self.random.random())

    def timeline(self, number: int) -> list[int]:
        """Return so many moments in their order, after everybody arrived, more and more of them towards the end."""
        first = self.begin + int((self.until - self.begin) * ARRIVAL) + 1
        span = self.until - first
        return [first + int(span * ((i + self.random.random()) / number) ** 0.7) for i in range(number)]

    def after(self, ms: int, within: int = 7 * DAY_MS) -> int:
        """Return a moment soon after ms, most of them very soon."""
        return min(self.until, ms + 1 + int(within * self.random.random() ** 3))

    def popular(self, number: int) -> int:
        """Return one of range(number), the lower the likelier: a tenth of them gets a third."""
        return int(number * self.random.random() ** 2)

    def some(self, number: int, of: int, *, without: int = -1) -> list[int]:
        """Return so many different ones of range(of), popular ones first of all, never `without`."""
        if number > of // 4:
            rest = [i for i in range(of) if i != without]
            return self.random.sample(rest, min(number, len(rest)))
        found: dict[int, None] = {}
        while len(found) < number:
            one = self.popular(of)
            if one != without:
                found[one] = None
        return list(found)


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def shares(total: int, among: int, *, most: int) -> list[int]:
    """Return how total is spread over `among` by Zipf's law, at most `most` each; the sum is total, or what fits."""
    left = min(total, among * most)
    weights = [(rank + 1) ** -SKEW for rank in range(among)]
    scale = left / sum(weights) if among else 0
    found = [min(most, int(weight * scale)) for weight in weights]
    left -= sum(found)
    while left:
        for rank, got in enumerate(found):
            if left and got < most:
                found[rank] += 1
                left -= 1
    return found


def people(seed: int, number: int) -> list[tuple[str, str]]:
    """Return first and last names by factory-boy; the same for a seed and a version of Faker."""
    return [(one["first"], one["last"]) for one in _drawn(_Person, seed, number)]


def sentences(seed: int, number: int) -> list[str]:
    return [one["text"] for one in _drawn(_Sentence, seed, number)]


def _drawn(make: type[factory.DictFactory], seed: int, number: int) -> list[dict[str, str]]:
    """Draw from factory-boy's own source of chance, which is left as it was."""
    before = factory.random.get_random_state()
    try:
        factory.random.reseed_random(seed)
        found: list[dict[str, str]] = make.build_batch(number)
        return found
    finally:
        factory.random.set_random_state(before)
