"""The directory of a demo: who uses it, what other terminals read from it, the logins that were made once."""

import contextlib
import fcntl
import json
import os
import secrets
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from saas import env
from saas.demo import exceptions

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
TAIL_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one demo."""

    directory: Path

    @property
    def env(self) -> Path:
        """What `manage.py` reads in other terminals: every login, so it is for its owner's eyes only."""
        return self.directory / "env"

    @property
    def logins(self) -> Path:
        return self.directory / "logins.json"

    @property
    def logs(self) -> Path:
        return self.directory / "log"

    @property
    def mail(self) -> Path:
        """Where the workers write mails in development, one file each; see LEASEHOLD_EMAIL_URL."""
        return self.directory / "mail"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def header(self, slug: str) -> Path:
        """An Authorization header that `curl -H @FILE` sends without showing the key."""
        return self.directory / f"{slug}.header"


@dataclass(slots=True)
class Logins:
    """Random passwords by e-mail address and API keys by slug. made_at tells the seeding which passwords are older."""

    made_at: str
    passwords: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)
    shown: bool = False


@contextlib.contextmanager
def taken(directory: Path) -> Iterator[Place]:
    """Make the directory if need be and keep others out until the block ends. Raises NotWritable, AlreadyRunning."""
    place = Place(directory.resolve())
    try:
        place.directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(place.directory / "demo.lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        for folder in (place.logs, place.mail, place.directory / "backups"):
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise exceptions.NotWritable(
            f"{error.filename} cannot be made or written ({error.strerror}):"
            " change its owner, or choose another place with --dir."
        ) from error
    try:
        _lock(handle, place)
        yield place
    finally:
        os.close(handle)


def _lock(handle: int, place: Place) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(handle, 20, 0).decode().strip() or "unknown"
        raise exceptions.AlreadyRunning(
            f"A demo runs in {place.directory} already, as process {pid}:"
            " stop it with Ctrl-C or kill, or choose another place with --dir."
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)


def secret(place: Place, name: str) -> str:
    """Return a secret of the demo: that of the last start if its file can be read, else a new one."""
    with contextlib.suppress(ImproperlyConfigured):
        if found := env.read_file(place.env).get(name):
            return found
    return secrets.token_urlsafe(50)


def write_env(place: Place, values: Mapping[str, str]) -> None:
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(values.items())]
    write(place.env, "".join(["# Written by `manage.py demo` at each start.\n", *lines]))


def read_logins(place: Place) -> Logins | None:
    """Return what the last start wrote, or None. Raises HalfWritten."""
    try:
        return Logins(**json.loads(place.logins.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise exceptions.HalfWritten(
            f"{place.logins} is not what the demo wrote: delete it and start again, then everyone gets a new password."
        ) from error


def make_logins(emails: list[str]) -> Logins:
    return Logins(
        made_at=datetime.now(UTC).isoformat(), passwords={email: secrets.token_urlsafe(9) for email in emails}
    )


def write_logins(place: Place, logins: Logins) -> None:
    values: dict[str, Any] = asdict(logins)
    write(place.logins, json.dumps(values, indent=1) + "\n")


def write(path: Path, text: str) -> None:
    """Write a private file so that it is whole or as it was, wherever we are killed. Raises NotWritable."""
    partial = path.with_name(path.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w") as file:  # noqa: PTH123
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise exceptions.NotWritable(
            f"{path} cannot be written ({error.strerror}): change its owner, or choose another place with --dir."
        ) from error


def tail(path: Path) -> str:
    """Return the end of a log."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            return log.read().decode(errors="replace").strip()
    except OSError:
        return ""
