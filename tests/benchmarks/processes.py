"""What Linux tells about processes: their children, and how long they have computed."""

from collections.abc import Iterable
from pathlib import Path

Computed = dict[int, float]


def children(pid: int) -> list[int]:
    return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def computed(pids: Iterable[int]) -> Computed:
    """Return the seconds that all threads of each process have computed, to the nanosecond."""
    return {pid: sum(map(_seconds, Path(f"/proc/{pid}/task").glob("*/schedstat"))) for pid in pids}


def since(before: Computed) -> float:
    """Return the seconds that processes have computed since then; what ended in the meantime does not count."""
    return sum(seconds - before[pid] for pid, seconds in computed(before).items() if seconds)


def _seconds(path: Path) -> float:
    return int(path.read_text("ascii").split()[0]) / 1e9
