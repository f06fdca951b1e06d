"""What the demo prints: steps while it works, tables when it is done. Nothing here starts or stops anything."""

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
    """One finished or running step."""

    title: str
    seen: str = ""
    seconds: float = 0.0
    bar: tuple[str, int | None, int | None] = field(default=("", None, None), repr=False)

    def saw(self, what: str) -> None:
        self.seen = what

    def advance(self, doing: str, done: int | None = None, total: int | None = None) -> None:
        self.bar = doing, done, total


class Steps:
    """Shows the step that runs, and a line for each that is done. Draws only when asked to, without a thread."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.done: list[Step] = []
        self.current: Step | None = None
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
        """Show a step while the block runs; one that raises stays in `current`."""
        step = self.current = Step(title)
        start = time.monotonic()
        task = self._progress.add_task(title, total=None)
        self._progress.start()
        self._progress.refresh()
        try:
            yield step
        finally:
            step.seconds = time.monotonic() - start
            self._progress.stop()
            self._progress.remove_task(task)
        self.finish(step)

    def finish(self, step: Step) -> None:
        self.done.append(step)
        self.current = None
        self.console.print(
            Text.assemble(
                ("✓ ", "green"), f"{step.title:<28}", (f"{step.seconds:5.1f} s  ", "dim"), step.seen
            ),
            soft_wrap=True,
        )

    def pause(self) -> None:
        """Wait for a moment and draw what has changed since."""
        supervisor.pause()
        if self.current is None or not self._progress.tasks:
            return
        doing, done, total = self.current.bar
        description = f"{self.current.title}: {doing}" if doing else self.current.title
        self._progress.update(
            self._progress.tasks[-1].id, description=description, completed=done or 0, total=total
        )
        self._progress.refresh()
