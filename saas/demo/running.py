"""The demo from its first step to Ctrl-C."""

import contextlib
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console

from saas import local
from saas.demo import place, programs, report, steps, tables
from saas.demo.place import Place
from saas.demo.supervisor import Supervisor

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop."""


def run(directory: Path, *, port: int, console_port: int, mail_port: int, as_json: bool) -> None:
    """Start everything, print what to do with it, and keep it running until a signal. Raises DemoError, LocalError."""
    out, notes = Console(), Console(stderr=True)
    try:
        with stop_on_signals(), contextlib.ExitStack() as stack:
            where = stack.enter_context(place.taken(directory))
            supervisor = _start(stack, where, (port, console_port, mail_port), report.Steps(notes))
            _show(where, supervisor, out if not as_json else None)
            stack.callback(notes.print, "Stopping…")
            supervisor.watch()
    except Stopped:
        notes.print("Everything has stopped. The data is kept; `make demo` goes on with it.")


@contextlib.contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raise Stopped at the first signal, and ignore those that come while we stop."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    # One that is ignored already was so by intention: nohup.
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN or number == signal.SIGTERM:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(
    stack: contextlib.ExitStack, where: Place, ports: tuple[int, int, int], shown: report.Steps
) -> Supervisor:
    place.read_logins(where)  # a file that cannot be read is refused before anything is started
    web = stack.enter_context(steps.listening(ports[0], option="--port"))
    console = stack.enter_context(steps.listening(ports[1], option="--console-port"))
    mail = stack.enter_context(steps.listening(ports[2], option="--mail-port"))
    servers = local.Servers(where.directory, durable=True)
    stack.callback(servers.stop)
    steps.start_servers(servers, shown)
    values = steps.prepare_database(servers, where, shown, port=web.getsockname()[1])
    steps.seed(values, where, shown)
    wanted = programs.all_of(values, where, web=web, console=console, mail=mail)
    return start_programs(stack, servers, wanted, where, shown)


def start_programs(
    stack: contextlib.ExitStack,
    servers: local.Servers,
    wanted: list[programs.Program],
    where: Place,
    shown: report.Steps,
) -> Supervisor:
    """Start the product's processes and wait until each works; the stack stops them."""
    here = [server for server in (servers.postgres, servers.valkey) if server]
    supervisor = Supervisor(wanted, here, where, notice=shown.notice)
    stack.callback(supervisor.stop)
    with shown.step("processes") as step:
        supervisor.start(pause=shown.pause)
        step.saw(", ".join(child.program.name for child in supervisor.children))
    return supervisor


def _show(where: Place, supervisor: Supervisor, out: Console | None) -> None:
    """Print the tables, or one line of JSON. Passwords are shown by the first start that gets so far."""
    logins = place.read_logins(where)
    assert logins is not None  # the seeding wrote it
    demo = tables.Demo(where, supervisor.ports(), logins, supervisor.pids())
    for slug, key in logins.keys.items():
        place.write(where.header(slug), f"Authorization: Bearer {key}\n")
    if out:
        tables.show(demo, out)
    else:
        line: dict[str, Any] = tables.as_json(demo)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    if not logins.shown:
        logins.shown = True
        place.write_logins(where, logins)
