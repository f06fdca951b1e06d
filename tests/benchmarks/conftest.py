"""Servers of the benchmarks' own, as durable as in production, and processes with a Django project each."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from saas import local
from tests.benchmarks import processes

PROJECTS = "tests.benchmarks"
CACHES = {"leasehold": 1, "plain_tenants": 2, "plain_django": 3}


class Child:
    """A process of one project; each call of a verb waits for its answer."""

    def __init__(self, project: str, environment: dict[str, str], module: str = "verbs") -> None:
        folder = f"{PROJECTS}.{project}"
        self.environment = {
            "PATH": os.defpath,
            "PYTHONPATH": str(local.PROJECT),
            "DJANGO_SETTINGS_MODULE": f"{folder}.settings",
            **environment,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"{PROJECTS}.child", f"{folder}.{module}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=local.PROJECT,
            env=self.environment,
        )

    def __call__(self, verb: str, **arguments: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps([verb, arguments]) + "\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"{verb} failed, see above"
        return json.loads(answer)

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
        self.process.wait()


class Ground:
    """The servers, and what runs on them until the test ends."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory, self.stack = directory, stack
        self.postgres = local.Postgres(directory / "postgres", settings={"log_line_prefix": "%p|"})
        self.valkey = local.Valkey(directory / "valkey", appendonly=False)
        stack.enter_context(self.postgres)
        stack.enter_context(self.valkey)

    @property
    def log(self) -> str:
        return str(self.postgres.log)

    def backends(self) -> list[int]:
        """Return the processes of PostgreSQL: one for each connection, and a few that tidy up."""
        text = (self.postgres.data / "postmaster.pid").read_text(encoding="ascii")
        return processes.children(int(text.split("\n", 1)[0]))

    def version(self) -> str:
        (found,) = self.sql("SHOW server_version") or ("",)
        return str(found).split(" ", maxsplit=1)[0]

    def sql(self, statement: str, *names: str, database: str = "postgres") -> tuple[Any, ...] | None:
        """Run a statement as the superuser, names in the place of its {}."""
        with psycopg.connect(self.url("postgres", database), autocommit=True) as admin:
            composed = sql.SQL(statement).format(*map(sql.Identifier, names))
            cursor = admin.execute(composed)
            return cursor.fetchone() if cursor.description else None

    def url(self, user: str, database: str) -> str:
        return self.postgres.url(user, database)

    def create(self, database: str) -> None:
        self.sql("CREATE DATABASE {}", database)
        self._grant(database)

    def _grant(self, database: str) -> None:
        roles = (local.PROJECT / "deploy" / "roles.sql").read_text(encoding="utf-8")
        local.run_sql(self.url("postgres", database), roles)

    def log_statements(self, database: str, setting: str) -> None:
        """Have connections that are opened from now on log all statements, or none."""
        self.sql(f"ALTER DATABASE {{}} SET log_statement = '{setting}'", database)

    def copy(self, database: str, name: str) -> None:
        """Copy a database, with the grants that belong to a database and are lost in a copy."""
        self.sql("CREATE DATABASE {} TEMPLATE {}", name, database)
        self._grant(name)

    def leasehold(self, database: str, *logins: str, module: str = "verbs", **more: str) -> Child:
        """Return a process of ours, in production settings, that holds these logins."""
        urls = {
            name: self.url(user, database) for name, user in local.DATABASE_USERS.items() if user in logins
        }
        return self._child(
            Child(
                "leasehold",
                {
                    "LEASEHOLD_ENV": "production",
                    "SECRET_KEY": "not a secret, but long and varied enough: 0123456789",
                    "LEASEHOLD_BACKUP_DIR": str(self.directory / "backups"),
                    "LEASEHOLD_APEX_HOST": "example.com",
                    "REDIS_URL": self.valkey.url(CACHES["leasehold"]),
                    **urls,
                    **more,
                },
                module,
            )
        )

    def plain(self, project: str, database: str, **environment: str) -> Child:
        """Return a process of a plain project; it connects as the superuser, whom no permission is checked for."""
        urls = {"DATABASE_URL": self.url("postgres", database), "REDIS_URL": self.valkey.url(CACHES[project])}
        return self._child(Child(project, {**urls, **environment}))

    def _child(self, child: Child) -> Child:
        self.stack.callback(child.close)
        return child


@contextmanager
def opened() -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="leasehold-bench-") as name, ExitStack() as stack:
        directory = Path(name)
        directory.chmod(0o711)  # started by root, PostgreSQL runs as another user
        yield Ground(directory, stack)


@pytest.fixture
def ground() -> Iterator[Ground]:
    with opened() as found:
        yield found
