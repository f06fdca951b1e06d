"""Real servers as children of a test: web servers of the product, and PgBouncer in front of the database."""

import http.client
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from saas import local
from tests import databases, environment

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
START_SECONDS = 60.0
GUNICORN = tuple(
    "-m gunicorn saas.wsgi --worker-class gthread --workers 1 --threads 6 --no-control-socket --log-level error".split()
)
NONE: Mapping[str, str] = {}
UVICORN = ("-m", "uvicorn", "saas.asgi:application", "--log-level", "warning", "--lifespan", "off")


class Web:
    """A web server on a port of its own, and what a client of it needs."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.server = ""

    def get(self, path: str, slug: str, headers: Mapping[str, str] = NONE) -> tuple[int, Any]:
        """Return the status and the decoded body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request("GET", path, headers={"Host": f"{slug}.localhost", **headers})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        with suppress(ValueError):
            return response.status, json.loads(body)
        return response.status, body.decode()


@contextmanager
def web(command: tuple[str, ...], database: str, **more: str) -> Iterator[Web]:
    """Start a web server that holds the login `app` alone."""
    assert environment.running is not None
    given = environment.running.environment(database)
    with socket.socket() as bound, tempfile.TemporaryFile() as log:
        bound.bind(("127.0.0.1", 0))
        bound.listen(64)
        bind = (
            ("--bind", f"fd://{bound.fileno()}") if "gunicorn" in command else ("--fd", str(bound.fileno()))
        )
        process = subprocess.Popen(
            [sys.executable, *command, *bind],
            cwd=local.PROJECT,
            pass_fds=[bound.fileno()],
            stderr=log,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": os.pathsep.join(
                    filter(None, (str(local.PROJECT), os.environ.get("PYTHONPATH")))
                ),
                "DJANGO_SETTINGS_MODULE": "tests.servers.settings",
                "LEASEHOLD_ENV": "test",
                "LEASEHOLD_ENV_FILE": "none",
                "DATABASE_URL": given["DATABASE_URL"],
                "REDIS_URL": given["REDIS_URL"],
                **more,
            },
        )
        try:
            found = Web(bound.getsockname()[1])
            until(
                lambda: process.poll() is not None or found.get("/healthz", "acme")[0] == 200,
                "the web server",
            )
            assert process.poll() is None, said(log)
            yield found
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def said(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read()[-2_000:].decode(errors="replace")


@contextmanager
def pgbouncer(*users: str, size: int = 2) -> Iterator[str]:
    """Start PgBouncer in transaction mode, with so many connections for all clients; yields its socket's folder."""
    assert PGBOUNCER is not None
    target = conninfo_to_dict(databases.servers().admin_url())
    directory = Path(tempfile.mkdtemp(prefix="leasehold-pgbouncer-"))
    account = pwd.getpwuid(Path(str(target["host"])).stat().st_uid)  # who may enter the database's folder
    (directory / "users.txt").write_text("".join(f'"{user}" ""\n' for user in ("app", *users)))
    (directory / "pgbouncer.ini").write_text(
        "[databases]\n"
        f"* = host={target['host']} port={target.get('port', 5432)}\n"
        "[pgbouncer]\n"
        f"unix_socket_dir = {directory}\nlisten_port = 6432\nlisten_addr =\n"
        f"auth_type = trust\nauth_file = {directory / 'users.txt'}\n"
        f"pool_mode = transaction\ndefault_pool_size = {size}\nmax_client_conn = 200\n"
        "server_reset_query =\nignore_startup_parameters = extra_float_digits\n"
        f"logfile = {directory / 'log'}\n"
    )
    shutil.chown(directory, account.pw_uid, account.pw_gid)
    process = subprocess.Popen(
        [PGBOUNCER, "-q", str(directory / "pgbouncer.ini")],
        user=account.pw_uid if os.getuid() == 0 else None,
        group=account.pw_gid if os.getuid() == 0 else None,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: process.poll() is not None or (directory / ".s.PGSQL.6432").exists(), "PgBouncer")
        assert process.poll() is None, (directory / "log").read_text()
        yield str(directory)
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        shutil.rmtree(directory, ignore_errors=True)


def url_through(folder: str, database: str) -> str:
    return f"postgresql://app@/{database}?host={folder}&port=6432"


def until(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError, psycopg.Error):
            if look():
                return
        assert time.monotonic() < deadline, f"{what} did not start"
        time.sleep(0.05)
