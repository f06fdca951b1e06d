"""What the hostile client reads, and what counts as an answer that nobody may get."""

import gzip
import socket
import threading
from collections.abc import Callable

import pytest

from tests.bench.tally import Tally
from tests.bench.web import client, site
from tests.bench.web.client import Reply

CANARY = "canary-" + "0" * 32
Serve = Callable[[bytes], int]


class Own:
    canary = "canary-" + "1" * 32


@pytest.fixture
def serve() -> Serve:
    """Return what answers one connection with the bytes that it is given."""

    def start(answer: bytes) -> int:
        listening = socket.create_server((client.ADDRESS, 0))

        def work() -> None:
            with listening, listening.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(answer)

        threading.Thread(target=work, daemon=True).start()
        port: int = listening.getsockname()[1]
        return port

    return start


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", b"ab"),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n9\r\nc", b"abc"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", b""),
    ],
    ids=["length", "until closed", "chunks", "cut off", "no body"],
)
def test_a_body_is_read_as_far_as_it_arrives(serve: Serve, answer: bytes, body: bytes) -> None:
    assert client.ask(serve(answer), client.request("a", "/")).body == body


def test_a_compressed_body_is_read(serve: Serve) -> None:
    packed = gzip.compress(CANARY.encode())
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    assert client.ask(serve(head.encode() + packed), client.request("a", "/")).body == CANARY.encode()


def test_two_answers_of_one_connection_are_told_apart(serve: Serve) -> None:
    one = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
    with client.Connection(serve(one + b"a" + one + b"b")) as connection:
        connection.send(client.request("a", "/"))
        assert [connection.reply().body, connection.reply().body] == [b"a", b"b"]
        assert connection.reply() == client.NOTHING


def test_the_request_is_what_was_asked_for() -> None:
    sent = client.request("a", "/x", method="POST", headers=[("X", "y")], body=b"z", close=True)
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"
    assert sent == head + b"z"


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_foreign_canary_in_an_answer_is_a_leak(where: str) -> None:
    answer = {"head": b"HTTP/1.1 200 OK\r\n", "body": b"", where: CANARY.encode()}
    tally = Tally()
    with tally.attempt(Own) as found:
        site.saw(found, Reply(200, answer["head"], answer["body"]))
    assert (tally.score.foreign, tally.score.errors) == (1, 0)


def test_an_error_status_is_a_refusal_and_is_read_as_well() -> None:
    tally = Tally()
    with tally.attempt(Own) as found:
        site.saw(found, Reply(404, b"HTTP/1.1 404 Not Found\r\n", CANARY.encode()))
    assert (tally.score.foreign, tally.score.errors) == (1, 1)


def test_where_nobody_may_get_anything_its_own_canary_is_a_leak_too() -> None:
    tally = Tally()
    with tally.attempt(Own) as found:
        site.saw_nothing(found, Reply(200, b"HTTP/1.1 200 OK\r\n", Own.canary.encode()))
    assert (tally.score.own, tally.score.foreign) == (0, 1)
