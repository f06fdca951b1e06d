"""A real web server of a project: gunicorn with one worker, in an environment of the project's own."""

import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from saas import local
from tests.benchmarks import processes
from tests.benchmarks.conftest import Child

THREADS = 4
OPTIONS = (
    f"--worker-class gthread --workers 1 --threads {THREADS} --keep-alive 60 --log-level error"
    " --no-control-socket tests.benchmarks.traffic:application"
).split()


class Gunicorn:
    """One worker with a few threads, on a port of the loopback interface."""

    def __init__(self, child: Child, log: Path | None = None) -> None:
        """log: where it writes what it has to say, for a test that has it refuse thousands of requests."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = listener.getsockname()[1]
        fd = listener.fileno()
        with ExitStack() as stack:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--bind", f"fd://{fd}", *OPTIONS],
                env=child.environment,
                cwd=local.PROJECT,
                pass_fds=[fd],
                stderr=stack.enter_context(log.open("ab")) if log else None,
            )
        listener.close()

    def worker(self) -> int:
        """Return the process that answers; it has answered once."""
        (found,) = processes.children(self.process.pid)
        return found

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
