"""The check itself, as a person would run it: the whole main job on servers of its own."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from saas.demo import check, exceptions, report, steps
from saas.demo.place import Place
from tests.saas.demo import process

STEPS = [
    "PostgreSQL and Valkey",
    "database and roles",
    "tables",
    "processes",
    "create two tenants",
    "sign in, make keys",
    "call the API",
    "page by cursor",
    "show isolation",
    "meter the calls",
    "take a backup",
    "restore it as a new tenant",
    "compare row hashes",
    "suspend the tenant",
    "stop everything",
]


def test_it_does_the_main_job_from_an_empty_directory_and_leaves_nothing() -> None:
    with process.place() as directory:  # stands in for TMPDIR, so that nobody else's leftovers are counted
        done = process.manage("demo", "--check", "--json", TMPDIR=str(directory))
        assert done.returncode == 0, done.stdout + done.stderr
        report = json.loads(done.stdout)
        assert report["ok"]
        assert [step["step"] for step in report["steps"]] == STEPS
        assert all(step["ok"] and step["seen"] for step in report["steps"])
        assert list(directory.iterdir()) == []
        assert process.running_in(directory) == []


def test_it_names_the_step_that_failed_and_shows_the_ends_of_the_logs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_stack: object, where: Place, shown: report.Steps) -> None:
        where.log("worker").write_text("what the worker said last\n")
        with shown.step("take a backup"):
            raise exceptions.StepFailed("no finished backup within 60 s")

    monkeypatch.setattr(check, "_start_and_do", fail)
    with pytest.raises(exceptions.StepFailed, match="“take a backup” failed: no finished backup"):
        check.run(as_json=False)
    printed = capsys.readouterr().out
    assert "take a backup" in printed
    assert "what the worker said last" in printed


def test_a_failed_job_is_told_by_its_own_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(*_: object, tell: object, **__: object) -> None:
        assert callable(tell)
        tell({"begin": "page by cursor"})
        tell({"failed": "page by cursor", "why": "Failed: a page: expected 200, got 500"})
        raise exceptions.StepFailed("the job failed; its log ends with nothing")

    shown = report.Steps(Console(quiet=True))
    monkeypatch.setattr(steps, "run", run)
    with pytest.raises(exceptions.StepFailed, match=r"^Failed: a page: expected 200, got 500$"):
        check._do({}, Place(tmp_path), 0, shown)
    assert [(step.title, step.failed) for step in shown.all] == [("page by cursor", True)]
