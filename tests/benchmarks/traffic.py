"""Requests through the whole WSGI application of this process, and what each of them sends to the servers."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median_low
from typing import Any

from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import RequestFactory
from psycopg import pq

application = get_wsgi_application()
Environ = dict[str, Any]
SAMPLES = 9


def environ(host: str, path: str, *, key: str = "", session: str = "", jwt: str = "") -> Environ:
    headers = {"Host": host}
    headers |= {"Authorization": f"Bearer {key or jwt}"} if key or jwt else {}
    headers |= {"Cookie": f"{session}"} if session else {}
    found: Environ = RequestFactory().get(path, headers=headers).environ
    return found


def respond(request: Environ) -> None:
    """Answer one request as a web server has it answered, with Django's work before and after. Only 200 will do."""
    status: list[str] = []
    response = application(dict(request), lambda line, _headers, _error=None: status.append(line))  # type: ignore[arg-type]
    for _ in response:
        pass
    response.close()
    assert status == ["200 OK"], (status, request["HTTP_HOST"], request["PATH_INFO"])


def cpu(requests: list[dict[str, str]], times: int) -> float:
    """Return the CPU seconds of this process for one request, as the mean of `times` that take turns."""
    turns = cycle([environ(**request) for request in requests])
    return cpu_of(lambda: respond(next(turns)), times)


def cpu_of(call: Callable[[], object], times: int) -> float:
    """Return the CPU seconds of this process for one call, as the mean of `times`."""
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times


def count(
    log: str, requests: list[dict[str, str]], before: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """Return what one request sends: the median of several that take turns. `before` runs ahead of each, uncounted."""
    turns = [environ(**request) for request in requests]
    for turn in turns:
        respond(turn)
    found = []
    for n in range(SAMPLES):
        before()
        found.append(count_call(log, partial(respond, turns[n % len(turns)])))
    return middle(found)


def middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sample in the middle: one of them may be the one that asks once a second."""
    wanted = median_low(sample["round_trips"] for sample in found)
    return next(sample for sample in found if sample["round_trips"] == wanted)


def count_call(log: str, call: Callable[[], object]) -> dict[str, Any]:
    """Count at both ends: round trips in libpq's trace at the client, messages and statements in the server's log."""
    server, start, cached = _connection(), Path(log).stat().st_size, _cache_commands()
    with _traced(server) as trace:
        call()
    assert _connection() is server, "the connection was replaced"
    messages = list(_messages(Path(log), start, server.backend_pid))
    return {
        # A statement of several lines is one message and several lines of the trace.
        "round_trips": sum(line.split("\t")[2:3] == ["ReadyForQuery"] for line in trace),
        "messages": messages,
        "statements": sum(bool(part.strip()) for text in messages for part in text.split(";")),
        "cache": _cache_commands() - cached - 1,
    }


def _connection() -> pq.abc.PGconn:
    connection.ensure_connection()
    found: pq.abc.PGconn = connection.connection.pgconn
    return found


@contextmanager
def _traced(server: pq.abc.PGconn) -> Iterator[list[str]]:
    lines: list[str] = []
    with tempfile.TemporaryFile("w+") as file:
        server.trace(file.fileno())
        server.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield lines
        finally:
            server.untrace()
        file.seek(0)
        lines += file.read().splitlines()


def _messages(log: Path, start: int, pid: int) -> Iterator[str]:
    """Yield what one backend logged: log_line_prefix is `%p|`, and continuation lines start with a tab."""
    with log.open(encoding="utf-8") as lines:
        lines.seek(start)
        for line in lines:
            head, _, text = line.partition(":  ")
            if head == f"{pid}|LOG":
                yield text.split(": ", 1)[1].strip()


def _cache_commands() -> int:
    found: int = cache._cache.get_client().info("stats")["total_commands_processed"]  # type: ignore[attr-defined]
    return found
