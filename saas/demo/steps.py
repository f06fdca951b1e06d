"""What stands before the processes: servers, database, roles, tables, people. Each step can be repeated at any time."""

import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from saas import local
from saas.demo import exceptions, place, programs
from saas.demo.place import Place
from saas.demo.report import Steps

DATABASE = "leasehold"
HOST = "127.0.0.1"
# So long may the processes of a demo that was killed take to let go of their port.
PORT_SECONDS = 3.0
STEP_SECONDS = 600.0

Event = dict[str, Any]


@contextlib.contextmanager
def listening(port: int, *, option: str) -> Iterator[socket.socket]:
    """Claim a port of this machine (0: any) until the block ends. Raises PortTaken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deadline = time.monotonic() + PORT_SECONDS
        while not _bound(bound, port, option):
            if time.monotonic() > deadline:
                raise exceptions.PortTaken(
                    f"Port {port} is taken by another program: stop that one, or choose another port with {option}."
                )
            time.sleep(0.1)
        bound.listen(128)
        yield bound


def _bound(bound: socket.socket, port: int, option: str) -> bool:
    try:
        bound.bind((HOST, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise exceptions.PortTaken(
            f"Port {port} cannot be used ({error.strerror}): choose another one with {option}."
        ) from error
    return True


def start_servers(servers: local.Servers, steps: Steps) -> None:
    """Start PostgreSQL and Valkey, unless the environment names others. Raises local.LocalError."""
    with steps.step("PostgreSQL and Valkey") as step:
        servers.start()
        here = [server.title for server in (servers.postgres, servers.valkey) if server]
        step.saw(f"{' and '.join(here)} started" if here else "servers of your own")


def prepare_database(servers: local.Servers, where: Place, steps: Steps, *, port: int) -> dict[str, str]:
    """Make database, roles and tables. Returns the variables of all logins; links lead to the port of the web site."""
    database = _database()
    with steps.step("database and roles") as step:
        local.create_database(servers.admin_url(), database)
        local.apply_roles(servers, database)
        secrets = {name: place.secret(where, name) for name in ("SECRET_KEY", programs.STRICT_KEY)}
        values = servers.environment(database) | secrets | {programs.LINK_PORT: str(port)}
        place.write_env(where, {**values, **_programs_of(servers)})
        step.saw(f"database {database}")
    with steps.step("tables") as step:
        run(
            "migrate", (sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"), values, where, steps
        )
        step.saw("migrations applied")
    return values


def seed(values: Mapping[str, str], where: Place, steps: Steps) -> None:
    """Let the cast appear: tenants, shops, people, keys, usage, backups; what is there already stays as it is."""
    with steps.step("tenants, shops and people") as step:

        def show(event: Event) -> None:
            step.advance(event["doing"], event.get("done"), event.get("all"))
            if "saw" in event:
                step.saw(event["saw"])

        run("seeding", (sys.executable, "-m", "saas.demo", "seeding"), values, where, steps, tell=show)


def run(
    name: str,
    command: tuple[str, ...],
    values: Mapping[str, str],
    where: Place,
    steps: Steps,
    *,
    tell: Callable[[Event], None] = lambda _event: None,
    more: Mapping[str, str] | None = None,
) -> None:
    """Run a step as a child that holds every login and prints an event as JSON on each line. Raises StepFailed."""
    log = where.log("set-up")
    with log.open("ab") as errors:
        log.chmod(place.PRIVATE_FILE)
        child = subprocess.Popen(
            command,
            cwd=local.PROJECT,
            env=programs.environment(values, where, *programs.EVERY_LOGIN, **(more or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            preexec_fn=local.die_with_parent(signal.SIGKILL),  # noqa: PLW1509 # no threads here
        )
    with child:
        try:
            _relay(child, tell, steps)
        finally:
            child.kill()  # nothing, when it has ended
    if child.returncode:
        raise exceptions.StepFailed(f"{name} failed; {log} ends with:\n{place.tail(log)}")


def _relay(child: subprocess.Popen[bytes], tell: Callable[[Event], None], steps: Steps) -> None:
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    deadline, rest = time.monotonic() + STEP_SECONDS, b""
    while time.monotonic() < deadline:
        ended = child.poll() is not None
        while chunk := child.stdout.read():
            rest += chunk
        *lines, rest = rest.split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                tell(json.loads(line))
        if ended:
            return
        steps.pause()
    raise exceptions.StepFailed(f"A step of the set-up took longer than {STEP_SECONDS:.0f} s.")


def _database() -> str:
    """Return the name of the database: that of DATABASE_URL when a server of yours is used."""
    return unquote(urlsplit(os.environ.get("DATABASE_URL", "")).path.lstrip("/")) or DATABASE


def _programs_of(servers: local.Servers) -> dict[str, str]:
    """Let `tenant_run SLUG dbshell` find the psql of the server that we run."""
    return {"LEASEHOLD_PG_BINDIR": str(local.find_postgres())} if servers.postgres else {}
