"""saas.wsgi: a web server does not start with a login that could bypass isolation."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from saas import local
from tests import databases, environment

GUNICORN = [sys.executable, "-m", "gunicorn", "saas.wsgi", "--bind", "127.0.0.1:0"]
LOAD = {
    "wsgi": [sys.executable, "-c", "import saas.wsgi"],
    "asgi": [
        sys.executable,
        "-c",
        "import asyncio, importlib\nasync def load(): importlib.import_module('saas.asgi')\nasyncio.run(load())",
    ],
}


def run(command: list[str], database: str, **more: str) -> "subprocess.CompletedProcess[str]":
    assert environment.running is not None
    variables = environment.running.environment(database)
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "LEASEHOLD_ENV": "test", **variables, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("kind", LOAD)
def test_an_application_loads_with_our_logins(fresh_db: str, kind: str) -> None:
    done = run(LOAD[kind], fresh_db)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", LOAD)
def test_an_application_does_not_load_with_a_superuser(fresh_db: str, kind: str) -> None:
    done = run(LOAD[kind], fresh_db, DATABASE_URL=databases.servers().admin_url(fresh_db))
    assert done.returncode == 1
    assert "tenants.E003: The login of the database alias 'default' is a superuser" in done.stderr


def test_an_application_does_not_load_with_the_login_of_another_duty(fresh_db: str) -> None:
    assert environment.running is not None
    owner = environment.running.environment(fresh_db)["DATABASE_URL_OWNER"]
    done = run(LOAD["wsgi"], fresh_db, DATABASE_URL=owner)
    assert done.returncode == 1
    assert (
        "tenants.E003: The login of the database alias 'default' can act as owner, owns objects"
        in done.stderr
    )


def test_a_server_that_is_away_stops_no_application(fresh_db: str) -> None:
    away = local.with_database(databases.servers().admin_url(), "no_such_database")
    assert run(LOAD["wsgi"], fresh_db, DATABASE_URL=away).returncode == 0


def test_gunicorn_ends_with_a_superuser(fresh_db: str) -> None:
    done = run(GUNICORN, fresh_db, DATABASE_URL=databases.servers().admin_url(fresh_db))
    assert done.returncode == 3  # gunicorn's own: a worker failed to boot
    assert "tenants.E003" in done.stderr
