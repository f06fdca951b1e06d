"""Fixtures of all tests. Tests run as the login `app`; a plain `db` rolls back, `fresh_db` is a database of its own."""

import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from billing import usage
from tenants import caching, context, directory, flushing
from tenants.models import Tenant
from tenants.people import key_uses
from tests import databases, environment

pytest_plugins = ["tenants.testing"]

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("leasehold", deadline=None)
hypothesis.settings.load_profile("leasehold")

TEMPLATE = f"{environment.DATABASE}_template"
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def template_db(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Build the template once per process. Nothing connects to it afterwards: it could not be copied then."""
    before = databases.roles()
    with django_db_blocker.unblock():
        databases.build(TEMPLATE)
    yield TEMPLATE
    with django_db_blocker.unblock():
        databases.drop(TEMPLATE)
        databases.drop_roles(databases.roles() - before)


@pytest.fixture(scope="session")
def django_db_setup(template_db: str) -> Iterator[None]:
    """Replace pytest-django's, which would build the database as whoever logs in, without roles and tenants."""
    databases.drop(environment.DATABASE)
    databases.copy(template_db, environment.DATABASE)
    with databases.pointing_at(environment.DATABASE):
        yield
    databases.drop(environment.DATABASE)


@contextmanager
def fresh_copy(template: str, blocker: DjangoDbBlocker) -> Iterator[str]:
    name = f"{environment.DATABASE}_fresh_{next(numbers)}"
    before = databases.roles()
    databases.copy(template, name)
    try:
        with blocker.unblock(), databases.pointing_at(name):
            yield name
    finally:
        databases.drop(name)
        # Roles are the cluster's and files are the machine's: in the next database an audit would find them.
        databases.drop_roles(databases.roles() - before)
        shutil.rmtree(Path(os.environ["LEASEHOLD_LOCAL_DIR"]) / "backups", ignore_errors=True)


@pytest.fixture
def fresh_db(template_db: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Give the test a database of its own, in which all logins and real commits work; yields its name."""
    with fresh_copy(template_db, django_db_blocker) as name:
        yield name


@pytest.fixture(scope="module")
def module_db(template_db: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Like `fresh_db`, for a module whose tests do not disturb each other."""
    with fresh_copy(template_db, django_db_blocker) as name:
        yield name


def own_database(request: pytest.FixtureRequest) -> str | None:
    """Return the name of the fixture that gives this test a database in which it commits, if it asks for one."""
    if "module_db" in request.fixturenames:
        return "module_db"
    return "fresh_db" if {"fresh_db", "server_log"} & set(request.fixturenames) else None


@pytest.fixture
def tenant_db(request: pytest.FixtureRequest) -> None:
    """Open the database that the test asks for by `fresh_db` or `module_db`, else the one that rolls back."""
    request.getfixturevalue(own_database(request) or "db")


@pytest.fixture(autouse=True, scope="session")
def static_files_are_not_collected(django_test_environment: None) -> None:
    """WhiteNoise warns of a missing folder; tests find the files where the apps keep them."""
    settings.STATIC_ROOT = None


@pytest.fixture(autouse=True)
def nothing_left_of_the_test_before() -> None:
    """A cached host may name a row that was rolled back; counts of tries are nobody's in the next test."""
    directory.clear()
    caching.shared.clear()


@pytest.fixture(autouse=True)
def no_flusher(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread writes what a test counted into the database of another one."""
    monkeypatch.setattr(flushing.Flusher, "start", lambda *_: None)
    monkeypatch.setattr(usage.counters, "_counts", type(usage.counters._counts)())
    key_uses.uses.forget()


@pytest.fixture
def tenant(tenant_db: None) -> Callable[[str], directory.Entry]:
    """Return what finds a committed tenant by its slug; no context is entered."""

    def find(slug: str) -> directory.Entry:
        with context.public():
            return directory.entry_of(Tenant.objects.get(slug=slug))

    return find


@pytest.fixture
def globex(tenant: Callable[[str], directory.Entry]) -> directory.Entry:
    return tenant("globex")


@pytest.fixture
def initech(tenant: Callable[[str], directory.Entry]) -> directory.Entry:
    return tenant("initech")


@pytest.fixture
def acme(
    tenant: Callable[[str], directory.Entry], request: pytest.FixtureRequest
) -> Iterator[directory.Entry]:
    """Enter acme's context for the whole test. Others ask for `two_tenants`, where none is entered."""
    for name in ("globex", "initech"):  # found before, since one context keeps another out
        if name in request.fixturenames:
            request.getfixturevalue(name)
    found = tenant("acme")
    with context.use(found):
        yield found


class ServerLog:
    """What the server received from a login on one database since the last `forget()`, one entry per message."""

    ENTRY = re.compile(r"^(\d+)\|([^|]*)\|([^|]*)\|(\w+):  (?:(?:statement|execute [^:]+): )?(.*)$")

    def __init__(self, database: str) -> None:
        postgres = databases.servers().postgres
        if postgres is None:
            pytest.skip("reads the server's log, which only a server that we start gives us")
        self.path = postgres.log
        self.database = database
        self.forget()

    def forget(self) -> None:
        self.start = self.path.stat().st_size

    def messages(self, login: str = "app") -> list[str]:
        """Return the statements in the order of their arrival, those of one simple-protocol message as one."""
        found: list[str] = []
        ours = False
        with self.path.open(encoding="utf-8", errors="replace") as log:
            log.seek(self.start)
            for line in log:
                if entry := self.ENTRY.match(line):
                    ours = entry[4] == "LOG" and (entry[2], entry[3]) == (self.database, login)
                    found += [entry[5]] if ours else []
                elif ours and line.startswith("\t"):
                    found[-1] += "\n" + line.strip()
        return found


@pytest.fixture
def server_log(request: pytest.FixtureRequest) -> Iterator[ServerLog]:
    """Have the server write down every statement that reaches the test's own database."""
    database: str = request.getfixturevalue(own_database(request) or "fresh_db")
    logins = ("app", "console", "owner", "backup")
    with (
        psycopg.connect(databases.servers().admin_url(database), autocommit=True) as admin,
        ExitStack() as stack,
    ):
        stack.callback(connections.close_all)  # a session keeps what it was told at its beginning
        for login in logins:
            names = sql.Identifier(login), sql.Identifier(database)
            admin.execute(sql.SQL("ALTER ROLE {} IN DATABASE {} SET log_statement = 'all'").format(*names))
            undo = sql.SQL("ALTER ROLE {} IN DATABASE {} RESET log_statement").format(*names)
            stack.callback(admin.execute, undo)
        connections.close_all()
        yield ServerLog(database)
