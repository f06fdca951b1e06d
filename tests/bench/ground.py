"""What the bench stands on: servers of its own, an installation of each side with its tenants, and their processes."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from saas import local
from tests.bench import connections, harness
from tests.bench.pgbouncer import PROGRAM, PgBouncer

DATABASE = {harness.OURS: "ours", harness.THEIRS: "theirs"}
MODULE = {harness.OURS: "tests.bench.leasehold", harness.THEIRS: "tests.bench.plain_tenants"}
LOGIN = {harness.OURS: "app", harness.THEIRS: "shops"}
CACHE = {harness.OURS: 1, harness.THEIRS: 3}
BROKER = {harness.OURS: 2, harness.THEIRS: 4}
APEX = "example.com"
POSTGRES = {**local.FLEETING_SETTINGS, "max_connections": "1000", "log_line_prefix": "%p|%d|%u|"}
SUPERUSER, ADMINISTRATOR = "postgres", "managed_admin"
SECRET = "not a secret, but long and varied enough: 0123456789"
STRICT = {"LEASEHOLD_STRICT_KEY": SECRET, "LEASEHOLD_STRICT_CONNECTIONS": "100", "BENCH_STRICT": "yes"}


@dataclass(frozen=True)
class Kind:
    """How our side is installed. managed: by an administrator who is no superuser; strict: each tenant logs in itself."""

    managed: bool = False
    strict: bool = False

    @property
    def administrator(self) -> str:
        return ADMINISTRATOR if self.managed else SUPERUSER


class Child:
    """A process of one side. What it prints goes to its log, which is scanned for canaries."""

    def __init__(self, side: str, environment: dict[str, str], log: Path) -> None:
        self.side, self.log = side, log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.child", "tests.bench.verbs"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                cwd=local.PROJECT,
                env={"PATH": os.defpath, "PYTHONPATH": str(local.PROJECT), **environment},
            )

    def __call__(self, verb: str, **arguments: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps([verb, arguments]) + "\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"{self.side}: {verb} {arguments} failed:\n{self.log.read_text()[-4000:]}"
        return json.loads(answer)

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
        self.process.wait()


class Ground:
    """Servers and tenants of both sides. Children are made when an attack asks for their connection."""

    def __init__(self, directory: Path, stack: ExitStack, kind: Kind) -> None:
        self.directory, self.stack, self.kind = directory, stack, kind
        self.postgres = local.Postgres(directory / "postgres", settings=POSTGRES)
        self.valkey = local.Valkey(directory / "valkey", appendonly=False)
        stack.enter_context(self.postgres)
        stack.enter_context(self.valkey)
        self.pgbouncer: PgBouncer | None = None
        if PROGRAM and not kind.strict:  # a strict tenant's connection is its own
            self.pgbouncer = PgBouncer(directory / "pgbouncer", self.postgres, tuple(LOGIN.values()))
            stack.enter_context(self.pgbouncer)
        self.tenants: dict[str, list[harness.Tenant]] = {}
        self._children: dict[tuple[str, str], Child] = {}

    def install(self, side: str, count: int) -> None:
        """Make the database of a side, and its tenants."""
        if side == harness.OURS:
            self._install_ours()
        else:
            self._sql("CREATE DATABASE {}", DATABASE[side])
            self._sql("CREATE ROLE {} LOGIN", LOGIN[side])
            self._sql("ALTER DATABASE {} OWNER TO {}", DATABASE[side], LOGIN[side])
        setup = self._start(side, "direct", local.DATABASE_USERS if side == harness.OURS else {})
        made = setup("create", slugs=[f"shop-{n}" for n in range(count)])
        setup.close()
        self._tenants_file(side).write_text(json.dumps(made), encoding="utf-8")
        self.tenants[side] = [harness.Tenant(**tenant) for tenant in made]

    def _install_ours(self) -> None:
        if self.kind.managed:
            self._sql("CREATE ROLE {} LOGIN CREATEROLE CREATEDB", ADMINISTRATOR)
        self._sql("CREATE DATABASE {}", DATABASE[harness.OURS], user=self.kind.administrator)
        with psycopg.connect(self.admin_url(harness.OURS), autocommit=True) as admin:
            admin.execute("CREATE EXTENSION pg_stat_statements")  # a managed service offers it as well
        roles = (local.PROJECT / "deploy" / "roles.sql").read_text(encoding="utf-8")
        local.run_sql(self.postgres.url(self.kind.administrator, DATABASE[harness.OURS]), roles)

    def child(self, side: str, connection: str) -> Child:
        """Return the process of a side that goes by this connection; it holds the login of a web process only."""
        if (side, connection) not in self._children:
            self._children[side, connection] = self._start(side, connection, {"DATABASE_URL": LOGIN[side]})
        return self._children[side, connection]

    def has(self, connection: str) -> bool:
        return connection != connections.POOLED or self.pgbouncer is not None

    def admin_url(self, side: str) -> str:
        """Return the superuser's URL of a side's database."""
        return self.postgres.url("postgres", DATABASE[side])

    def environment(self, side: str, connection: str, logins: dict[str, str]) -> dict[str, str]:
        """Return the variables of a process of a side; logins maps the name of a variable to a user."""
        server = self.pgbouncer if connection == connections.POOLED else self.postgres
        assert server is not None
        urls = {name: server.url(user, DATABASE[side]) for name, user in logins.items()}
        return {
            "DATABASE_URL": self.postgres.url(LOGIN[side], DATABASE[side]),
            **urls,
            "REDIS_URL": self.valkey.url(CACHE[side]),
            "CELERY_BROKER_URL": self.valkey.celery_url(BROKER[side]),
            "DJANGO_SETTINGS_MODULE": f"{MODULE[side]}.settings",
            "SECRET_KEY": SECRET,
            "LEASEHOLD_ENV": "production",
            "LEASEHOLD_APEX_HOST": APEX,
            "LEASEHOLD_BACKUP_DIR": str(self.directory / "backups"),
            "LEASEHOLD_FILES_DIR": str(self.directory / "files"),
            **(STRICT if self.kind.strict else {}),
            "BENCH_SIDE": f"{MODULE[side]}.side",
            "BENCH_CONNECTION": connection,
            "BENCH_TENANTS": str(self._tenants_file(side)),
            "BENCH_ADMIN_URL": self.admin_url(side),
            "BENCH_LOGIN": LOGIN[side],
            "BENCH_VALKEY_URL": self.valkey.url(CACHE[side]),
            "BENCH_LOGS": str(self.directory),
        }

    def logs(self, side: str) -> list[Path]:
        return sorted(self.directory.glob(f"{DATABASE[side]}-*.log"))

    def version(self) -> str:
        with psycopg.connect(self.postgres.url("postgres", "postgres")) as admin:
            (found,) = admin.execute("SHOW server_version").fetchone() or ("",)
        return str(found).split(" ", maxsplit=1)[0]

    def _start(self, side: str, connection: str, logins: dict[str, str]) -> Child:
        log = self.directory / f"{DATABASE[side]}-{connection.replace(' ', '-')}.log"
        child = Child(side, self.environment(side, connection, logins), log)
        self.stack.callback(child.close)
        return child

    def _tenants_file(self, side: str) -> Path:
        return self.directory / f"{DATABASE[side]}.json"

    def _sql(self, statement: str, *names: str, user: str = SUPERUSER) -> None:
        with psycopg.connect(self.postgres.url(user, "postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
