"""What a one-query request sends: round trips and statements, beside django-tenants and plain Django."""

from typing import Any

import pytest

from tests.benchmarks import report
from tests.benchmarks.conftest import Child, Ground
from tests.benchmarks.projects import Projects

pytestmark = pytest.mark.bench

TENANTS = ["acme", "globex"]
Counted = dict[str, Any]


def test_a_one_query_request(ground: Ground) -> None:
    projects = Projects(ground, TENANTS)
    set_logging(ground, projects, "all")
    counted = {**ours(ground, projects), **theirs(ground, projects)}
    set_logging(ground, projects, "none")
    report.table(
        "What a request sends to PostgreSQL and to the cache (median of 9, two tenants take turns)",
        ground.version(),
        ["", "queries", "round trips", "statements", "cache"],
        [
            [name, queries, found["round_trips"], found["statements"], found["cache"]]
            for name, (queries, found) in counted.items()
        ],
    )
    check(counted)


def set_logging(ground: Ground, projects: Projects, setting: str) -> None:
    for database in projects.databases.values():
        ground.log_statements(database, setting)
    for child in projects.web.values():
        child("reconnect")


def ours(ground: Ground, projects: Projects) -> dict[str, tuple[int, Counted]]:
    """Return the number of queries, the membership's among them, and what was counted."""
    web = projects.web["Leasehold"]

    def count(path: str, *, by: str = "", cold: str = "") -> Counted:
        found: Counted = web(
            "count", log=ground.log, requests=projects.requests("Leasehold", path, by=by), cold=cold
        )
        return found

    return {
        "Leasehold: no caller": (1, count("/newest")),
        "Leasehold: API key, GET /api/v1/products": (2, count("/api/v1/products", by="key")),
        "Leasehold: API key": (2, count("/mine", by="key")),
        "Leasehold: API key, cache empty": (2, count("/mine", by="key", cold="cache")),
        "Leasehold: session": (2, count("/mine", by="session")),
        "Leasehold: session, cache empty": (2, count("/mine", by="session", cold="cache")),
        "Leasehold: no caller, first in a second": (1, count("/newest", cold="second")),
        "Leasehold: no caller, first of a process": (1, count("/newest", cold="hosts")),
        "Leasehold: no caller, no query": (0, count("/nothing")),
        "Leasehold: a block, no request": (1, web("count_block", log=ground.log, name=TENANTS[0])),
    }


def theirs(ground: Ground, projects: Projects) -> dict[str, tuple[int, Counted]]:
    found: dict[str, tuple[int, Counted]] = {}
    for project, web in projects.web.items():
        if project == "Leasehold":
            continue

        def count(path: str, *, by: str = "", project: str = project, web: Child = web) -> Counted:
            requests = projects.requests(project, path, by=by)
            counted: Counted = web("count", log=ground.log, requests=requests)
            return counted

        found[f"{project}: no caller"] = 1, count("/newest")
        found[f"{project}: session"] = 2, count("/mine", by="session")
        found[f"{project}: no caller, no query"] = 0, count("/nothing")
        if project == "django-tenants":
            found[f"{project}: a block, no request"] = (
                1,
                web("count_block", log=ground.log, name=TENANTS[0]),
            )
    return found


def check(counted: dict[str, tuple[int, Counted]]) -> None:
    for name, (_, found) in counted.items():
        assert found["round_trips"] == len(found["messages"]), (name, found["messages"])
    for name in (
        "no caller",
        "API key, GET /api/v1/products",
        "API key",
        "session",
        "a block, no request",
    ):
        queries, found = counted[f"Leasehold: {name}"]
        assert found["round_trips"] == queries + 2, (name, found["messages"])
    assert counted["Leasehold: no caller, no query"][1]["round_trips"] == 0
    for name in ("no caller", "session"):
        ours, theirs = (
            counted[f"{project}: {name}"][1]["round_trips"] for project in ("Leasehold", "django-tenants")
        )
        assert ours < theirs, name
