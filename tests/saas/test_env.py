"""saas.env: each reader takes what it promises and refuses the rest, naming the variable and what is accepted."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from saas import env

STRONG = "k3-Zp9_vQ1x7Lm2Rt8Wb5Yc0Nd4Hf6Js"  # 32 characters


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("X", "Y", "Z"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (lambda: env.text("X"), " a value ", "a value"),
        (lambda: env.text("X", "else"), "a value", "a value"),
        (lambda: env.boolean("X"), "1", True),
        (lambda: env.boolean("X"), "True", True),
        (lambda: env.boolean("X", default=True), "off", False),
        (lambda: env.boolean("X", default=True), "NO", False),
        (lambda: env.integer("X"), "0", 0),
        (lambda: env.integer("X", 5), "-17", -17),
        (lambda: env.integer("X", minimum=1, maximum=3), "1", 1),
        (lambda: env.integer("X", minimum=1, maximum=3), "3", 3),
        (lambda: env.choice("X", ["red", "blue"]), "blue", "blue"),
        (lambda: env.words("X"), "a.example, b.example ,c", ["a.example", "b.example", "c"]),
        (lambda: env.secret("X"), STRONG, STRONG),
    ],
)
def test_it_reads_what_it_accepts(
    monkeypatch: pytest.MonkeyPatch, reader: Callable[[], object], value: str, expected: object
) -> None:
    monkeypatch.setenv("X", value)
    assert reader() == expected


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is not None:
        monkeypatch.setenv("X", value)
    assert env.text("X", "else") == "else"
    assert env.text("X", "") == ""
    assert env.boolean("X", default=True) is True
    assert env.boolean("X", default=False) is False
    assert env.integer("X", 5) == 5
    assert env.choice("X", ["red"], "red") == "red"
    assert env.words("X", ["a", "b"]) == ["a", "b"]
    assert env.words("X") == []


@pytest.mark.parametrize(
    "reader",
    [
        lambda: env.text("X"),
        lambda: env.boolean("X"),
        lambda: env.integer("X"),
        lambda: env.choice("X", ["red"]),
        lambda: env.secret("X"),
    ],
)
def test_a_variable_without_a_default_is_required(reader: Callable[[], object]) -> None:
    with pytest.raises(env.BadEnvironment, match=r"^X is (not set|missing)"):
        reader()


@pytest.mark.parametrize(
    ("reader", "value", "accepted"),
    [
        (lambda: env.boolean("X", default=False), "maybe", "1, true, yes, on, 0, false, no, off"),
        (lambda: env.boolean("X", default=False), "2", "1, true, yes, on, 0, false, no, off"),
        (lambda: env.integer("X"), "1.0", "a whole number"),
        (lambda: env.integer("X"), "1_000", "a whole number"),
        (lambda: env.integer("X"), "٣", "a whole number"),
        (lambda: env.integer("X"), "9" * 19, "a whole number"),
        (lambda: env.integer("X", minimum=1), "0", "a whole number, at least 1"),
        (lambda: env.integer("X", minimum=1, maximum=3), "4", "a whole number, at least 1, at most 3"),
        (lambda: env.choice("X", ["red", "blue"], "red"), "Red", "red, blue"),
        (lambda: env.words("X"), "a,,b", "one comma"),
        (lambda: env.words("X"), "a,b,", "one comma"),
        (lambda: env.words("X"), "a b", "one comma"),
    ],
)
def test_it_refuses_a_bad_value_and_says_what_is_accepted(
    monkeypatch: pytest.MonkeyPatch, reader: Callable[[], object], value: str, accepted: str
) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(env.BadEnvironment) as refused:
        reader()
    message = str(refused.value)
    assert message.startswith("X is ")
    assert value in message
    assert accepted in message


def test_django_reports_it_as_a_configuration_error() -> None:
    assert issubclass(env.BadEnvironment, ImproperlyConfigured)


@pytest.mark.parametrize("value", [STRONG[:-1], "x" * 50, "abcd" * 12, " " * 40])
def test_it_refuses_a_weak_secret_without_showing_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(env.BadEnvironment, match="X is missing or weak") as refused:
        env.secret("X")
    assert value not in str(refused.value)


def test_a_database_over_tcp() -> None:
    url = (
        "postgresql://app:p%40ss%2Fw%3Ard@db.example:6432/lease%20hold?sslmode=verify-full&connect_timeout=5"
    )
    assert env.database(url, max_age=0) == {
        "ENGINE": "tenants.db",
        "NAME": "lease hold",
        "USER": "app",
        "PASSWORD": "p@ss/w:rd",
        "HOST": "db.example",
        "PORT": "6432",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"sslmode": "verify-full", "connect_timeout": 5},
    }


def test_a_database_over_a_unix_socket() -> None:
    found = env.database("postgresql://app@/leasehold?host=/run/some%20where")
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("/run/some where", "", "")
    assert (found["OPTIONS"], found["CONN_MAX_AGE"]) == ({}, 60)
    assert env.database("postgresql://app@%2Frun%2FPg:5433/leasehold")["HOST"] == "/run/Pg"
    assert env.database("postgresql://app@/leasehold?host=/run/pg&port=5433")["PORT"] == "5433"


def test_a_database_on_an_ipv6_address_and_under_the_older_scheme() -> None:
    assert env.database("postgres://app@[::1]:5432/leasehold")["HOST"] == "::1"


def test_a_plus_in_a_password_is_a_plus() -> None:
    assert env.database("postgresql://app:a+b@db/leasehold")["PASSWORD"] == "a+b"


def test_a_plus_in_the_path_of_a_socket_is_a_plus() -> None:
    """As libpq reads it, which decodes no plus in a URL's options."""
    assert env.database("postgresql://app@/leasehold?host=/run/c++")["HOST"] == "/run/c++"


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"mysql://app:{SECRET}@db/leasehold", "does not begin with postgresql://"),
        (f"app:{SECRET}@db/leasehold", "does not begin with postgresql://"),
        ("", "does not begin with postgresql://"),
        (f"postgresql://app:{SECRET}@db/", "lacks the database's name"),
        (f"postgresql://app:{SECRET}@db", "lacks the database's name"),
        (f"postgresql://:{SECRET}@db/leasehold", "lacks a user"),
        ("postgresql://db/leasehold", "lacks a user"),
        (f"postgresql://app:{SECRET}@/leasehold", "names no host"),
        (f"postgresql://app:{SECRET}@/leasehold?host=", "names no host"),
        (f"postgresql://app:{SECRET}@db/leasehold?host=/run/pg", "names two hosts"),
        (f"postgresql://app:{SECRET}@/leasehold?host=/run/a,/run/b", "names more than one host"),
        (f"postgresql://app:{SECRET}@a,b/leasehold", "names more than one host"),
        (f"postgresql://app:{SECRET}@db:port/leasehold", "has a bad host or port"),
        (f"postgresql://app:{SECRET}@db:99999/leasehold", "has a bad host or port"),
        (f"postgresql://app:{SECRET}@[db/leasehold", "has a bad host or port"),
        (f"postgresql://app:{SECRET}@db:0/leasehold", "has a port that is not 1 to 65535"),
        (f"postgresql://app:{SECRET}@/leasehold?host=/run/pg&port=x", "has a port that is not 1 to 65535"),
        (f"postgresql://app:{SECRET}@/leasehold?host=/run/pg&port=", "has a port that is not 1 to 65535"),
        (f"postgresql://app:{SECRET}@db:5432/leasehold?port=5433", "names two ports"),
        (
            f"postgresql://app:{SECRET}@db/leasehold?sslmode=maybe",
            "has an sslmode that is not one of disable",
        ),
        (
            f"postgresql://app:{SECRET}@db/leasehold?connect_timeout=0",
            "connect_timeout that is not 1 to 3600",
        ),
        (
            f"postgresql://app:{SECRET}@db/leasehold?connect_timeout=x",
            "connect_timeout that is not 1 to 3600",
        ),
        (
            f"postgresql://app:{SECRET}@db/leasehold?options=-csearch_path%3Dx",
            "has an option twice or one that",
        ),
        (f"postgresql://app:{SECRET}@db/leasehold?sslmode=require&sslmode=disable", "has an option twice"),
        (f"postgresql://app:{SECRET}@db/leasehold?sslmode", "has a bad part after the question mark"),
        (f"postgresql://app:{SECRET}@db/leasehold#x", "has a # or /"),
        (f"postgresql://app:{SECRET}@db/leasehold/more", "has a # or /"),
        (f"postgresql://app:{SECRET}%zz@db/leasehold", "a bad %XX"),
        (f"postgresql://app:{SECRET}%00@db/leasehold", "a bad %XX"),
        (f"postgresql://app:{SECRET}%ff@db/leasehold", "a %XX that is not UTF-8"),
        (f"postgresql://app:{SECRET}@db/lease hold", "a space"),
        (f"postgresql://app:{SECRET}@db/leasehold\n", "a space"),
    ],
)
def test_it_refuses_a_bad_database_url_without_showing_it(url: str, reason: str) -> None:
    with pytest.raises(env.BadEnvironment) as refused:
        env.database(url, name="DATABASE_URL_OWNER")
    message = str(refused.value)
    assert message.startswith("DATABASE_URL_OWNER ")
    assert reason in message
    assert "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" in message
    assert SECRET not in message


def test_a_file_fills_what_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _start_with(monkeypatch, X="mine")
    env.load_file(_written(tmp_path, "# written by make demo\n\nX=theirs\nY=a=b # c\nZ='q u o&ted'\n"))
    assert (os.environ["X"], os.environ["Y"], os.environ["Z"]) == ("mine", "a=b # c", "q u o&ted")


@pytest.mark.parametrize(("line", "value"), [("Y=", ""), ("Y=''", ""), ('Y="a\'b"', "a'b"), ("  Y=x  ", "x")])
def test_a_line_may_be_empty_quoted_or_indented(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, value: str
) -> None:
    _start_with(monkeypatch)
    env.load_file(_written(tmp_path, line))
    assert os.environ["Y"] == value


def test_a_shell_reads_the_same_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = _written(tmp_path, "Y='postgresql://app@/x?host=/a&port=1'\n")
    said = subprocess.run(
        ["sh", "-c", '. "$0"; printf %s "$Y"', path], capture_output=True, text=True, check=True
    )
    _start_with(monkeypatch)
    env.load_file(path)
    assert os.environ["Y"] == said.stdout == "postgresql://app@/x?host=/a&port=1"


@pytest.mark.parametrize(
    "line", ["Z", "=x", "2Z=x", "export Z=x", "Z =x", "Z-A=x", "Z='x", 'Z="x', "Z='a'b'", "Ä=x", "Z=a\0b"]
)
def test_it_refuses_a_malformed_line_by_its_number_and_sets_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    _start_with(monkeypatch)
    path = _written(tmp_path, f"Y=good\n\n{line}\n")
    with pytest.raises(env.BadEnvironment, match="line 3 is malformed: write KEY=VALUE") as refused:
        env.load_file(path)
    assert str(path) in str(refused.value)
    assert "Y" not in os.environ


def test_it_refuses_a_key_that_stands_there_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _start_with(monkeypatch)
    with pytest.raises(env.BadEnvironment, match="line 2: Y stands there twice"):
        env.load_file(_written(tmp_path, "Y=1\nY=2\n"))


@pytest.mark.parametrize("content", [None, b"Y=\xff\n"])
def test_it_refuses_a_file_that_it_cannot_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "env"
    if content:
        path.write_bytes(content)
    with pytest.raises(env.BadEnvironment, match="env cannot be read"):
        env.load_file(path)


def _start_with(monkeypatch: pytest.MonkeyPatch, **variables: Any) -> None:
    """Give the test an environment of its own, since load_file writes to it."""
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"], **variables})


def _written(folder: Path, content: str) -> Path:
    path = folder / "env"
    path.write_text(content, encoding="utf-8")
    return path


# The mail server.


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        ("smtp://u:p%40ss@mail.example:2525?tls=1", ("mail.example", 2525, "u", "p@ss", True, False)),
        ("smtp://u:p@mail.example?tls=1", ("mail.example", 587, "u", "p", True, False)),
        ("smtps://u:p@mail.example", ("mail.example", 465, "u", "p", False, True)),
        ("smtp://u:p@localhost?tls=0", ("localhost", 25, "u", "p", False, False)),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, expected: tuple[object, ...]) -> None:
    found = env.email(url, name="X")
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")
    assert tuple(found[f"EMAIL_{name}"] for name in names) == expected
    assert found["EMAIL_BACKEND"].endswith("smtp.EmailBackend")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://mail.example", "does not begin with"),
        ("mail.example:25", "does not begin with"),
        ("smtp://", "names no host"),
        ("smtp://mail.example/inbox", "a path after it"),
        ("smtp://mail.example:0", "port 0"),
        ("smtp://mail.example:99999", "a bad host or port"),
        ("smtp://mail.example?tls=yes", "tls=0 or tls=1"),
        ("smtps://mail.example?tls=1", "beside smtps"),
        ("smtp://hunter2@mail.example?tls=1", "a user without a password"),
        ("smtp://u:hunter2@mail.example", "unencrypted"),
        ("smtp://u:hunter2@mail.example?tls=0", "unencrypted"),
        ("smtp://u:hunter2#x@mail.example?tls=1", "a bad host or port"),
        ("smtp://mail.example#hunter2", "a # in it"),
        ("smtp://u:hunter2%zz@mail.example?tls=1", "a bad %XX"),
        ("smtp://mail.example\r\nx", "a control character"),
        ("file://host/mail", "names no folder"),
        ("file:///", "names no folder"),
    ],
)
def test_a_url_of_no_mail_server_is_refused_and_not_shown(url: str, reason: str) -> None:
    with pytest.raises(env.BadEnvironment) as refused:
        env.email(url, name="X")
    assert reason in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_mails_go_to_files_where_that_is_allowed_alone() -> None:
    assert env.email("file:///var/mail%20s", name="X")["EMAIL_FILE_PATH"] == "/var/mail s"
    with pytest.raises(env.BadEnvironment, match="which production refuses"):
        env.email("file:///var/mail", name="X", files=False)


@pytest.mark.parametrize(
    "value", ["no-reply@acme.example", "Acme", "Acme <no-reply>", "Acme <a@b>, Globex <c@d>", "A\r\nB <a@b>"]
)
def test_a_sender_without_name_and_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert env.sender("X", "Acme <no-reply@acme.example>") == "Acme <no-reply@acme.example>"
    monkeypatch.setenv("X", value)
    with pytest.raises(env.BadEnvironment, match="a name and an address"):
        env.sender("X", "Acme <no-reply@acme.example>")


GOOGLE = {"id": "google", "name": "Google", "issuer": "https://a.example", "client_id": "c", "secret": "hush"}


def test_providers_are_read_by_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.providers("NAME") == {}
    monkeypatch.setenv("NAME", json.dumps([GOOGLE, {**GOOGLE, "id": "b-2"}]))
    assert list(env.providers("NAME")) == ["google", "b-2"]
    assert env.providers("NAME")["google"] == GOOGLE


@pytest.mark.parametrize(
    "listed",
    [
        "hush",
        {"google": GOOGLE},
        ["hush"],
        [{**GOOGLE, "more": "x"}],
        [{key: value for key, value in GOOGLE.items() if key != "issuer"}],
        [{**GOOGLE, "secret": ""}],
        [{**GOOGLE, "client_id": 1}],
        [{**GOOGLE, "id": "Google"}],
        [{**GOOGLE, "id": "a/b"}],
        [{**GOOGLE, "issuer": "http://a.example"}],
        [{**GOOGLE, "issuer": "http://localhost"}],
        [{**GOOGLE, "issuer": "https://"}],
        [GOOGLE, GOOGLE],
    ],
)
def test_a_provider_that_is_not_whole_is_refused_and_no_secret_shown(
    monkeypatch: pytest.MonkeyPatch, listed: object
) -> None:
    monkeypatch.setenv("NAME", json.dumps(listed))
    with pytest.raises(env.BadEnvironment) as error:
        env.providers("NAME")
    assert "hush" not in str(error.value)
    assert "NAME" in str(error.value)


def test_a_provider_may_stand_on_this_machine_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", json.dumps([{**GOOGLE, "issuer": "http://localhost:9"}]))
    assert env.providers("NAME", loopback=True)
    with pytest.raises(env.BadEnvironment):
        env.providers("NAME")
