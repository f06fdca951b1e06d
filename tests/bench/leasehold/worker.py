"""A worker of the product that also knows the tasks of the bench; started for an attack, stopped at its end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from saas import local

STOP_SECONDS = 20.0
COMMAND = (
    "-A saas.celery worker --include tests.bench.leasehold.tasks --queues celery --concurrency 2"
    " --without-mingle --without-gossip --loglevel INFO"
)


@contextmanager
def running() -> Iterator[None]:
    """Have a worker of two processes run until the block ends; its log is scanned with the others."""
    log = Path(os.environ["BENCH_LOGS"]) / f"ours-{os.environ['BENCH_CONNECTION']}-worker.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *COMMAND.split()],
            cwd=local.PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=local.die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
