"""A server as a child of this process: it is started, awaited and stopped, and ends when we do."""

import contextlib
import ctypes
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from saas.servers import place
from saas.servers.exceptions import NotRunning, StartFailed

# sun_path holds 108 bytes with its NUL on Linux, 104 on macOS and the BSDs.
SOCKET_BYTES = 107 if sys.platform == "linux" else 103
# Everything else would need quoting somewhere: a comma splits libpq's host, a space ends Celery's URL.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
PR_SET_PDEATHSIG = 1
START_SECONDS = 60.0  # crash recovery after a kill -9 comes before the first answer
LOG_BYTES = 16 * 2**20  # a log that is longer starts anew
TAIL_BYTES = 2_000
SHORT = Path("/tmp")  # noqa: S108 (what stands there is checked for its owner and mode before it is used)


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None]:
    """Return a Popen(preexec_fn=...) that has the kernel send the signal to the child when we die, even by kill -9.

    Linux only, elsewhere it does nothing. The kernel watches the thread that forked: call Popen from the main
    thread. Popen(user=...) changes the credentials before it calls this, so that the request survives.
    """
    parent, number = os.getpid(), signal.Signals(number).value
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before the fork, where it is safe

    def prepare() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(number), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the request
            os._exit(1)

    return prepare


class Server:
    """One child process and the lock on its directory, which both of us hold: it ends with the last of the two."""

    title: ClassVar[str]
    log_name: ClassVar[str]
    socket_name: ClassVar[str]
    # The first is also what the kernel sends when our process dies.
    stop_signals: ClassVar[tuple[signal.Signals, ...]]

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory).resolve()
        self.home = place.home_of(self.directory)
        self._account: place.Account | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    def start(self) -> None:
        """Start the server and wait until it answers. Call it from the main thread, see die_with_parent."""
        if self.alive():
            return
        self.stop()  # a server that died by itself leaves us its lock
        place.make(self.directory)
        self.home = place.reachable_home(self.directory, self._account)
        self._lock = place.lock(self.home)
        try:
            self._prepare()
            self._launch()
            self._wait()
        except OSError as error:
            self.stop()
            raise StartFailed(f"{self.title} cannot start in {self.home}: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, gently first; nothing happens when it does not run."""
        for number in self.stop_signals:
            if not self.alive():
                break
            self._signal(number)
        if self._process is not None:
            self._process = None
            self._drop_socket_dir()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def alive(self) -> bool:
        """Whether our child process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None or not self.alive():
            raise NotRunning(f"{self.title} in {self.directory} is not running: call start().")
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.home / self.log_name

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket: under the directory, or a short one under /tmp when that path cannot be used."""
        return self._short_dir() if self._needs_short_dir() else self.home / "socket"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self) -> None:
        raise NotImplementedError

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _launch(self) -> None:
        place.make_private(self.socket_dir, self._account)
        with self._open_log() as log:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we stop the servers last
                **self._child(self.stop_signals[0]),
            )
        place.note(self._held(), os.getpid(), self._process.pid)

    def _child(self, number: int) -> dict[str, Any]:
        """What each of our children gets: the lock, a clean environment, another user, an end with ours."""
        return {
            "cwd": "/",  # ours may be closed to the other user
            "env": place.CLEAN,
            "pass_fds": (self._held(),),
            "preexec_fn": die_with_parent(number),
            **(self._account.arguments() if self._account else {}),
        }

    def _held(self) -> int:
        if self._lock is None:
            raise NotRunning(f"{self.title} in {self.directory} is not running: call start().")
        return self._lock

    @contextlib.contextmanager
    def _open_log(self) -> Iterator[int]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            flags |= os.O_TRUNC
        handle = os.open(self.log, flags, 0o644)
        try:
            yield handle
        finally:
            os.close(handle)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.alive():
                raise StartFailed(f"{self.title} ended while it started; {self.log} says:\n{_tail(self.log)}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{self.title} did not answer within {START_SECONDS:.0f} s; {self.log} says:\n{_tail(self.log)}"
                )
            time.sleep(place.POLL_SECONDS)

    def _signal(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(place.STOP_SECONDS)

    def _needs_short_dir(self) -> bool:
        path = str(self.home / "socket" / self.socket_name)
        return len(os.fsencode(path)) > SOCKET_BYTES or not PLAIN_PATH.fullmatch(path)

    def _short_dir(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return SHORT / f"leasehold-{digest}"

    def _drop_socket_dir(self) -> None:
        if self._needs_short_dir():
            with contextlib.suppress(OSError):  # a killed server left its socket
                self._short_dir().rmdir()


def _tail(log: Path) -> str:
    return log.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
