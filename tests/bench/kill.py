"""kill -9 at every step of making and destroying a tenant: `python -m tests.bench.kill` prints what was left.

Runs on servers of its own, as durable as in production, since a backend that is killed takes every session with it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from saas import local
from tests.bench.wire import Moment, Point

DATABASE = "killed"
# The module of the process that kills, and the settings of its project.
OURS = ("tests.bench.killing", "saas.settings")
THEIRS = ("tests.bench.killing_plain", "tests.benchmarks.plain_tenants.settings")
TARGETS = {"worker": "the worker", "backend": "the backend", "session": "the session (pg_terminate_backend)"}
VERBS = {"create": "provisioning", "restore": "restoring", "destroy": "destroying"}
TRIES = {"create": 20, "restore": 20, "destroy": 10}
BACKEND_TRIES = 10
# Files that no row of the catalog names: what PostgreSQL itself leaves of tables whose transaction crashed.
FILES = """
SELECT count(*) FROM pg_database d, pg_ls_dir('base/' || d.oid) AS f (name)
WHERE d.datname = current_database() AND f.name ~ '^[0-9]+$' AND pg_filenode_relation(0, f.name::oid) IS NULL
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kill: where, what the audit found, whether the tenant was whole or absent, and what repair left."""

    point: str
    code: int
    state: str
    status: int
    during: Sequence[int]
    left: Sequence[str]
    repaired: Sequence[str]
    left_after: Sequence[str]
    again: bool

    @property
    def half_built(self) -> bool:
        """Whether the host ever answered for something else than nobody (404) or a whole tenant (200)."""
        status = {"absent": 404, "whole": 200}.get(self.state)
        return self.status != status or not set(self.during) <= {404, status}

    @property
    def passed(self) -> bool:
        return not self.half_built and not self.left_after and self.again


class Stage:
    """Servers with one installation, and the process that kills on them."""

    def __init__(self, servers: local.Servers, place: Path, side: tuple[str, str] = OURS) -> None:
        self.servers, (module, settings) = servers, side
        local.create_database(servers.admin_url(), DATABASE)
        logins = servers.environment(DATABASE)
        if side == OURS:
            local.apply_roles(servers, DATABASE)
        else:
            local.run_sql(
                servers.admin_url(), f"CREATE ROLE shops LOGIN; ALTER DATABASE {DATABASE} OWNER TO shops"
            )
            logins["DATABASE_URL"] = logins["DATABASE_URL"].replace("//app@", "//shops@")
        paths = [str(local.PROJECT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        self._log = (place / "log").open("ab")
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.child", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=local.PROJECT,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                "DJANGO_SETTINGS_MODULE": settings,
                "LEASEHOLD_ENV": "test",
                "LEASEHOLD_ENV_FILE": "none",
                "LEASEHOLD_BACKUP_DIR": str(place / "backups"),
                **logins,
            },
        )
        self._messages: dict[str, list[tuple[str, float]]] = {}
        self._call("install")

    def messages(self, verb: str) -> list[tuple[str, float]]:
        """Return what the verb sends when nobody kills it: first words, and seconds of the server."""
        if verb not in self._messages:
            self._messages[verb] = self._call("record", verb=verb)
        return self._messages[verb]

    def strike(self, verb: str, target: str, point: Point) -> Outcome:
        messages = self.messages(verb)
        words, seconds = messages[point.number - 1]
        found = self._call(
            "strike", verb=verb, target=target, number=point.number, moment=point.moment, seconds=seconds
        )
        assert found.pop("struck") == words
        return Outcome(point=f"{point.moment} {point.number} of {len(messages)} ({words})", **found)

    def plant(self, what: str) -> Outcome:
        """Leave a part of a tenant by hand, and look at it as after a kill."""
        return Outcome(point=f"planted {what}", code=0, during=[], **self._call("plant", what=what))

    def points(self, verb: str, tries: int) -> list[Point]:
        """Return points from the first message to the last, evenly; the three around the last COMMIT are among them."""
        messages = self.messages(verb)
        commits = [number for number, (words, _) in enumerate(messages, 1) if words.startswith("COMMIT")]
        last = commits[-1] if commits else len(messages)
        around = [Point(last, moment) for moment in (Moment.BEFORE, Moment.SENT, Moment.ANSWERED)]
        ddl = [n for n, (words, _) in enumerate(messages, 1) if "CREATE" in words or "DROP" in words]
        longest = max(ddl, key=lambda n: messages[n - 1][1])
        chosen = [*around, Point(longest, Moment.DURING)]
        others = [
            Point(n, moment) for n in range(1, last) for moment in Moment if moment is not Moment.DURING
        ]
        wanted = max(tries - len(chosen), 0)
        step = max(len(others) / max(wanted, 1), 1)
        # One further each time, since a step of three would meet the same moment always.
        picked = [
            others[min(int(n * step) + n % 3, len(others) - 1)] for n in range(min(wanted, len(others)))
        ]
        return [*picked, *chosen][:tries]

    def files_of_nobody(self) -> int:
        with psycopg.connect(self.servers.admin_url(DATABASE), autocommit=True) as admin:
            admin.execute("CHECKPOINT")  # until then the first file of a dropped table stays, empty
            row = admin.execute(FILES).fetchone()
            return int(row[0]) if row else -1

    def close(self) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(60)
        self._child.stdout.close()
        self._log.close()

    def _call(self, name: str, **arguments: Any) -> Any:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps([name, arguments]) + "\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        assert answer, f"{name} {arguments}:\n{Path(str(self._log.name)).read_text()[-4000:]}"
        return json.loads(answer)


@contextmanager
def stage(side: tuple[str, str] = OURS) -> Iterator[Stage]:
    """Start servers of our own and install the product on them, or django-tenants."""
    with tempfile.TemporaryDirectory(prefix="leasehold-kill-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o711)  # started by root, PostgreSQL runs as another user
        with _own_servers(place / "servers") as servers:
            made = Stage(servers, place, side)
            try:
                yield made
            finally:
                made.close()


def run(on: Stage, verb: str, target: str, tries: int) -> list[Outcome]:
    return [on.strike(verb, target, point) for point in on.points(verb, tries)]


@contextmanager
def _own_servers(directory: Path) -> Iterator[local.Servers]:
    """Also when the environment names servers: those are not ours to crash."""
    kept = {name: os.environ.pop(name) for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    try:
        servers = local.Servers(directory, durable=True)
    finally:
        os.environ.update(kept)
    with servers:
        yield servers
    local.remove(directory)


def main() -> int:
    """Print each kill as it happens and a summary; exit 1 when ours left or answered for half a tenant."""
    failed = 0
    with stage() as on:
        for target, title in TARGETS.items():
            for verb, tries in TRIES.items():
                outcomes = _show(on, verb, target, tries if target == "worker" else BACKEND_TRIES, title)
                failed += sum(not outcome.passed for outcome in outcomes)
    with stage(THEIRS) as on:
        for verb in ("create", "destroy"):
            _show(on, verb, "worker", TRIES[verb], "the worker, django-tenants")
    return 1 if failed else 0


def _show(on: Stage, verb: str, target: str, tries: int, title: str) -> list[Outcome]:
    files = on.files_of_nobody()
    outcomes = run(on, verb, target, tries)
    for outcome in outcomes:
        print(
            f"  {outcome.point}: {outcome.state}, answers {outcome.status}, {len(outcome.left)} left",
            flush=True,
        )
        if not outcome.passed:
            print(f"    {outcome}")
    files = on.files_of_nobody() - files
    print(
        f"kill -9 of {title} in {VERBS[verb]}: {summary(outcomes)}, {files} files that no table has",
        flush=True,
    )
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> str:
    states = Counter(outcome.state for outcome in outcomes)
    return (
        f"{len(outcomes)} tries, {states['absent']} absent, {states['whole']} whole,"
        f" {sum(outcome.half_built for outcome in outcomes)} half built,"
        f" {sum(bool(outcome.left) for outcome in outcomes)} with something left,"
        f" {sum(bool(outcome.left_after) for outcome in outcomes)} after repair"
    )


if __name__ == "__main__":
    sys.exit(main())
