"""Keeps processes running: starts them, waits until they work, restarts those that die, stops them in good order."""

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from saas import local
from saas.demo import exceptions, place, readiness
from saas.demo.place import Place
from saas.demo.programs import Program

READY_SECONDS = 90.0
ANSWER_SECONDS = 5.0
POLL_SECONDS = 0.05
DEATHS, DEATHS_WITHIN_SECONDS = 5, 30.0
DELAYS = (0.0, 0.5, 1.0, 2.0)  # seconds before a restart, by the number of recent deaths
LOG_BYTES = 16 * 2**20  # a log that is longer starts anew

Pause = Callable[[], None]


def pause() -> None:
    time.sleep(POLL_SECONDS)


class Server(Protocol):
    """PostgreSQL or Valkey, as `saas.local` drives them."""

    title: ClassVar[str]

    @property
    def pid(self) -> int: ...
    @property
    def log(self) -> Path: ...
    def start(self) -> None: ...
    def alive(self) -> bool: ...


class Deaths:
    """How often a process died lately."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=DEATHS)
        self.restart_at: float | None = None

    def count(self, now: float) -> bool:
        """Note a death and when the restart is due. Returns False when it was one too many."""
        self._times.append(now)
        recent = sum(1 for moment in self._times if now - moment <= DEATHS_WITHIN_SECONDS)
        self.restart_at = now + DELAYS[min(recent, len(DELAYS)) - 1]
        return recent < DEATHS


class Child:
    """One process of a program, in a session of its own so that Ctrl-C reaches us alone."""

    def __init__(self, program: Program, where: Place) -> None:
        self.program = program
        self.log = where.log(program.name)
        self.deaths = Deaths()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready: int | None = None

    def start(self) -> None:
        """Start it; it ends when we die, even by kill -9. Call it from the main thread, see local.die_with_parent."""
        self._forget_pipe()
        self.deaths.restart_at = None
        self._ready, tell = os.pipe()
        kept = [tell] if self.program.bound is None else [tell, self.program.bound.fileno()]
        os.set_blocking(self._ready, False)
        try:
            with _opened(self.log) as log:
                self._process = subprocess.Popen(
                    self.program.command,
                    cwd=local.PROJECT,
                    env={**self.program.environment, readiness.VARIABLE: str(tell)},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=kept,
                    preexec_fn=local.die_with_parent(signal.SIGKILL),  # noqa: PLW1509 # no threads here
                )
        finally:
            os.close(tell)

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def end(self) -> str | None:
        """Return how it ended, in words, or None while it runs."""
        code = self._process.poll() if self._process else 0
        if code is None:
            return None
        return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def became_ready(self) -> bool:
        """Whether it told us, since the last question, that it works."""
        if self._ready is None:
            return False
        with contextlib.suppress(BlockingIOError):
            told = os.read(self._ready, 1)
            self._forget_pipe()
            return told == b"1"
        return False

    def ask_to_stop(self) -> None:
        if self._process is not None and self.end() is None:
            self._process.terminate()

    def stop_at(self, deadline: float) -> None:
        """Wait until then, and kill what is left of it, its own children too."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._forget_pipe()

    def _forget_pipe(self) -> None:
        if self._ready is not None:
            os.close(self._ready)
            self._ready = None


class Supervisor:
    """The children of one demo and the servers that they need."""

    def __init__(
        self,
        programs: Sequence[Program],
        servers: Sequence[Server],
        where: Place,
        *,
        notice: Callable[[str], None],
    ) -> None:
        self.children = [Child(program, where) for program in programs]
        self._servers = [(server, Deaths()) for server in servers]
        self._notice = notice

    def start(self, *, pause: Pause = pause) -> None:
        """Start every process, and wait until each works. Raises NotReady, which shows the end of its log."""
        for child in self.children:
            child.start()
        deadline = time.monotonic() + READY_SECONDS
        for child in self.children:
            _wait(child, deadline, pause)

    def watch(self) -> None:
        """Restart what dies, until a signal ends us. Raises TooManyDeaths."""
        while True:
            for server, deaths in self._servers:
                self._look_after_server(server, deaths)
            for child in self.children:
                self._look_after(child)
            pause()

    def pids(self) -> dict[str, int]:
        """Return the process of each server and program by its name."""
        servers = {server.title.lower(): server.pid for server, _ in self._servers}
        return servers | {child.program.name: child.pid for child in self.children}

    def ports(self) -> dict[str, int]:
        """Return the port of each web process by its name."""
        bound = {child.program.name: child.program.bound for child in self.children}
        return {name: socket.getsockname()[1] for name, socket in bound.items() if socket}

    def stop(self) -> None:
        """Stop every process: workers first, so that they finish while the rest still answers."""
        late: list[Child] = []
        early: list[Child] = []
        for child in self.children:
            (late if child.program.bound else early).append(child)
        for group in (early, late):
            for child in group:
                child.ask_to_stop()
            start = time.monotonic()
            for child in group:
                child.stop_at(start + child.program.patience)

    def _look_after(self, child: Child) -> None:
        name = child.program.name
        if child.became_ready():
            self._notice(f"{name} works again")
        how = child.end()
        if how is None:
            return
        if child.deaths.restart_at is None:
            ending = f"{child.log} ends with:\n{place.tail(child.log)}"
            self._note_death(f"{name} (process {child.pid})", how, child.deaths, ending)
        elif time.monotonic() >= child.deaths.restart_at:
            child.start()
            self._notice(f"{name} was started again, as process {child.pid}")

    def _look_after_server(self, server: Server, deaths: Deaths) -> None:
        if server.alive():
            return
        if deaths.restart_at is None:
            ending = f"{server.log} ends with:\n{place.tail(server.log)}"
            self._note_death(server.title, "died", deaths, ending)
        elif time.monotonic() >= deaths.restart_at:
            deaths.restart_at = None
            server.start()
            self._notice(f"{server.title} was started again, as process {server.pid}")

    def _note_death(self, name: str, how: str, deaths: Deaths, ending: str) -> None:
        self._notice(f"{name} {how}")
        if not deaths.count(time.monotonic()):
            raise exceptions.TooManyDeaths(
                f"{name} {how}, for the {DEATHS}th time within {DEATHS_WITHIN_SECONDS:.0f} s: everything was stopped;"
                f" {ending}"
            )


def _wait(child: Child, deadline: float, pause: Pause) -> None:
    name, told = child.program.name, False
    while not told or not _answers(child.program):
        told = told or child.became_ready()
        how = child.end()
        if how is None and time.monotonic() > deadline:
            how = f"did not work within {READY_SECONDS:.0f} s"
        if how is not None:
            raise exceptions.NotReady(f"{name} {how}; {child.log} ends with:\n{place.tail(child.log)}")
        pause()


def _answers(program: Program) -> bool:
    """Whether a web process says that it reaches its database and its cache; the others have said all they can."""
    if program.bound is None:
        return True
    host, port = program.bound.getsockname()
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def _opened(log: os.PathLike[str]) -> Iterator[int]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    handle = os.open(log, flags, place.PRIVATE_FILE)
    try:
        if os.fstat(handle).st_size > LOG_BYTES:
            os.ftruncate(handle, 0)
        yield handle
    finally:
        os.close(handle)
