"""Runs the attacks on both sides and says what came of them."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import harness
from tests.bench.ground import BROKER, CACHE, Ground, Kind
from tests.bench.scan import DATABASES, Scan
from tests.bench.tally import Score
from tests.benchmarks import report

TENANTS, QUICK_TENANTS = 50, 4
SIDES = (harness.OURS, harness.THEIRS)
AS_USUAL = Kind()
HEADER = ["attack", "side", "tries", "own", "foreign", "errors"]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    attack: str
    side: str
    connection: str
    tries: int
    own: int
    foreign: int
    errors: int
    seconds: float = 0.0
    leaks: Sequence[str] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def title(self) -> str:
        return self.attack if self.connection == "direct" else f"{self.attack} ({self.connection})"

    def cells(self) -> list[Any]:
        return [self.title, self.side, self.tries, self.own, self.foreign, self.errors]


@contextmanager
def ground(*, tenants: int, sides: Sequence[str] = SIDES, kind: Kind = AS_USUAL) -> Iterator[Ground]:
    """Start servers and install the sides, each with this many tenants."""
    with tempfile.TemporaryDirectory(prefix="leasehold-bench-") as name, ExitStack() as stack:
        directory = Path(name)
        directory.chmod(0o711)  # started by root, PostgreSQL runs as another user
        found = Ground(directory, stack, kind)
        for side in sides:
            found.install(side, tenants)
        yield found


def run(
    on: Ground,
    chosen: Sequence[harness.Attack],
    *,
    quick: bool,
    share: float = 1.0,
    say: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Run the attacks on every side that stands on this ground, by every connection that they name.

    share: of their tries, for a run in a hurry.
    """
    scans = {side: Scan(tenants) for side, tenants in on.tenants.items()}
    rows = []
    for attack in chosen:
        for connection in filter(on.has, attack.over):
            for side in on.tenants:
                if side in attack.sides:
                    planned = attack.quick if quick else max(1, int(attack.tries * share))
                    rows.append(_run_one(on, attack, side, connection, scans[side], planned=planned))
                    say(f"{rows[-1].seconds:6.1f} s  {rows[-1].cells()} {rows[-1].kinds}")
    return rows


def _run_one(
    on: Ground, attack: harness.Attack, side: str, connection: str, scan: Scan, *, planned: int
) -> Row:
    found = on.child(side, connection)("run", name=attack.name, tries=planned)
    seconds = found.pop("seconds")
    score = Score(**found)
    if attack.writes:
        on.child(side, "direct")("furnish")
    scan.learn(harness.Tenant(**made) for made in score.made)
    left = [*scan.valkey(on.valkey.url(0), databases_of(side)), *scan.logs(on.logs(side))]
    wrong = _problems(on, attack, score, planned) + left if side == harness.OURS else []
    return Row(
        attack.name,
        side,
        connection,
        score.tries,
        score.own,
        score.foreign + len(left),
        score.errors,
        round(seconds, 2),
        [*score.leaks, *left],
        dict(score.kinds),
        wrong,
        score.notes,
    )


def databases_of(side: str) -> set[int]:
    """Return the databases of Valkey that a side may write to: all but those of the other side."""
    others = {number for given in (CACHE, BROKER) for other, number in given.items() if other != side}
    return set(range(DATABASES)) - others


def _problems(on: Ground, attack: harness.Attack, score: Score, planned: int) -> list[str]:
    if attack.open_on_managed and on.kind.managed and not on.kind.strict:
        return (
            [] if score.foreign else ["it is said to be open on managed PostgreSQL, and did not get through"]
        )
    return harness.failures(attack, score, planned)


def table(rows: Sequence[Row], server: str) -> None:
    """Print one line for each attack and side; `-` where an attack does not apply; and the totals."""
    shown = [row.cells() for row in rows]
    for side in SIDES:
        own = [row for row in rows if row.side == side]
        shown.append(["total", side, *(sum(row.cells()[n] for row in own) for n in range(2, 6))])
    report.table("The isolation bench", server, HEADER, shown)
    for text in [text for row in rows for text in row.notes]:
        print(text)


def save(rows: Sequence[Row], server: str, path: Path) -> None:
    found = {"machine": report.machine(server), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(found, indent=1), encoding="utf-8")


def problems(rows: Sequence[Row]) -> list[str]:
    return [
        f"{row.title}: {'; '.join(row.problems)} {list(row.leaks)} {row.kinds}"
        for row in rows
        if row.problems
    ]


def chosen(on: Ground, words: Sequence[str] = (), *, quick: bool) -> list[harness.Attack]:
    """Return the attacks whose names hold one of the words, in their order; all without words."""
    known = [
        harness.Attack(**{**found, "passes": harness.Passes(found["passes"])})
        for found in on.child(harness.OURS, "direct")("attacks")
    ]
    return [
        attack
        for attack in known
        if (attack.quick or not quick) and (not words or any(word in attack.name for word in words))
    ]


def named_open(attacks: Sequence[harness.Attack]) -> list[str]:
    """Return the attacks that get through where nobody can take set_config from tenants; strict mode closes them."""
    return [attack.name for attack in attacks if attack.open_on_managed]


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
