"""Whether two kinds of answers can be told apart: by their bytes, and by the time that they take."""

import random
from collections.abc import Sequence
from statistics import median

from tests.bench.harness import SEED
from tests.bench.web.client import Reply

PERMUTATIONS = 2_000
# Differ between any two answers of the same request.
CHANGING = ("date", "x-request-id")


def comparable(reply: Reply, *echoed: str) -> bytes:
    """Return an answer without what changes from one to the next and without the ids that were asked for."""
    lines = [
        line
        for line in reply.head.splitlines()
        if line.partition(b":")[0].decode("latin-1").lower() not in CHANGING
    ]
    found = b"\n".join([*lines, b"", reply.body])
    for text in echoed:
        found = found.replace(text.encode(), b"<id>")
    return found


def compare(title: str, one: Sequence[float], other: Sequence[float]) -> str:
    """Return a line: both medians, and how often chance alone makes their difference as large."""
    ours, theirs = median(one) * 1000, median(other) * 1000
    return f"{title}: {len(one)} and {len(other)} tries, median {ours:.2f} and {theirs:.2f} ms, p = {chance(one, other):.2f}"


def chance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the p-value of a permutation test on the difference of the medians, two-sided."""
    rng, both = random.Random(SEED), [*one, *other]
    seen = abs(median(one) - median(other))
    larger = 0
    for _ in range(PERMUTATIONS):
        rng.shuffle(both)
        larger += abs(median(both[: len(one)]) - median(both[len(one) :])) >= seen
    return (larger + 1) / (PERMUTATIONS + 1)
