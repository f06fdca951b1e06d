"""The main job without a person, on servers, ports and a directory of its own, which are gone afterwards."""

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from saas import local
from saas.demo import exceptions, place, programs, report, running, steps
from saas.demo.place import Place
from saas.demo.report import Steps

PORT = "LEASEHOLD_CHECK_PORT"
# Usage counters are written this often here; with the default the check would mostly wait.
FLUSH_SECONDS = "1"
WIDTH = 120
# Servers of yours are left alone: the check starts its own.
YOURS = (*local.DATABASE_USERS, "DATABASE_URL_ADMIN", "REDIS_URL", "CELERY_BROKER_URL")


@dataclass(slots=True)
class Outcome:
    """What a check came to: its steps, and when one failed why, with the end of each log."""

    steps: list[report.Step]
    error: str = ""
    logs: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def run(*, as_json: bool) -> None:
    """Do the job and print the report. Raises StepFailed, which names the step that failed."""
    shown = Steps(Console(stderr=True, quiet=as_json))
    outcome, start = Outcome(shown.all), time.monotonic()
    try:
        with running.stop_on_signals(), _own_directory() as directory, _own_environment():
            _attempt(directory, shown, outcome)
    except running.Stopped:
        outcome.error = "The check was stopped before its end."
    outcome.seconds = time.monotonic() - start
    _print(outcome, as_json=as_json)
    if outcome.error:
        raise exceptions.StepFailed(outcome.error)


def _attempt(directory: Path, shown: Steps, outcome: Outcome) -> None:
    """Do the job and keep why it failed; the logs are read before their directory goes."""
    try:
        with contextlib.ExitStack() as stack:
            where = stack.enter_context(place.taken(directory))
            _start_and_do(stack, where, shown)
    except (exceptions.DemoError, local.LocalError) as error:
        title = shown.all[-1].title if shown.all else "start"
        outcome.error = f"The step “{title}” failed: {error}"
        outcome.logs = {path.name: place.tail(path) for path in sorted(directory.glob("log/*.log"))}


def _start_and_do(stack: contextlib.ExitStack, where: Place, shown: Steps) -> None:
    web = stack.enter_context(steps.listening(0, option="--port"))
    console = stack.enter_context(steps.listening(0, option="--console-port"))
    mail = stack.enter_context(steps.listening(0, option="--mail-port"))
    servers = local.Servers(where.directory, durable=False)
    stack.callback(servers.stop)
    steps.start_servers(servers, shown)
    values = steps.prepare_database(servers, where, shown, port=web.getsockname()[1])
    wanted = programs.all_of(values, where, web=web, console=console, mail=mail)
    supervisor = running.start_programs(stack, servers, wanted, where, shown)
    _do(values, where, web.getsockname()[1], shown)
    with shown.step("stop everything") as step:
        pids = supervisor.pids()
        stack.close()
        if left := [name for name, pid in pids.items() if _runs(pid)]:
            raise exceptions.StepFailed(f"still running: {', '.join(left)}.")
        step.saw(f"{len(pids)} processes have ended")


def _do(values: Mapping[str, str], where: Place, port: int, shown: Steps) -> None:
    """Run the job and show its steps. Raises StepFailed with the reason that the job gives."""
    why = ""

    def show(event: steps.Event) -> None:
        nonlocal why
        if title := event.get("begin"):
            shown.begin(title)
        else:
            shown.all[-1].saw(event.get("seen", ""))
            shown.end(failed="failed" in event)
            why = event.get("why", "")

    command = (sys.executable, "-m", "saas.demo", "job")
    try:
        steps.run("the job", command, values, where, shown, tell=show, more={PORT: str(port)})
    except exceptions.StepFailed as error:
        raise exceptions.StepFailed(why or str(error)) from None


@contextlib.contextmanager
def _own_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="leasehold-check-"))
    directory.chmod(0o711)  # started by root, PostgreSQL runs as another user
    try:
        yield directory
    finally:
        local.remove(directory)


@contextlib.contextmanager
def _own_environment() -> Iterator[None]:
    before = dict(os.environ)
    for name in YOURS:
        os.environ.pop(name, None)
    os.environ["LEASEHOLD_USAGE_FLUSH_SECONDS"] = FLUSH_SECONDS
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _print(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(_values(outcome), indent=1) + "\n")
        return
    out = Console()
    out.width = max(out.width, WIDTH) if not out.is_terminal else out.width
    out.print(report.table(outcome.steps))
    for name, text in outcome.logs.items():
        if text:
            out.print(f"\n{name} ends with:\n{text}", markup=False, highlight=False)
    if not outcome.error:
        out.print(f"The main job works: {len(outcome.steps)} steps in {outcome.seconds:.1f} s.")


def _values(outcome: Outcome) -> dict[str, Any]:
    return {
        "ok": not outcome.error,
        "error": outcome.error or None,
        "seconds": round(outcome.seconds, 2),
        "steps": [
            {"step": step.title, "ok": not step.failed, "seen": step.seen, "seconds": round(step.seconds, 2)}
            for step in outcome.steps
        ],
        "logs": outcome.logs,
    }


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
