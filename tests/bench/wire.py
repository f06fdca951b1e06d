"""A socket in front of PostgreSQL that counts what a client sends, and strikes at the message that it is told."""

import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
# What ends a client's turn: Query, Sync, and the end of COPY's rows. What ends the server's: ReadyForQuery, CopyIn.
CLIENT_TURNS, SERVER_TURNS = b"QScf", b"ZG"
TERMINATE = b"X"
WORDS = 4
OPAQUE = re.compile(rb"t_[0-9a-f]{32}")


class Moment(StrEnum):
    BEFORE = "before"  # the server never gets the message
    SENT = "sent"  # it gets the message and is hit at once
    DURING = "during"  # it is hit in the middle of the work, as long as that took when nobody was hit
    ANSWERED = "answered"  # it has done the work, and nobody hears of that


@dataclass(frozen=True, slots=True)
class Point:
    """Where to strike: the number of the message from 1, and when."""

    number: int
    moment: Moment


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the client, by its first words, and how long the server took."""

    words: str
    seconds: float


class Wire:
    """Listens in `directory` for one client after the other; strike(pid of the backend) is called once, at `point`."""

    def __init__(
        self,
        directory: Path,
        server: Path,
        point: Point | None,
        strike: Callable[[int], None],
        during: float = 0,
    ) -> None:
        self.messages: list[Message] = []
        self.struck: Message | None = None
        self.backends: list[int] = []
        self._server, self._point, self._strike, self._during = server, point, strike, during
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / SOCKET))
        self._listener.listen()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(60)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError, EOFError):
            server.connect(str(self._server / SOCKET))
            server.sendall(_startup(client))
            pid = self._answer(server, client)
            while turn := _turn(client, CLIENT_TURNS):
                if not self._take(turn, pid, client, server):
                    return

    def _take(self, turn: bytes, pid: int, client: socket.socket, server: socket.socket) -> bool:
        """Pass one turn on and bring the answer back. Returns False once the strike has ended the connection."""
        with self._lock:
            number = len(self.messages) + 1
            self.messages.append(Message(_words(turn), 0))
        moment = self._point.moment if self._point and self._point.number == number else None
        if moment is not None:
            self.struck = self.messages[-1]
        if moment is Moment.BEFORE:
            self._strike(pid)
            return False
        began = time.monotonic()
        server.sendall(turn)
        if moment in (Moment.SENT, Moment.DURING):
            time.sleep(self._during / 2 if moment is Moment.DURING else 0)
            self._strike(pid)
            return False
        self._answer(server, None if moment else client)
        self.messages[number - 1] = Message(_words(turn), time.monotonic() - began)
        if moment is not None:
            self._strike(pid)
        return moment is None

    def _answer(self, server: socket.socket, client: socket.socket | None) -> int:
        """Relay messages of the server until it is the client's turn; return the pid that it told, if it did."""
        pid = 0
        while True:
            kind, message = _message(server)
            if kind == b"K":
                (pid,) = struct.unpack("!I", message[5:9])
                self.backends.append(pid)
            if client is not None:
                client.sendall(message)
            if kind in SERVER_TURNS:
                return pid


def _startup(client: socket.socket) -> bytes:
    length = _exactly(client, 4)
    return length + _exactly(client, struct.unpack("!I", length)[0] - 4)


def _turn(client: socket.socket, ends: bytes) -> bytes:
    """Return everything that the client says until it waits for an answer; nothing when it says goodbye."""
    said = b""
    while True:
        kind, message = _message(client)
        if kind == TERMINATE:
            return b""
        said += message
        if kind in ends:
            return said


def _message(source: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(source, 5)
    return head[:1], head + _exactly(source, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(source: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = source.recv(count - len(found))
        if not part:
            raise EOFError
        found += part
    return found


def _words(turn: bytes) -> str:
    if turn[:1] not in b"QP":
        return "rows"
    text = re.sub(rb"[^ -~]+", b" ", OPAQUE.sub(b"t_", turn[5:])).decode("ascii")
    return " ".join(re.findall(r"[A-Za-z_.]+", text)[:WORDS])
