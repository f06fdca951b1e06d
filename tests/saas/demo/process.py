"""A demo as a child process of a test: started, watched through what it prints, stopped or killed."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from saas import local
from saas.demo.client import Client

T = TypeVar("T")
START_SECONDS, STOP_SECONDS = 120.0, 60.0
OURS = ("DATABASE_URL", "REDIS_URL", "CELERY_", "SECRET_KEY", "LEASEHOLD_", "DJANGO_")


def environment(**more: str) -> dict[str, str]:
    """What a person has who types a command: nothing of the test run's servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    passed = {name: os.environ[name] for name in ("LEASEHOLD_PG_BINDIR",) if name in os.environ}
    return {**kept, **passed, **more}


def manage(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return run([sys.executable, "manage.py", *arguments], **more)


def shell_command(text: str) -> list[str]:
    return [sys.executable, "manage.py", "shell", "--no-imports", "-c", text]


def run(command: list[str], **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=local.PROJECT,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )


@contextmanager
def place() -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="leasehold-demo-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        for found in (directory / "local", directory):
            local.remove(found)


def until(look: Callable[[], T | None], seconds: float, what: str) -> T:
    """Return the first result that is not None, False or empty."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.05)
    return found


class Demo:
    """One demo in a directory; `facts` is what its start printed as JSON."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.facts: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._files = directory.with_name(directory.name + "-said")
        self._files.mkdir(exist_ok=True)

    def start(self, **more: str) -> dict[str, Any]:
        """Start it unless it runs, and return its facts."""
        if self._process is not None:
            return self.facts
        command = [sys.executable, "manage.py", "demo", "--json", "--dir", str(self.directory)]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [*command, "--port", "0", "--console-port", "0", "--mail-port", "0"],
                cwd=local.PROJECT,
                env=environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                preexec_fn=local.die_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )
        self.facts = json.loads(until(self._first_line, START_SECONDS, "the demo's table"))
        return self.facts

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def pid_of(self, name: str) -> int:
        """Return the process of a program or server as it is now, after restarts."""
        again = re.findall(rf"{name} was started again, as process (\d+)", self.said(), re.IGNORECASE)
        return int(again[-1]) if again else int(self.facts["processes"][name])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and return its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        code = self._process.wait(STOP_SECONDS)
        self._process = None
        return code

    def said(self) -> str:
        return self._err.read_text()

    def logins(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.directory / "logins.json").read_text())
        return found

    def client(self, slug: str) -> Client:
        port = self.facts["ports"]["web"]
        return Client(f"{slug}.localhost", port, key=self.logins()["keys"][slug])

    def shell(self, text: str) -> Any:
        """Run Python in a second terminal, with the logins of the demo's file; return the JSON that it prints last."""
        done = run(shell_command(text), LEASEHOLD_LOCAL_DIR=str(self.directory))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for path in (self._out, self._err):
            path.unlink(missing_ok=True)
        self._files.rmdir()

    def _first_line(self) -> str | None:
        assert self._process is not None
        assert self._process.poll() is None, self.said()
        line, end, _ = self._out.read_text().partition("\n")
        return line if end else None

    @property
    def _out(self) -> Path:
        return self._files / "out"

    @property
    def _err(self) -> Path:
        return self._files / "err"


def running_in(directory: Path) -> list[str]:
    """Return the command lines of all processes that work for a demo in this directory."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
        except OSError:  # it has ended
            continue
        if any(os.fsencode(directory) in text for text in words) and int(folder.name) != os.getpid():
            found.append(words[0].replace(b"\0", b" ").decode())
    return found
