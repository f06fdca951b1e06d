"""What an attack got: tries, how often its own canary arrived, how often a foreign one did, and errors."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.bench import canaries

SAMPLES = 5
NAMES = re.compile(r"[0-9a-f]{12,}|s_shop_\d+")


class HasCanary(Protocol):
    @property
    def canary(self) -> str: ...


@dataclass
class Score:
    """The figures of one attack on one side; a try may both be refused and see its own canary afterwards."""

    tries: int = 0
    own: int = 0
    foreign: int = 0
    errors: int = 0
    leaks: list[str] = field(default_factory=list)  # the first few, for people
    kinds: Counter[str] = field(default_factory=Counter)  # errors by their class
    made: list[dict[str, Any]] = field(default_factory=list)  # tenants of the attack's own, for the scan
    notes: list[str] = field(default_factory=list)  # what was measured beside, such as times

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "kinds": dict(self.kinds.most_common(SAMPLES))}


class Try:
    """One try. What it saw counts once, however often a canary stood in it."""

    def __init__(self, own: HasCanary) -> None:
        self.own = own.canary
        self.seen: set[str] = set()
        self.error: BaseException | str | None = None  # or what kind it was
        self.leaks: list[str] = []

    def saw(self, data: Any, of: str = "") -> None:
        """Note what came back: a row, a response, a key, a message, a line. `of` says what it was, for people."""
        found = canaries.within(data)
        self.seen |= found
        if found - {self.own}:
            self.leaks.append(f"{of}: {data!r}"[:400])

    @contextmanager
    def hostile(self, of: str = "", *, read: bool = True) -> Iterator[None]:
        """Let the block fail: its error is noted, what it says is read, and the try goes on.

        read: False when the error goes to another tenant than the one whose canary must arrive.
        """
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever the attack causes is an answer
            self.error = _kind(error)  # not the error itself, whose frames would keep what they hold
            if read:
                self.saw(error, of)


class Tally:
    """Counts the tries of one attack, from any thread."""

    def __init__(self) -> None:
        self.score = Score()
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, own: HasCanary) -> Iterator[Try]:
        """One try of the tenant `own`; an error that leaves the block is counted and ends here."""
        found = Try(own)
        with found.hostile("error"):
            yield found
        self._add(found)

    def saw(self, data: Any, own: HasCanary, of: str = "") -> None:
        """Count a try that only looked."""
        with self.attempt(own) as found:
            found.saw(data, of)

    def error(self, error: BaseException, own: HasCanary) -> None:
        """Count a try that was refused."""
        with self.attempt(own):
            raise error

    def note(self, text: str) -> None:
        """Keep what an attack measured; it is printed below the table and decides nothing."""
        self.score.notes.append(text)

    def _add(self, one: Try) -> None:
        with self._lock:
            score = self.score
            score.tries += 1
            score.own += one.own in one.seen
            if one.leaks:
                score.foreign += 1
                score.leaks += one.leaks[: SAMPLES - len(score.leaks)]
            if one.error is not None:
                score.errors += 1
                score.kinds[_kind(one.error)] += 1


def _kind(error: BaseException | str) -> str:
    """Return its class and the first line of its text, without names of tenants."""
    if isinstance(error, str):
        return error
    text = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {NAMES.sub('…', text)}"[:100]
