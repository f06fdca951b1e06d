"""A bounded client in a process of its own: so many requests over so many connections that are kept, and no more.

python -m tests.benchmarks.load; one line of JSON with the arguments of `send` comes in, the seconds go out.
"""

import json
import socket
import sys
import threading
import time
from itertools import cycle, islice


def send(port: int, requests: list[dict[str, str]], connections: int, times: int) -> float:
    """Send `times` requests that take turns, over each of the connections its share; return the seconds."""
    messages = list(islice(cycle(map(message, requests)), times))
    failed: list[BaseException] = []

    def work(share: list[bytes], ready: threading.Barrier) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port)) as server:
                ready.wait()
                for text in share:
                    server.sendall(text)
                    receive(server)
        except BaseException as error:  # noqa: BLE001  the border of this thread: `send` raises it
            failed.append(error)

    ready = threading.Barrier(connections + 1)
    threads = [
        threading.Thread(target=work, args=(messages[n::connections], ready), daemon=True)
        for n in range(connections)
    ]
    for thread in threads:
        thread.start()
    ready.wait(timeout=30)
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.perf_counter() - began


def message(request: dict[str, str]) -> bytes:
    lines = [f"GET {request['path']} HTTP/1.1", f"Host: {request['host']}"]
    lines += [f"Authorization: Bearer {request['key']}"] if "key" in request else []
    lines += [f"Cookie: {request['session']}"] if "session" in request else []
    return "\r\n".join([*lines, "", ""]).encode()


def receive(server: socket.socket) -> None:
    """Read one answer to its end. Only 200 with a length will do."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += more(server)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert b" 200 " in lines[0], head
    (length,) = (int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += more(server)


def more(server: socket.socket) -> bytes:
    found = server.recv(65_536)
    assert found, "the server closed the connection"
    return found


if __name__ == "__main__":
    for line in sys.stdin:
        print(send(**json.loads(line)), flush=True)
