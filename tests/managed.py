"""A second server as managed PostgreSQL gives it: its administrator is no superuser, and ran deploy/roles.sql."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import psycopg
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections

from saas import local
from tenants import context, directory, lifecycle
from tenants.models import Tenant, User
from tests import databases, environment

ADMINISTRATOR, SUPERUSER = "managed_admin", "postgres"
DATABASE = "managed"
OLDEST = Path("/usr/lib/postgresql/15/bin")
VERSIONS = [
    pytest.param(None, id="this"),
    pytest.param(
        OLDEST,
        id="oldest",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(not OLDEST.exists(), reason="PostgreSQL 15 is not installed"),
        ],
    ),
]
# What a managed service leaves to its customer; the cluster's superuser belongs to the service.
MAKE_ADMINISTRATOR: LiteralString = "CREATE ROLE managed_admin LOGIN CREATEROLE CREATEDB"


@contextmanager
def installation(
    *slugs: str, bindir: Path | None = None, administrator: str = ADMINISTRATOR
) -> Iterator[local.Postgres]:
    """Start a server, install as its administrator, point every alias at it, and make the tenants of these slugs.

    Roles belong to a cluster, and one that a superuser made is none that this administrator could change: hence a
    server of its own. Without bindir it has the version of the run's own server. With administrator=SUPERUSER the same
    is installed as it should be, to compare.
    """
    with TemporaryDirectory(prefix="leasehold-managed-") as place:
        Path(place).chmod(0o711)  # started by root, PostgreSQL runs as another user
        settings = local.FLEETING_SETTINGS | {"log_line_prefix": environment.LOG_LINE_PREFIX}
        with local.Postgres(Path(place), bindir=bindir, settings=settings) as server:
            install(server, administrator)
            with pointing_at(server):
                call_command("migrate", verbosity=0, interactive=False)
                for slug in slugs:
                    add_tenant(slug)
                yield server


def install(server: local.Postgres, administrator: str = ADMINISTRATOR) -> None:
    """Make the administrator and its database, and run deploy/roles.sql as it."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as superuser:
        superuser.execute(MAKE_ADMINISTRATOR)
    local.create_database(server.url(administrator, "postgres"), DATABASE)
    apply_roles(server, administrator)


def apply_roles(server: local.Postgres, administrator: str = ADMINISTRATOR) -> list[str]:
    """Run deploy/roles.sql as the administrator; return the warnings that it gave."""
    warnings: list[str] = []
    text = (local.PROJECT / "deploy" / "roles.sql").read_bytes()
    with psycopg.connect(server.url(administrator, DATABASE), autocommit=True) as admin:
        admin.add_notice_handler(lambda notice: warnings.append(notice.message_primary or ""))
        admin.execute(text)
    return warnings


def logins(server: local.Postgres) -> dict[str, str]:
    """Return the variables that give a process of its own the logins of this installation."""
    return {name: server.url(user, DATABASE) for name, user in local.DATABASE_USERS.items()}


def add_tenant(slug: str) -> Tenant:
    """Make a tenant with an owner, as the other test databases have them."""
    with context.owner():
        owner = User.objects.create_user(f"owner@{slug}.example", name=slug, password=databases.PASSWORD)
    return lifecycle.create(slug, by="tests", owner=owner, options={"plan": "pro"})


@contextmanager
def pointing_at(server: local.Postgres) -> Iterator[None]:
    """Have every alias of every thread connect to the managed database until the block ends."""
    former = {alias: dict(connections.settings[alias]) for alias in connections.settings}
    here = {"NAME": DATABASE, "HOST": str(server.socket_dir), "PORT": ""}
    _point(dict.fromkeys(former, here))
    try:
        yield
    finally:
        _point(former)


def _point(places: dict[str, dict[str, Any]]) -> None:
    connections.close_all()
    for alias, place in places.items():
        with suppress(AttributeError):  # a thread makes its connections when it needs them
            del connections[alias]  # it remembers the version of the server that it was connected to
        connections.settings[alias].update({key: place[key] for key in ("NAME", "HOST", "PORT")})
    cache.clear()
    directory.clear()
