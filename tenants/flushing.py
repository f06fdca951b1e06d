"""Writes what a process gathers in memory every few seconds, in a thread of its own: never in a request."""

import atexit
import logging
import os
import threading
from collections.abc import Callable

from django.db import connections

log = logging.getLogger(__name__)


class Flusher:
    """Calls `flush` every `seconds()` once `start` was called in this process, and when the process ends in order.

    flush keeps what it could not write for the next time, and raises. A process that is killed loses what it gathered
    since the last flush.
    """

    def __init__(self, name: str, flush: Callable[[], object], *, seconds: Callable[[], float]) -> None:
        self._name = name
        self._flush = flush
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pid = 0

    def start(self) -> None:
        """Start the thread, unless this process has it: a thread does not survive a fork."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
        threading.Thread(target=self._run, name=self._name, daemon=True).start()
        atexit.register(self._flush_quietly)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._seconds()):
            self._flush_quietly()

    def _flush_quietly(self) -> None:
        try:
            self._flush()
        except Exception:  # The border of this thread: what was gathered is kept for the next try.
            log.exception("%s could not be written", self._name)
            connections.close_all()
