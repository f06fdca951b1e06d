"""A real gunicorn for tests that need what only a web server does: threads, slow clients, bytes that are no HTTP."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import environment

START_SECONDS = 60


class Server:
    """A web server on a unix socket; every request is written by hand."""

    def __init__(self, place: Path, process: "subprocess.Popen[bytes]") -> None:
        self.socket = place / "web.sock"
        self.log = place / "web.log"
        self.process = process

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        try:
            connection.connect(str(self.socket))
        except OSError:
            connection.close()
            raise
        return connection

    def send(self, request: bytes) -> socket.socket:
        connection = self.connect()
        connection.sendall(request)
        return connection

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Return status and the rest of the answer to these bytes; 0 when the server closed without a word."""
        with self.send(request) as connection:
            answer = read_all(connection)
        return (int(answer.split(b" ", 2)[1]), answer) if answer.startswith(b"HTTP/") else (0, answer)

    def get(self, host: str, path: str) -> tuple[int, bytes]:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if self.get("x", "/healthz")[0]:
                    return
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)


def read_all(connection: socket.socket) -> bytes:
    found = b""
    while True:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            return found
        if not part:
            return found
        found += part


@pytest.fixture
def gunicorn(fresh_db: str) -> Iterator[Server]:
    """Serve `small_site` by one process with eight threads, on the test's own database."""
    assert environment.running is not None
    variables = {
        **os.environ,
        **environment.running.environment(fresh_db),
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "tests.tenants.small_settings",
    }
    with tempfile.TemporaryDirectory(prefix="lh-web-") as folder:
        place = Path(folder)
        bind = f"unix:{place / 'web.sock'}"
        command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "8", "-b", bind]
        options = ["--no-control-socket", "--graceful-timeout", "1", "saas.wsgi:application"]
        with (place / "web.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *options], cwd=settings.BASE_DIR, env=variables, stdout=log, stderr=log
            )
        server = Server(place, process)
        try:
            server.wait()
            yield server
        finally:
            process.terminate()
            process.wait(30)
