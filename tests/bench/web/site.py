"""A real gunicorn in front of the project of this process: started at the first attack that needs it, asked over sockets."""

import atexit
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from saas import local
from tests.bench.ground import DATABASE
from tests.bench.harness import Run, Tenant
from tests.bench.tally import Try
from tests.bench.web import client
from tests.bench.web.client import Reply

START_SECONDS, STOP_SECONDS = 60.0, 20.0
BACKLOG = 2048
STATEMENT_TIMEOUT_MS = 2_000
NOBODY = "nobody.example.com"


class Site:
    """The web server of one side; its log stands beside those that are scanned after each attack."""

    def __init__(self, side: str, probe: Tenant) -> None:
        connection = os.environ["BENCH_CONNECTION"].replace(" ", "-")
        self.log = Path(os.environ["BENCH_LOGS"]) / f"{DATABASE[side]}-{connection}-web.log"
        self.probe = probe
        self._socket = socket.create_server((client.ADDRESS, 0), backlog=BACKLOG)
        self.port: int = self._socket.getsockname()[1]
        self.process = self._start()
        atexit.register(self.stop)
        self._wait()

    def ask(self, tenant: Tenant, target: str, *, method: str = "GET", **more: Any) -> Reply:
        """Ask the tenant's host over a connection of its own."""
        data = client.request(tenant.host, target, method=method, close=True, **more)
        return client.ask(self.port, data, method=method)

    def lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()

    def stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                self.process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(STOP_SECONDS)
        self._socket.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "gunicorn", "--config", "python:tests.bench.web.server"]
        number = self._socket.fileno()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*command, "--bind", f"fd://{number}", "django.core.wsgi:get_wsgi_application()"],
                cwd=local.PROJECT,
                env={**os.environ, "LEASEHOLD_STATEMENT_TIMEOUT_MS": str(STATEMENT_TIMEOUT_MS)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[number],
                preexec_fn=local.die_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.ask(self.probe, "/bench/read").status != 200:
            assert self.process.poll() is None, "\n".join(self.lines()[-30:])
            assert time.monotonic() < deadline, "\n".join(self.lines()[-30:])
            time.sleep(0.1)


@cache
def _site(side: str, probe: Tenant) -> Site:
    return Site(side, probe)


def of(run: Run) -> Site:
    """Return the web server of the side that is attacked."""
    return _site(run.side.name, run.side.tenants[0])


def each(run: Run, count: int, work: Callable[[random.Random], None]) -> None:
    """Do the tries, `count` of them at a time; each calls work with the randomness of its thread."""

    def share(tries: int, rng: random.Random) -> None:
        for _ in range(tries):
            work(rng)

    of(run)
    run.threads(min(count, run.tries), share)


def saw(found: Try, reply: Reply, what: str = "") -> None:
    """Read an answer, every byte of it; an error status is a refusal."""
    found.saw(bytes(reply), what)
    if reply.status == 0 or reply.status >= 400:
        found.error = f"status {reply.status}"


def saw_nothing(found: Try, reply: Reply, what: str = "") -> None:
    """Read an answer that nobody's data may stand in: every canary is foreign, its own as well."""
    saw(found, Reply(reply.status, b"", b""))
    leaked = bytes(reply)
    found.leaks += [f"{what}: {leaked!r}"[:400]] if b"canary-" in leaked else []


def bearer(tenant: Tenant) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {tenant.facts['key']}")]


def cookie(tenant: Tenant) -> list[tuple[str, str]]:
    return [("Cookie", tenant.facts["cookie"])]
