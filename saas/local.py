"""PostgreSQL and Valkey as children of this process, for the demo and the tests; production brings its own."""

import contextlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

from saas.servers.exceptions import (
    AlreadyRunning,
    HalfWritten,
    LocalError,
    MissingProgram,
    MissingUrl,
    NotRunning,
    NotSafe,
    NotWritable,
    StartFailed,
)
from saas.servers.place import home_of, lock
from saas.servers.postgres import FLEETING_SETTINGS, Postgres, find_postgres
from saas.servers.process import SOCKET_BYTES, Server, die_with_parent
from saas.servers.valkey import Valkey, find_valkey

__all__ = [
    "DATABASE_USERS",
    "FLEETING_SETTINGS",
    "PROJECT",
    "SOCKET_BYTES",
    "AlreadyRunning",
    "HalfWritten",
    "LocalError",
    "MissingProgram",
    "MissingUrl",
    "NotRunning",
    "NotSafe",
    "NotWritable",
    "Postgres",
    "Servers",
    "StartFailed",
    "Valkey",
    "apply_roles",
    "create_database",
    "die_with_parent",
    "find_postgres",
    "find_valkey",
    "remove",
    "run_sql",
    "with_database",
]

PROJECT = Path(__file__).resolve().parents[1]

DATABASE_USERS = {
    "DATABASE_URL": "app",
    "DATABASE_URL_CONSOLE": "console",
    "DATABASE_URL_OWNER": "owner",
    "DATABASE_URL_BACKUP": "backup",
}
CACHE_DATABASE, BROKER_DATABASE = 1, 2


def with_database(url: str, database: str) -> str:
    """Return the URL with its database replaced."""
    parts = urlsplit(url)
    # urlunsplit would drop the empty authority of postgresql:///name.
    return urlunsplit(parts._replace(netloc=parts.netloc or "@", path="/" + quote(database, safe="")))


def create_database(admin_url: str, name: str) -> None:
    """Create the database unless it is there."""
    import psycopg

    with psycopg.connect(admin_url, autocommit=True) as connection:
        # The server quotes the name, so that no SQL is composed here.
        row = connection.execute(
            """
            SELECT format('CREATE DATABASE %%I', %(name)s::text)
            WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = %(name)s)
            """,
            {"name": name},
        ).fetchone()
        # Somebody else may have been faster.
        with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            if row:
                connection.execute(row[0].encode())


def run_sql(admin_url: str, text: str) -> None:
    """Run the statements of an SQL file, as one message and so as one transaction."""
    import psycopg

    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(text.encode())


def apply_roles(servers: "Servers", database: str) -> None:
    """Run deploy/roles.sql in the database as superuser; again after each copy of a database."""
    run_sql(servers.admin_url(database), (PROJECT / "deploy" / "roles.sql").read_text())


def remove(directory: Path) -> None:
    """Delete the directory of Servers, and what stands elsewhere for it. Raises AlreadyRunning, NotWritable."""
    places = [place for place in (directory / "postgres", directory / "valkey") if place.is_dir()]
    homes = [home for home in map(home_of, places) if home.is_dir()]
    with contextlib.ExitStack() as locks:
        for home in homes:
            locks.callback(os.close, lock(home))
        try:
            for path in (*homes, directory):
                if path.exists():
                    shutil.rmtree(path)
        except OSError as error:
            raise NotWritable(
                f"{error.filename} cannot be deleted ({error.strerror}): delete it by hand."
            ) from error


class Servers:
    """Both servers under one directory; one that the environment names (DATABASE_URL, REDIS_URL) is not started."""

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool,
        bindir: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        chosen = ({} if durable else FLEETING_SETTINGS) | dict(settings or {})
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        if not os.environ.get("DATABASE_URL"):
            self.postgres = Postgres(directory / "postgres", bindir=bindir, settings=chosen)
        if not os.environ.get("REDIS_URL"):
            self.valkey = Valkey(directory / "valkey", appendonly=durable)

    def start(self) -> None:
        try:
            for server in self._started_here():
                server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for server in reversed(self._started_here()):
            server.stop()

    def alive(self) -> bool:
        """Whether each server that we start runs."""
        return all(server.alive() for server in self._started_here())

    def environment(self, database: str) -> dict[str, str]:
        """Return the variables that the product reads; those of servers of your own pass through unchanged."""
        return self._database_urls(database) | self._redis_urls()

    def admin_url(self, database: str = "postgres") -> str:
        """Return the superuser's URL."""
        if self.postgres:
            return self.postgres.url("postgres", database)
        return with_database(_given("DATABASE_URL_ADMIN", because="DATABASE_URL"), database)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _started_here(self) -> list[Server]:
        return [server for server in (self.postgres, self.valkey) if server]

    def _database_urls(self, database: str) -> dict[str, str]:
        if self.postgres:
            return {name: self.postgres.url(user, database) for name, user in DATABASE_USERS.items()}
        return {name: _given(name, because="DATABASE_URL") for name in DATABASE_USERS}

    def _redis_urls(self) -> dict[str, str]:
        if self.valkey:
            return {
                "REDIS_URL": self.valkey.url(CACHE_DATABASE),
                "CELERY_BROKER_URL": self.valkey.celery_url(BROKER_DATABASE),
            }
        # Never derived from the other: clearing the cache empties its whole database.
        return {name: _given(name, because="REDIS_URL") for name in ("REDIS_URL", "CELERY_BROKER_URL")}


def _given(name: str, *, because: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise MissingUrl(f"{because} names a server of yours, so set {name} as well.")
    return value


def _main(arguments: list[str]) -> int:
    if arguments != ["clean"]:
        sys.stderr.write("usage: python -m saas.local clean\n")
        return 2
    try:
        remove(PROJECT / ".local")
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
