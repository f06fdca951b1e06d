"""What each process is given; what it really holds is read from the running ones in test_supervisor."""

import socket
from pathlib import Path

import pytest

from saas.demo import programs
from saas.demo.place import Place

VALUES = {name: f"value of {name}" for name in (*programs.EVERY_LOGIN, *programs.FOR_ALL)}


def test_nothing_of_the_caller_passes_that_could_be_a_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "DATABASE_URL_ADMIN",
        "PGPASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "LEASEHOLD_SITE",
        "DATABASE_URL",
    ):
        monkeypatch.setenv(name, "of the caller")
    monkeypatch.setenv("LEASEHOLD_USAGE_FLUSH_SECONDS", "1")
    found = programs.environment(VALUES, Place(tmp_path))
    assert "of the caller" not in found.values()
    assert found["LEASEHOLD_USAGE_FLUSH_SECONDS"] == "1"


def test_no_process_reads_the_file_that_names_every_login(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("DATABASE_URL_OWNER=x\n")
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for program in programs.all_of(VALUES, Place(tmp_path), web=one, console=two, mail=three):
            assert program.environment["LEASEHOLD_ENV_FILE"] == "none"


def test_only_the_ddl_worker_gets_the_owner(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        found = programs.all_of(VALUES, Place(tmp_path), web=one, console=two, mail=three)
    assert [program.name for program in found if programs.OWNER in program.environment] == ["ddl-worker"]
    assert [program.name for program in found if programs.APP not in program.environment] == [
        "console",
        "mail",
        "beat",
    ]


def test_whoever_enters_tenants_can_enter_strict_ones(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        found = programs.all_of(VALUES, Place(tmp_path), web=one, console=two, mail=three)
    held = {program.name for program in found if programs.STRICT_KEY in program.environment}
    assert held == {program.name for program in found if programs.APP in program.environment}


def test_the_page_of_mails_gets_no_secret_and_no_login(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        found = programs.all_of(VALUES, Place(tmp_path), web=one, console=two, mail=three)
    (mail,) = [program for program in found if program.name == "mail"]
    assert not set(VALUES.values()) & set(mail.environment.values())
    assert mail.environment["LEASEHOLD_ENV"] == "development"


@pytest.mark.parametrize(("said", "asks"), [(None, False), ("true", True), ("false", False)])
def test_the_console_asks_for_a_code_only_if_whoever_starts_the_demo_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str | None, asks: bool
) -> None:
    monkeypatch.delenv(programs.CONSOLE_MFA, raising=False)
    if said:
        monkeypatch.setenv(programs.CONSOLE_MFA, said)
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        found = programs.all_of(VALUES, Place(tmp_path), web=one, console=two, mail=three)
    told = {program.name: program.environment.get(programs.CONSOLE_MFA) for program in found}
    assert told.pop("console") == str(asks)
    assert set(told.values()) == {None}, "nobody else is told"
