"""Ports, and children that tell their steps."""

import socket
import sys
import threading
from pathlib import Path

import pytest
from rich.console import Console

from saas.demo import exceptions, programs, report, steps
from saas.demo.place import Place

VALUES = dict.fromkeys((*programs.EVERY_LOGIN, *programs.FOR_ALL), "x")


@pytest.fixture
def shown() -> report.Steps:
    return report.Steps(Console(quiet=True))


@pytest.fixture
def where(tmp_path: Path) -> Place:
    (tmp_path / "log").mkdir()
    return Place(tmp_path)


def test_a_claimed_port_answers_before_any_process_does() -> None:
    with (
        steps.listening(0, option="--port") as bound,
        socket.create_connection(bound.getsockname(), timeout=5),
    ):
        assert bound.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_taken_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "PORT_SECONDS", 0.0)
    with steps.listening(0, option="--port") as bound:
        port = bound.getsockname()[1]
        with (
            pytest.raises(exceptions.PortTaken, match=rf"{port} is taken .* with --console-port"),
            steps.listening(port, option="--console-port"),
        ):
            pass


def test_a_port_that_becomes_free_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        timer = threading.Timer(0.3, other.close)
        timer.start()
        with steps.listening(port, option="--port") as bound:
            assert bound.getsockname()[1] == port
        timer.join()


def test_a_child_tells_events_and_may_print_other_things(where: Place, shown: report.Steps) -> None:
    source = (
        "print('hello'); print('{\"doing\": \"one\"}', flush=True); print('{\"doing\": \"two\"}', end='\\n')"
    )
    found: list[steps.Event] = []
    with shown.step("a step"):
        steps.run("it", (sys.executable, "-c", source), VALUES, where, shown, tell=found.append)
    assert found == [{"doing": "one"}, {"doing": "two"}]


def test_a_child_that_fails_shows_the_end_of_the_log(where: Place, shown: report.Steps) -> None:
    with pytest.raises(exceptions.StepFailed, match=r"it failed; .*set-up.log ends with:(.|\n)*the reason"):
        steps.run("it", (sys.executable, "-c", "raise SystemExit('the reason')"), VALUES, where, shown)


def test_a_child_that_hangs_is_killed(
    where: Place, shown: report.Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "STEP_SECONDS", 0.2)
    with pytest.raises(exceptions.StepFailed, match="took longer than"):
        steps.run("it", (sys.executable, "-c", "import time; time.sleep(600)"), VALUES, where, shown)
