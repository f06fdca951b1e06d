"""A hostile HTTP client: bytes go out as they are, over a raw socket, and every byte that returns is kept."""

import gzip
import http.client
import json
import socket
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

ADDRESS = "127.0.0.1"
ANSWER_SECONDS = 30.0
BODYLESS = (204, 304)
Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `status` is 0 when the connection was closed instead of an answer."""

    status: int
    head: bytes
    body: bytes

    def __bytes__(self) -> bytes:
        return self.head + b"\r\n" + self.body

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        found = self.headers(name)
        return found[0] if found else None

    def headers(self, name: str) -> list[str]:
        lines = [line.partition(":") for line in self.head.decode("latin-1").splitlines()[1:]]
        return [value.strip() for field, _, value in lines if field.lower() == name.lower()]

    def cookies(self) -> dict[str, str]:
        return {
            name: morsel.value
            for line in self.headers("Set-Cookie")
            for name, morsel in SimpleCookie(line).items()
        }


NOTHING = Reply(0, b"", b"")


class Connection:
    """One connection to a server, which may send several requests, also before the first answer."""

    def __init__(self, port: int, *, timeout: float = ANSWER_SECONDS) -> None:
        self.socket = socket.create_connection((ADDRESS, port), timeout)
        self.file: BinaryIO = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        with suppress(ConnectionError):  # The server has hung up; what it said before can still be read.
            self.socket.sendall(data)

    def reply(self, method: str = "GET") -> Reply:
        """Return the next answer, as much of it as arrives."""
        try:
            return _read(self.file, method)
        except (OSError, ValueError, http.client.HTTPException):
            return NOTHING

    def rest(self) -> bytes:
        """Return all bytes until the server hangs up or says nothing more."""
        found = b""
        with suppress(OSError):
            while chunk := self.file.read1(65536):  # type: ignore[attr-defined]  # a BufferedReader
                found += chunk
        return found


def request(
    host: str | None,
    target: str,
    *,
    method: str = "GET",
    headers: Headers = (),
    body: bytes | None = None,
    close: bool = False,
) -> bytes:
    """Return the bytes of a request; no Host line for None."""
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [] if host is None else [f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [] if body is None else [f"Content-Length: {len(body)}"]
    lines += ["Connection: close"] if close else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def ask(port: int, data: bytes, *, method: str = "GET") -> Reply:
    """Send one request over a connection of its own."""
    try:
        with Connection(port) as connection:
            connection.send(data)
            return connection.reply(method)
    except OSError:
        return NOTHING


def raw(port: int, data: bytes, *, timeout: float = 2.0) -> bytes:
    """Send bytes that may be no request, and return all that comes back."""
    try:
        with Connection(port, timeout=timeout) as connection:
            connection.send(data)
            return connection.rest()
    except OSError:
        return b""


def path_of(address: str) -> str:
    return urlsplit(address).path


def _read(file: BinaryIO, method: str) -> Reply:
    first = file.readline()
    if not first.startswith(b"HTTP/"):
        return Reply(0, first, b"") if first else NOTHING
    head, fields = first, {}
    while (line := file.readline()) not in (b"\r\n", b"\n", b""):
        head += line
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip().lower()
    status = int(first.split()[1])
    bare = method == "HEAD" or status in BODYLESS or 100 <= status < 200
    return Reply(status, head, b"" if bare else _body(file, fields))


def _body(file: BinaryIO, fields: dict[bytes, bytes]) -> bytes:
    if fields.get(b"transfer-encoding") == b"chunked":
        found = _chunks(file)
    elif b"content-length" in fields:
        found = file.read(int(fields[b"content-length"]))
    else:
        found = file.read()
    if fields.get(b"content-encoding") == b"gzip":
        with suppress(OSError, EOFError, zlib.error):
            return gzip.decompress(found)
    return found


def _chunks(file: BinaryIO) -> bytes:
    found = b""
    with suppress(ValueError, OSError):  # The server hung up in the middle: what came is read all the same.
        while size := int(file.readline().split(b";")[0], 16):
            found += file.read(size)
            file.readline()
        file.readline()
    return found
