"""Runs a command with a wire between it and the server, and kills one of the two at the message that it is told."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import psycopg

from tests.bench.wire import Message, Moment, Point, Wire

SECONDS = 90.0


def record(command: Sequence[str], variable: str) -> list[tuple[str, float]]:
    """Run the command to its end and return its messages: first words, and seconds of the server.

    variable names the URL of the login that goes over the wire.
    """
    with _wire(variable, None, lambda _: None) as (wire, environment):
        code = _start(command, environment).wait(SECONDS)
    assert code == 0, f"{command} ended with {code}"
    return [(message.words, message.seconds) for message in wire.messages]


def kill(
    command: Sequence[str], variable: str, *, target: str, at: Point, during: float, look: Callable[[], None]
) -> tuple[Message, int]:
    """Kill target (worker, backend, session) at the point; return the message and the command's exit code.

    look is called first, while the command stands in its middle. Returns when the server has forgotten the session.
    """
    worker: list[subprocess.Popen[bytes]] = []

    def hit(backend: int) -> None:
        if at.moment is not Moment.DURING:
            look()
        if target == "worker":
            worker[0].kill()
            worker[0].wait()
        elif target == "backend":
            with contextlib.suppress(ProcessLookupError):
                os.kill(backend, signal.SIGKILL)
        else:
            with psycopg.connect(os.environ[variable], autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [backend])

    with _wire(variable, at, hit, during) as (wire, environment):
        worker.append(_start(command, environment))
        code = worker[0].wait(SECONDS)
    assert wire.struck is not None, f"{command} has no message {at.number}"
    _wait_for_the_end_of(wire.backends, os.environ[variable])
    return wire.struck, code


def _start(command: Sequence[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def _wire(
    variable: str, point: Point | None, hit: Callable[[int], None], during: float = 0
) -> Iterator[tuple[Wire, dict[str, str]]]:
    """Put a wire between a worker's login and the server; yields it and the worker's variables."""
    url = urlsplit(os.environ[variable])
    (server,) = parse_qs(url.query)["host"]
    with tempfile.TemporaryDirectory(prefix="wire-") as place:
        wire = Wire(Path(place), Path(server), point, hit, during)
        try:
            # urlunsplit would drop the empty authority of postgresql:///name.
            through = urlunsplit(url._replace(netloc=url.netloc or "@", query=f"host={quote(place)}"))
            yield wire, {**os.environ, variable: through}
        finally:
            wire.close()


def _wait_for_the_end_of(backends: list[int], url: str) -> None:
    """A backend whose client is dead goes on to the end of its statement; a server that lost one starts anew."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as looking:
            query = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)"
            if looking.execute(query, [backends]).fetchone() == (0,):
                return
        time.sleep(0.05)
    raise TimeoutError(f"backends {backends} still run")
