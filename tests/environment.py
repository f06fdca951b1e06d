"""What stands before Django reads its settings: servers of this process; `-p` in pyproject.toml loads it in time."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from saas import local

DATABASE = f"leasehold_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
# Whose line it is: process, database and login; continuation lines start with a tab.
LOG_LINE_PREFIX = "%p|%d|%u|"

os.environ["LEASEHOLD_ENV"] = "test"


class Running:
    """The servers of this process. Each worker of pytest-xdist is a process and has its own."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.directory = Path(tempfile.mkdtemp(prefix="leasehold-test-"))
        self.directory.chmod(0o711)  # started by root, PostgreSQL runs as another user
        self.servers = local.Servers(
            self.directory / "servers", durable=False, settings={"log_line_prefix": LOG_LINE_PREFIX}
        )

    def start(self) -> None:
        self.servers.start()
        os.environ.update(self.environment(DATABASE))
        os.environ["LEASEHOLD_LOCAL_DIR"] = str(self.directory / "local")

    def environment(self, database: str) -> dict[str, str]:
        """Return the variables of a process on this database; never on the one that DATABASE_URL names."""
        found = self.servers.environment(database)
        urls = {name: local.with_database(found[name], database) for name in local.DATABASE_USERS}
        return {**found, **urls}

    def stop(self) -> None:
        if self.pid != os.getpid() or not self.directory.exists():
            return  # a child that a test forked, or the second call
        self.servers.stop()
        local.remove(self.directory / "servers")
        shutil.rmtree(self.directory, ignore_errors=True)


running: Running | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    global running  # noqa: PLW0603  the fixtures find them here
    options = early_config.known_args_namespace
    distributes = getattr(options, "numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ
    if distributes or options.help or options.version:
        return
    running = Running()
    atexit.register(running.stop)  # also when pytest gives up before it has configured itself
    running.start()


def pytest_unconfigure() -> None:
    if running is not None:
        running.stop()
