"""The thread that writes what a process has gathered: one per process, which no error ends, and a last time at the end."""

import logging
import subprocess
import sys
import threading

import pytest

from tenants import flushing

start = flushing.Flusher.start  # tests have none start by itself


def test_it_flushes_again_and_again_in_one_thread() -> None:
    seen: list[str] = []
    thrice = threading.Event()

    def flush() -> None:
        seen.append(threading.current_thread().name)
        if len(seen) >= 3:
            thrice.set()

    flusher = flushing.Flusher("gathered things", flush, seconds=lambda: 0.01)
    start(flusher)
    start(flusher)
    assert thrice.wait(30)
    assert set(seen) == {"gathered things"}
    assert [one.name for one in threading.enumerate()].count("gathered things") == 1


def test_an_error_is_logged_and_the_next_try_comes(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []
    again = threading.Event()

    def flush() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no database")
        again.set()

    with caplog.at_level(logging.ERROR):
        start(flushing.Flusher("what fails once", flush, seconds=lambda: 0.01))
        assert again.wait(30)
    assert "what fails once could not be written" in caplog.text


def test_a_process_that_ends_in_order_writes_what_it_has() -> None:
    program = (
        "import django; django.setup();"
        "from tenants import flushing;"
        "flushing.Flusher('x', lambda: print('written'), seconds=lambda: 3600).start()"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout == "written\n"
