"""What a newcomer sees: everything that can be pasted stands there whole, and secrets only once."""

import secrets
import shlex
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from saas.demo import cast, place, tables
from saas.demo.place import Logins, Place
from tenants.people import keys


@pytest.fixture
def logins() -> Logins:
    made = place.make_logins(cast.EMAILS)
    made.keys = {shop.slug: keys.MARK + secrets.token_urlsafe(keys.SECRET_BYTES) for shop in cast.SHOPS}
    return made


def printed(logins: Logins, where: Path, width: int = 80) -> str:
    out = StringIO()
    demo = tables.Demo(Place(where), {"web": 8000, "console": 8001, "mail": 8002}, logins, {"web": 1})
    tables.show(demo, Console(file=out, width=width))
    return out.getvalue()


def test_the_first_start_shows_every_host_password_and_key_whole(logins: Logins, tmp_path: Path) -> None:
    found = printed(logins, tmp_path)
    hosts = [f"http://{shop.slug}.localhost:8000/" for shop in cast.SHOPS]
    for text in (
        *hosts,
        "http://localhost:8001/",
        "http://localhost:8002/",
        *logins.passwords.values(),
        *logins.keys.values(),
    ):
        assert text in found
    assert max(len(line) for line in found.splitlines() if "│" in line) <= 80


def test_a_second_start_says_where_the_secrets_are_kept(logins: Logins, tmp_path: Path) -> None:
    logins.shown = True
    found = printed(logins, tmp_path)
    assert not [text for text in (*logins.passwords.values(), *logins.keys.values()) if text in found]
    assert str(tmp_path / "logins.json") in found.replace("\n", "")
    assert "http://acme.localhost:8000/" in found


@pytest.mark.parametrize("shown", [False, True])
def test_each_curl_line_stands_on_one_line_and_is_quoted_for_a_shell(
    logins: Logins, tmp_path: Path, shown: bool
) -> None:
    logins.shown = shown
    lines = [line for line in printed(logins, tmp_path).splitlines() if line.startswith("curl")]
    header = f"@{tmp_path / 'acme.header'}" if shown else f"Authorization: Bearer {logins.keys['acme']}"
    assert len(lines) == 3
    assert all(header in shlex.split(line) for line in lines)
    assert "http://acme.localhost:8000/api/v1/products?limit=2;" in shlex.split(lines[0])


def test_json_holds_no_secret_that_was_shown_before(logins: Logins, tmp_path: Path) -> None:
    demo = tables.Demo(Place(tmp_path), {"web": 8000, "console": 8001, "mail": 8002}, logins, {"web": 1})
    assert tables.as_json(demo)["tenants"][0]["key"] == logins.keys["acme"]
    logins.shown = True
    assert tables.as_json(demo)["tenants"][0]["key"] is None
    assert {person["password"] for person in tables.as_json(demo)["people"]} == {None}
