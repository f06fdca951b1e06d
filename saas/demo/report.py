"""Shows steps while they run, and a line for each that is done. Nothing here starts or stops anything."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from saas.demo import supervisor


@dataclass(slots=True)
class Step:
    """A step: what it is called, what was seen at its end, how long it took."""

    title: str
    seen: str = ""
    seconds: float = 0.0
    failed: bool = False
    start: float = field(default_factory=time.monotonic, repr=False)
    bar: tuple[str, int | None, int | None] = field(default=("", None, None), repr=False)

    def saw(self, what: str) -> None:
        self.seen = what

    def advance(self, doing: str, done: int | None = None, total: int | None = None) -> None:
        self.bar = doing, done, total


class Steps:
    """The steps of one run. Draws only when asked to, so that no thread is there when processes are started."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.all: list[Step] = []
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            auto_refresh=False,
            disable=not console.is_terminal,
        )

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show a step while the block runs; when it raises, the step has failed."""
        step = self.begin(title)
        try:
            yield step
        except BaseException:
            self.end(failed=True)
            raise
        self.end()

    def begin(self, title: str) -> Step:
        step = Step(title)
        self.all.append(step)
        self._progress.add_task(title, total=None)
        self._progress.start()
        self._progress.refresh()
        return step

    def end(self, *, failed: bool = False) -> None:
        """Print the line of the step that was begun last."""
        self._progress.stop()
        self._progress.remove_task(self._progress.task_ids[-1])
        step = self.all[-1]
        step.seconds, step.failed = time.monotonic() - step.start, failed
        mark = ("✗", "red") if failed else ("✓", "green")
        seconds = f"{step.seconds:5.1f} s", "dim"
        line = Text.assemble(mark, f" {step.title:<28}", seconds, "  ", step.seen)
        self.console.print(line, soft_wrap=True)

    def notice(self, text: str) -> None:
        """Say what happened to a process."""
        self.console.print(
            f"{time.strftime('%H:%M:%S')} {text}", markup=False, highlight=False, soft_wrap=True
        )

    def pause(self) -> None:
        """Wait for a moment and draw what has changed since."""
        supervisor.pause()
        if not self._progress.task_ids:
            return
        step = self.all[-1]
        doing, done, total = step.bar
        description = f"{step.title}: {doing}" if doing else step.title
        task = self._progress.task_ids[-1]
        self._progress.update(task, description=description, completed=done or 0, total=total)
        self._progress.refresh()


def table(steps: list[Step]) -> Table:
    """Return the report of a run: step, what was seen, seconds."""
    found = Table("step", "what was seen", "seconds")
    found.columns[2].justify = "right"
    for step in steps:
        name = Text(step.title, style="red" if step.failed else "")
        found.add_row(name, Text(step.seen or "failed"), f"{step.seconds:.1f}")
    return found
