"""What Linux tells about processes: their children, and how long they have computed."""

from collections.abc import Iterable
from pathlib import Path


def children(pid: int) -> list[int]:
    return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def computed(pids: Iterable[int]) -> float:
    """Return the seconds that all threads of these processes have computed, to the nanosecond."""
    threads = (path for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(path.read_text("ascii").split()[0]) for path in threads) / 1e9
