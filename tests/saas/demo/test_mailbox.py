"""The page of mails: what it lists, that it runs nothing of a mail, and whom it answers."""

import http.client
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from saas import local
from saas.demo import mailbox

LINK = "http://acme.localhost:8000/accept?token=abc&next=x"
numbers = itertools.count(1)
Ask = Callable[..., tuple[int, dict[str, str], str]]


def send(
    folder: Path, subject: str, *, age: int = 0, html: str = "<html><head></head><b>Hello</b></html>"
) -> None:
    """Write a mail as the workers of the demo do, so many seconds ago."""
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    mail = EmailMultiAlternatives(
        subject, f"Open {LINK}\n", "Acme <no-reply@localhost>", ["you@acme.example"], connection=connection
    )
    mail.attach_alternative(html, "text/html")
    mail.send()
    # Django names a file by the second and an object's id: two mails may go into one.
    (new,) = folder.glob("2*.log")
    new = new.rename(folder / f"mail-{next(numbers)}.log")
    moment = new.stat().st_mtime_ns - age * 10**9
    os.utime(new, ns=(moment, moment))


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Serve the page of a folder, and return what asks it: status, headers, body."""
    bound = socket.create_server(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    server = mailbox.serve(bound, tmp_path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def get(path: str, host: str = "localhost", method: str = "GET") -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(method, path, headers={"Host": host})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    yield get
    server.shutdown()
    thread.join()
    server.server_close()


def listed(ask: Ask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ask("/messages.json")[2])
    return found


def test_it_lists_the_newest_mail_first_and_looks_for_more(tmp_path: Path, ask: Ask) -> None:
    assert "No mail was sent yet" in ask("/")[2]
    send(tmp_path, "The second")
    send(tmp_path, "The first", age=60)
    page = ask("/")[2]
    assert 0 < page.index("The second") < page.index("The first")
    assert 'http-equiv="refresh"' in page


def test_a_program_reads_mails_as_json_with_their_links(tmp_path: Path, ask: Ask) -> None:
    send(tmp_path, "Grüße aus Köln")
    (mail,) = listed(ask)
    assert (mail["subject"], mail["to"], mail["links"]) == ("Grüße aus Köln", "you@acme.example", [LINK])
    assert mail["text"] == f"Open {LINK}\n"
    assert "<b>Hello</b>" in mail["html"]


def test_a_mail_shows_its_text_with_links_and_its_html_in_a_frame_without_scripts(
    tmp_path: Path, ask: Ask
) -> None:
    send(tmp_path, "<script>alert(1)</script>")
    (mail,) = listed(ask)
    _, headers, page = ask(f"/messages/{mail['id']}")
    assert "<script" not in page + ask("/")[2]
    assert f'href="{LINK.replace("&", "&amp;")}"' in page
    assert f'sandbox="{mailbox.MAY}" src="/messages/{mail["id"]}/html"' in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    _, headers, framed = ask(f"/messages/{mail['id']}/html")
    assert "<b>Hello</b>" in framed
    assert f"sandbox {mailbox.MAY}" in headers["Content-Security-Policy"]
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    assert "allow-same-origin" not in headers["Content-Security-Policy"]


def test_two_mails_in_one_file_are_two_mails(tmp_path: Path, ask: Ask) -> None:
    send(tmp_path, "First")
    send(tmp_path, "Second")
    first, second = sorted(tmp_path.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
    first.write_bytes(first.read_bytes() + second.read_bytes())
    second.unlink()
    assert [mail["subject"] for mail in listed(ask)] == ["Second", "First"]


def test_a_mail_that_is_still_being_written_is_left_out(tmp_path: Path, ask: Ask) -> None:
    send(tmp_path, "Whole")
    (file,) = tmp_path.glob("*.log")
    file.write_bytes(file.read_bytes() + b"Subject: half\n\nHal")
    assert [mail["subject"] for mail in listed(ask)] == ["Whole"]


@pytest.mark.parametrize(
    "path", ["/messages/none", "/messages/..%2f..%2fenv", "/messages/../env", "/env", "/x/html"]
)
def test_nothing_but_mails_is_read(tmp_path: Path, ask: Ask, path: str) -> None:
    (tmp_path.parent / "env").write_text("SECRET_KEY=x")
    status, _, body = ask(path)
    assert status == 404
    assert "SECRET_KEY" not in body


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", ""])
def test_a_name_of_somebody_else_that_leads_here_is_refused(tmp_path: Path, ask: Ask, host: str) -> None:
    send(tmp_path, "Secret")
    assert ask("/messages.json", host)[0] == 421
    assert ask("/messages.json", "localhost:8002")[0] == ask("/messages.json", "127.0.0.1:1")[0] == 200


def test_it_changes_nothing(ask: Ask) -> None:
    assert ask("/", method="POST")[0] == 501


@pytest.mark.parametrize("kind", ["production", "test", ""])
def test_it_refuses_to_run_outside_of_development(tmp_path: Path, kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "saas.demo.mailbox", "0", str(tmp_path)],
        cwd=local.PROJECT,
        env={**os.environ, "LEASEHOLD_ENV": kind},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "for development alone" in done.stderr
