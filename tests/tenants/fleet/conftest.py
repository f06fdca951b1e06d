"""The newest and the oldest server that we support, with one rich schema to read; every test is rolled back."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from saas import local
from tenants.fleet.script import Script

HERE = Path(__file__).parent
OLDEST = Path(os.environ.get("LEASEHOLD_PG15_BINDIR", "/usr/lib/postgresql/15/bin"))
SAMPLE = "t_" + "5a" * 16
# What every database of ours has: roles of deploy/roles.sql that the sample speaks of, extensions in public only.
DATABASE = """
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
Build = Callable[[str, str], None]
Replay = Callable[[str, Script], None]


@pytest.fixture(scope="session", params=["newest", "15"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    bindir = OLDEST if request.param == "15" else None
    try:
        local.find_postgres(bindir)
    except local.MissingProgram as error:
        pytest.skip(str(error))
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)  # the server's own user must get in
        with local.Postgres(directory, bindir=bindir, settings=local.FLEETING_SETTINGS) as server:
            _prepare(server.url("postgres", "postgres"))
            yield server.url("postgres", "postgres")


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A connection as `owner`, inside a transaction that is rolled back; RESET ROLE makes it the superuser's."""
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL ROLE owner")
        yield connection
        connection.rollback()


@pytest.fixture
def build(connection: Connection) -> Build:
    return lambda schema, text: _build(connection, schema, text)


@pytest.fixture
def replay(connection: Connection) -> Replay:
    """Build a schema the way it is done in earnest: everything in one message of the simple protocol."""
    return lambda schema, script: _build(connection, schema, _joined(script))


@pytest.fixture
def sample() -> str:
    """The name of a schema that holds one of each kind."""
    return SAMPLE


def sample_text(version: int) -> str:
    newer = (HERE / "sample_18.sql").read_text() if version >= 180000 else ""
    return (HERE / "sample.sql").read_text() + newer


def _prepare(admin_url: str) -> None:
    with psycopg.connect(admin_url) as connection:
        connection.execute(DATABASE)  # type: ignore[arg-type, unused-ignore]
        _build(connection, SAMPLE, sample_text(connection.info.server_version))


def _build(connection: Connection, schema: str, text: str) -> None:
    path = f"SET LOCAL search_path = {schema}, public; SET LOCAL check_function_bodies = off;\n"
    connection.execute(f"CREATE SCHEMA {schema}; {path}{text}".encode())
    connection.execute("SET LOCAL search_path = public; SET LOCAL check_function_bodies = on")


def _joined(script: Script) -> str:
    return ";\n".join((*script.before, *script.rows, *script.after))
