"""The processes of the product, and the environment of each: only the logins that it may hold."""

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from saas import env
from saas.demo.place import Place

APP, CONSOLE = "DATABASE_URL", "DATABASE_URL_CONSOLE"
OWNER, BACKUP = "DATABASE_URL_OWNER", "DATABASE_URL_BACKUP"
# The passwords of strict tenants: for the processes that enter tenants as `app`, and for who makes one strict.
STRICT_KEY = "LEASEHOLD_STRICT_KEY"
EVERY_LOGIN = (APP, CONSOLE, OWNER, BACKUP, STRICT_KEY)
LINK_PORT = "LEASEHOLD_LINK_PORT"
CONSOLE_MFA = "LEASEHOLD_CONSOLE_MFA"
FOR_ALL = ("SECRET_KEY", "REDIS_URL", "CELERY_BROKER_URL", LINK_PORT)
# What passes from whoever started us; nothing else does, so no login can.
PASSED = frozenset(
    "DEBUG HOME LANG LC_ALL LEASEHOLD_APEX_HOST LEASEHOLD_STATEMENT_TIMEOUT_MS LEASEHOLD_USAGE_FLUSH_SECONDS PATH"
    " PYTHONPATH PYTHONWARNINGS TMPDIR TZ USER".split()
)
CELERY = (sys.executable, "-m", "celery", "-A", "saas.demo.worker")


@dataclass(frozen=True, slots=True)
class Program:
    """A process that the supervisor keeps running; a web process answers on the bound socket."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    bound: socket.socket | None = None
    patience: float = 6.0  # seconds that it gets to finish its work when it is asked to stop


def environment(values: Mapping[str, str], place: Place, *logins: str, **more: str) -> dict[str, str]:
    """Return what a child of the demo gets: of `values`, which holds every login, those that `logins` names."""
    return {**_plain(place), **{name: values[name] for name in (*FOR_ALL, *logins)}, **more}


def _plain(place: Place) -> dict[str, str]:
    """Return what a child gets that reads files of the demo alone: no login, no broker, no secret."""
    passed = {name: value for name, value in os.environ.items() if name in PASSED}
    return {
        **passed,
        "DJANGO_SETTINGS_MODULE": "saas.settings",
        "LEASEHOLD_ENV": "development",
        "LEASEHOLD_ENV_FILE": "none",
        "LEASEHOLD_LOCAL_DIR": str(place.directory),
        "PYTHONUNBUFFERED": "1",
    }


def all_of(
    values: Mapping[str, str],
    place: Place,
    *,
    web: socket.socket,
    console: socket.socket,
    mail: socket.socket,
) -> list[Program]:
    """Return the product's processes in the order in which they start."""
    return [
        Program(
            "web",
            _gunicorn(web),
            environment(values, place, APP, STRICT_KEY, LEASEHOLD_SITE="tenants", WEB_CONCURRENCY="2"),
            bound=web,
        ),
        Program(
            "console",
            _gunicorn(console),
            environment(
                values, place, CONSOLE, LEASEHOLD_SITE="console", **{CONSOLE_MFA: str(asks_factor())}
            ),
            bound=console,
        ),
        Program("worker", _worker("celery", 2), environment(values, place, APP, BACKUP, STRICT_KEY)),
        Program("ddl-worker", _worker("ddl", 1), environment(values, place, *EVERY_LOGIN)),
        Program("mail", _mailbox(mail, place), _plain(place), bound=mail),
        Program("beat", _beat(place), environment(values, place)),
    ]


def asks_factor() -> bool:
    """Whether operators show a code on the demo's console: only when whoever starts it says so."""
    return env.boolean(CONSOLE_MFA, default=False)


def _gunicorn(bound: socket.socket) -> tuple[str, ...]:
    bind = f"fd://{bound.fileno()}"
    return (sys.executable, "-m", "gunicorn", "--config", "python:saas.demo.web", "--bind", bind, "saas.wsgi")


def _worker(queue: str, processes: int) -> tuple[str, ...]:
    quick = ("--without-mingle", "--without-gossip")
    size = ("--concurrency", str(processes), "--hostname", f"{queue}@%h")
    return (*CELERY, "worker", "--queues", queue, *size, *quick, "--loglevel", "INFO")


def _mailbox(bound: socket.socket, place: Place) -> tuple[str, ...]:
    return (sys.executable, "-m", "saas.demo.mailbox", str(bound.fileno()), str(place.mail))


def _beat(place: Place) -> tuple[str, ...]:
    return (*CELERY, "beat", "--schedule", str(place.directory / "beat"), "--pidfile=", "--loglevel", "INFO")
