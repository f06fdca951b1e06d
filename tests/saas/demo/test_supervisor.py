"""Processes that die, and the demo as its user meets it: started twice, in the way of others, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from saas import local
from saas.demo import exceptions, supervisor
from saas.demo.place import Place
from saas.demo.programs import Program
from saas.demo.supervisor import Supervisor
from saas.servers.place import exists
from tests.saas.demo import process

TELL = "from saas.demo import readiness; readiness.tell()"
SLEEP = "import time; time.sleep(600)"
STUBBORN = f"""
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])
print(child.pid, flush=True)
{TELL}
{SLEEP}
"""


@pytest.fixture
def where(tmp_path: Path) -> Place:
    (tmp_path / "log").mkdir()
    return Place(tmp_path)


class Clock:
    """A supervisor of small programs, and what it said."""

    def __init__(self, where: Place, **sources: str) -> None:
        self.where = where
        self.notices: list[str] = []
        wanted = [
            Program(name, (sys.executable, "-c", source), dict(os.environ), patience=0.5)
            for name, source in sources.items()
        ]
        self.supervisor = Supervisor(wanted, [], where, notice=self.notices.append)

    def watch_until(self, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Watch until a notice holds the words."""

        class Seen(BaseException):
            pass

        deadline = time.monotonic() + 30

        def pause() -> None:
            if any(words in notice for notice in self.notices):
                raise Seen
            assert time.monotonic() < deadline, self.notices
            time.sleep(0.01)

        with monkeypatch.context() as patch:
            patch.setattr(supervisor, "pause", pause)
            with pytest.raises(Seen):
                self.supervisor.watch()

    def pid(self, name: str) -> int:
        return self.supervisor.pids()[name]


@pytest.fixture
def clock(where: Place) -> Iterator[Clock]:
    made = Clock(where, quick=f"{TELL}; {SLEEP}", stubborn=STUBBORN)
    try:
        yield made
    finally:
        made.supervisor.stop()


def test_it_waits_until_each_process_says_that_it_works(clock: Clock) -> None:
    clock.supervisor.start()
    assert clock.where.log("stubborn").read_text().strip().isdigit()  # it had got so far
    assert set(clock.supervisor.pids()) == {"quick", "stubborn"}


def test_it_restarts_a_process_that_was_killed_and_says_so(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.supervisor.start()
    killed = clock.pid("quick")
    os.kill(killed, signal.SIGKILL)
    clock.watch_until("quick works again", monkeypatch)
    assert clock.notices == [
        f"quick (process {killed}) was killed by signal 9",
        f"quick was started again, as process {clock.pid('quick')}",
        "quick works again",
    ]
    assert clock.pid("quick") != killed


def test_it_kills_what_does_not_stop_with_its_children(clock: Clock) -> None:
    clock.supervisor.start()
    pids = [*clock.supervisor.pids().values(), int(clock.where.log("stubborn").read_text())]
    clock.supervisor.stop()
    assert not any(exists(pid) for pid in pids[:2])
    process.until(lambda: not exists(pids[2]), 5, "the end of the killed child")


def test_a_process_that_dies_while_it_starts_shows_the_end_of_its_log(where: Place) -> None:
    made = Clock(where, broken="print('the reason'); raise SystemExit(3)")
    with pytest.raises(exceptions.NotReady, match=r"broken ended with exit code 3.*\n.*the reason"):
        made.supervisor.start()


def test_a_process_that_dies_five_times_in_a_row_stops_everything(
    where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "DELAYS", (0.0,))
    made = Clock(where, fragile=f"{TELL}; print('ouch')")
    made.supervisor.children[0].start()
    try:
        with pytest.raises(exceptions.TooManyDeaths, match=r"5th time within 30 s.*\n.*ouch"):
            made.supervisor.watch()
    finally:
        made.supervisor.stop()
    deaths = [notice for notice in made.notices if "ended with" in notice]
    assert len(deaths) == 5


def test_deaths_that_are_far_apart_are_forgiven() -> None:
    deaths = supervisor.Deaths()
    assert all(deaths.count(now) for now in range(0, 100, 10))
    assert [deaths.count(now) for now in (200, 201, 202, 203, 204)] == [True] * 4 + [False]


def test_each_restart_in_a_row_waits_longer() -> None:
    deaths = supervisor.Deaths()
    waits = []
    for now in range(4):
        deaths.count(float(now))
        assert deaths.restart_at is not None
        waits.append(deaths.restart_at - now)
    assert waits == [0.0, 0.5, 1.0, 2.0]


def test_a_killed_supervisor_takes_its_processes_with_it(where: Place) -> None:
    source = (
        "import sys; from pathlib import Path; from tests.saas.demo import test_supervisor as t;"
        f"made = t.Clock(t.Place(Path(sys.argv[1])), quick={f'{TELL}; {SLEEP}'!r}); made.supervisor.start();"
        f"print(made.pid('quick'), flush=True); {SLEEP}"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source, str(where.directory)],
        cwd=local.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=local.die_with_parent(signal.SIGKILL),  # noqa: PLW1509
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        process.until(lambda: not exists(pid), 10, "the end of its process")


# The demo as a whole.


def test_each_process_holds_only_the_logins_that_it_may(demo: process.Demo) -> None:
    held = {}
    for name, pid in demo.facts["processes"].items():
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        held[name] = {word.partition(b"=")[0].decode() for word in words if word.startswith(b"DATABASE")}
    owner, console = "DATABASE_URL_OWNER", "DATABASE_URL_CONSOLE"
    assert held == {
        "postgresql": set(),
        "valkey": set(),
        "web": {"DATABASE_URL"},
        "console": {console},
        "worker": {"DATABASE_URL", "DATABASE_URL_BACKUP"},
        "ddl-worker": {"DATABASE_URL", owner, console, "DATABASE_URL_BACKUP"},
        "mail": set(),
        "beat": set(),
    }


def test_the_three_lines_work_when_pasted(demo: process.Demo) -> None:
    listed, made, refused = (
        subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
        for line in demo.facts["curl"]
    )
    assert '"items"' in listed
    assert '"slug": "trail-lamp"' in made
    assert refused.startswith("HTTP/1.1 401")


def test_another_terminal_finds_the_tenants(demo: process.Demo) -> None:
    listed = process.manage("tenant_list", "--json", LEASEHOLD_LOCAL_DIR=str(demo.directory))
    assert all(f'"{slug}"' in listed.stdout for slug in ("acme", "globex", "initech"))


def test_links_lead_to_the_web_site_and_a_tenant_can_be_made_strict(demo: process.Demo) -> None:
    local_dir = {"LEASEHOLD_LOCAL_DIR": str(demo.directory)}
    assert process.manage("tenant_strict", "initech", **local_dir).returncode == 0
    source = "from tenants import links; print(links.absolute('/api/v1/openapi.json'))"
    link = process.manage("tenant_run", "initech", "shell", "-v0", "-c", source, **local_dir).stdout.strip()
    answer = subprocess.run(["curl", "-sS", link], capture_output=True, text=True, check=True)
    assert '"openapi"' in answer.stdout
    assert process.manage("tenant_strict", "initech", "--off", **local_dir).returncode == 0


def test_it_refuses_a_port_that_is_taken(demo: process.Demo) -> None:
    port = str(demo.facts["ports"]["web"])
    with process.place() as other:
        refused = process.manage("demo", "--dir", str(other / "local"), "--port", port)
    assert refused.returncode == 1
    assert f"Port {port} is taken by another program" in refused.stderr
    assert "--port" in refused.stderr


def test_it_refuses_a_directory_in_which_a_demo_runs(demo: process.Demo) -> None:
    with pytest.raises(CommandError, match=f"runs in {demo.directory} already, as process {demo.pid}: stop"):
        call_command("demo", "--dir", str(demo.directory))


def test_sigterm_stops_everything_and_a_second_start_finds_the_data(demo: process.Demo) -> None:
    secrets = demo.logins()
    body = {"name": "Kept", "slug": "kept", "sku": "KEPT", "price": 1, "currency": "EUR"}
    made = demo.client("acme").post("/api/v1/products", body)
    assert made.status == 201
    assert demo.end(signal.SIGTERM) == 0
    assert process.running_in(demo.directory) == []
    again = demo.start()
    assert demo.client("acme").get(f"/api/v1/products/{made.body['id']}").body == made.body
    assert demo.logins() == {**secrets, "shown": True}
    assert {person["password"] for person in again["people"]} == {None}  # shown once


@pytest.mark.parametrize("name", ["file/local", "file"])
def test_it_refuses_a_directory_that_it_cannot_write(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match=r"cannot be made or written .*: change its owner, or .* --dir"):
        call_command("demo", "--dir", str(tmp_path / name))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_it_refuses_a_directory_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(CommandError, match="Permission denied"):
        call_command("demo", "--dir", str(tmp_path / "local"))


def test_it_refuses_logins_that_it_did_not_write(tmp_path: Path) -> None:
    (tmp_path / "logins.json").write_text('{"made_at": ')
    with pytest.raises(CommandError, match=r"logins\.json is not what the demo wrote: delete it"):
        call_command("demo", "--dir", str(tmp_path), "--port=0", "--console-port=0", "--mail-port=0")


def test_it_refuses_half_of_a_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*local.DATABASE_USERS, "REDIS_URL"):
        monkeypatch.delenv(name)
    with process.place() as directory:
        (directory / "postgres" / "data").mkdir(parents=True)
        with pytest.raises(CommandError, match="make clean"):
            call_command("demo", "--dir", str(directory), "--port=0", "--console-port=0", "--mail-port=0")


@pytest.mark.parametrize("port", ["65536", "-1", "http", "8_000"])
def test_it_refuses_what_is_no_port(port: str) -> None:
    with pytest.raises(CommandError, match="is no port: give a number"):
        call_command("demo", f"--port={port}")


def test_every_file_with_a_secret_is_private(demo: process.Demo) -> None:
    private = ["env", "logins.json", "log", "backups", *(f"{slug}.header" for slug in ("acme", "globex"))]
    modes = [(demo.directory / name).stat().st_mode & 0o077 for name in private]
    assert modes == [0] * len(modes)
    assert list(demo.directory.glob("*.partial")) == []
