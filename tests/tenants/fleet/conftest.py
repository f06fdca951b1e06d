"""The newest and the oldest server that we support, with one rich schema to read; every test is rolled back."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from saas import local
from tenants.fleet.script import Script

BINDIRS = {"newest": None, "oldest": Path("/usr/lib/postgresql/15/bin")}
TEXTS = Path(__file__).parent
SAMPLE = "t_" + "5a" * 16
COPY = "t_" + "c0" * 16
# What each database of ours has: roles of deploy/roles.sql that the sample speaks of, extensions in public only.
DATABASE = b"""
CREATE ROLE owner LOGIN CREATEROLE;
CREATE ROLE tenant;
CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
GRANT CREATE ON DATABASE postgres TO owner;
GRANT CREATE ON SCHEMA public TO owner;
SET ROLE owner;
CREATE TABLE public.country (id integer PRIMARY KEY);
"""

Connection = psycopg.Connection[tuple[Any, ...]]
Start = Callable[[str], str]
Build = Callable[..., None]


@pytest.fixture(scope="session")
def start() -> Iterator[Start]:
    """Start the "newest" or the "oldest" server, once, and return the superuser's URL."""
    with ExitStack() as stack:
        yield cache(lambda which: _start(stack, BINDIRS[which]))


@pytest.fixture(scope="session", params=BINDIRS)
def url(start: Start, request: pytest.FixtureRequest) -> str:
    return start(request.param)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A connection as `owner`, inside a transaction that is rolled back; RESET ROLE makes it the superuser's."""
    yield from _connect(url)


@pytest.fixture
def newest(start: Start) -> Iterator[Connection]:
    yield from _connect(start("newest"))


@pytest.fixture
def oldest(start: Start) -> Iterator[Connection]:
    yield from _connect(start("oldest"))


@pytest.fixture
def sample() -> str:
    """The name of a schema that holds one of each kind."""
    return SAMPLE


@pytest.fixture
def copy() -> str:
    """The name of a second schema that was built with the same statements."""
    return COPY


@pytest.fixture
def build() -> Build:
    """Build a schema as it is done in earnest: one message of the simple protocol, a few settings before it."""
    return _build


@pytest.fixture
def text() -> str:
    """The part of the sample that every version understands."""
    return (TEXTS / "sample.sql").read_text()


def _start(stack: ExitStack, bindir: Path | None) -> str:
    try:
        local.find_postgres(bindir)
    except local.MissingProgram as error:
        pytest.skip(str(error))
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    directory.chmod(0o755)  # the server's own user must get in
    server = local.Postgres(directory, bindir=bindir, settings=local.FLEETING_SETTINGS)
    url = stack.enter_context(server).url("postgres", "postgres")
    with psycopg.connect(url) as connection:
        _prepare(connection)
    return url


def _prepare(connection: Connection) -> None:
    connection.execute(DATABASE)
    text = (TEXTS / "sample.sql").read_text()
    if connection.info.server_version >= 180000:
        text += (TEXTS / "sample_18.sql").read_text()
    _build(connection, SAMPLE, text)
    _build(connection, COPY, text)


def _connect(url: str) -> Iterator[Connection]:
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL ROLE owner")
        yield connection
        connection.rollback()


def _build(connection: Connection, schema: str, text: str | Script) -> None:
    if isinstance(text, Script):
        text = ";\n".join((*text.before, *text.rows, *text.after))
    settings = f"SET LOCAL search_path = {schema}, public; SET LOCAL check_function_bodies = off"
    connection.execute(f"CREATE SCHEMA {schema}; {settings};\n{text}".encode())
    connection.execute("SET LOCAL search_path = public; SET LOCAL check_function_bodies = on")
