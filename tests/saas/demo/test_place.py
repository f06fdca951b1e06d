"""The files of a demo are whole or as they were, private, and refused when somebody else wrote them."""

import stat
from pathlib import Path

import pytest

from saas import env
from saas.demo import exceptions, place
from saas.demo.place import Logins, Place


@pytest.fixture
def where(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_it_makes_the_directory_and_its_private_folders(tmp_path: Path) -> None:
    with place.taken(tmp_path / "new" / "local") as where:
        folders = where.logs, where.directory / "backups"
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]


def test_it_keeps_a_second_one_out_until_the_first_is_done(tmp_path: Path) -> None:
    with place.taken(tmp_path), pytest.raises(exceptions.AlreadyRunning, match="already, as process"):
        place.taken(tmp_path).__enter__()
    with place.taken(tmp_path):
        pass


def test_the_env_file_can_be_read_by_settings(where: Place) -> None:
    values = {"SECRET_KEY": "a'b \"c$d", "DATABASE_URL": "postgresql://app@/leasehold?host=%2Ftmp%2Fx"}
    plain = {name: value for name, value in values.items() if "'" not in value}
    place.write_env(where, plain)
    assert env.read_file(where.env) == plain


def test_the_secret_key_of_the_last_start_is_kept(where: Place) -> None:
    first = place.secret(where, "SECRET_KEY")
    place.write_env(where, {"SECRET_KEY": first})
    assert place.secret(where, "SECRET_KEY") == first
    assert place.secret(where, "LEASEHOLD_STRICT_KEY") != first
    assert len(first) >= env.SECRET_CHARACTERS


@pytest.mark.parametrize("text", ["", "SECRET_KEY", "OTHER=1\n", "\0"])
def test_a_secret_key_that_cannot_be_read_is_made_anew(where: Place, text: str) -> None:
    where.env.write_text(text)
    assert place.secret(where, "SECRET_KEY") != place.secret(where, "SECRET_KEY")


def test_logins_come_back_as_they_were_written(where: Place) -> None:
    assert place.read_logins(where) is None
    logins = place.make_logins(["a@example.com", "b@example.com"])
    place.write_logins(where, logins)
    assert place.read_logins(where) == logins
    assert len(set(logins.passwords.values())) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"made_at": "2026-01-01"}', '{"unknown": 1}'])
def test_logins_that_somebody_else_wrote_are_refused(where: Place, text: str) -> None:
    where.logins.write_text(text)
    with pytest.raises(exceptions.HalfWritten, match="delete it and start again"):
        place.read_logins(where)


def test_a_write_that_is_killed_leaves_the_old_file(where: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_handle: int) -> None:
        raise KeyboardInterrupt

    place.write_logins(where, before := Logins("2026-01-01T00:00:00+00:00", {"a": "b"}))
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            place.write_logins(where, place.make_logins(["c"]))
    assert place.read_logins(where) == before
    place.write_logins(where, after := place.make_logins(["c"]))  # what it left is no obstacle
    assert place.read_logins(where) == after


def test_what_it_writes_is_private(where: Place) -> None:
    where.env.with_name("env.partial").write_text("of a killed start, open to all")
    place.write(where.env, "A=1\n")
    assert stat.S_IMODE(where.env.stat().st_mode) == 0o600


def test_it_says_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(exceptions.NotWritable, match=r"nowhere/env cannot be written .* --dir"):
        place.write(tmp_path / "nowhere" / "env", "")


def test_the_tail_of_a_log_is_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert place.tail(log) == ""
    log.write_text("first\n" + "x" * place.TAIL_BYTES + "\nlast\n")
    assert place.tail(log).endswith("last")
    assert "first" not in place.tail(log)
