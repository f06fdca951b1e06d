"""What a one-query request costs: round trips, statements and CPU, beside django-tenants and plain Django."""

from typing import Any

import pytest

from tests.benchmarks import report
from tests.benchmarks.conftest import Child, Ground

pytestmark = pytest.mark.bench

TENANTS = ["acme", "globex"]
ROUNDS = 7
REQUESTS = 250
MEASURED = ["Leasehold", "django-tenants", "plain Django"]
Requests = list[dict[str, str]]
Counted = dict[str, Any]


class Projects:
    """The three projects on one server, each with a web process and two tenants that take turns."""

    def __init__(self, ground: Ground) -> None:
        for name in ("ours", "theirs", "limited", "plain"):
            ground.create(name)
        setup = ground.leasehold("ours", "app", "owner", "console")
        setup("migrate")
        self.members = [setup("furnish", name=name) for name in TENANTS]
        # A web process holds no other login.
        self.web = {
            "Leasehold": ground.leasehold("ours", "app"),
            "django-tenants": ground.plain("plain_tenants", "theirs"),
            "django-tenants, TENANT_LIMIT_SET_CALLS": ground.plain(
                "plain_tenants", "limited", TENANT_LIMIT_SET_CALLS="1"
            ),
            "plain Django": ground.plain("plain_django", "plain"),
        }
        self.people = {"Leasehold": self.members}
        for name, child in self.web.items():
            if name != "Leasehold":
                child("migrate")
                self.people[name] = [child("furnish", name=tenant) for tenant in TENANTS]

    def requests(self, project: str, path: str, *, by: str = "") -> Requests:
        """Return one request for each tenant; by: the way in which its caller says who it is."""
        return [
            {"host": person["host"], "path": path, **({by: person[by]} if by else {})}
            for person in self.people[project]
        ]

    def reconnect(self) -> None:
        for child in self.web.values():
            child("reconnect")


@pytest.fixture
def projects(ground: Ground) -> Projects:
    return Projects(ground)


def test_a_one_query_request(ground: Ground, projects: Projects) -> None:
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
    print_cpu(ground, projects)
    check(counted)


def set_logging(ground: Ground, projects: Projects, setting: str) -> None:
    for database in ("ours", "theirs", "limited", "plain"):
        ground.log_statements(database, setting)
    projects.reconnect()


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


def print_cpu(ground: Ground, projects: Projects) -> None:
    rows = []
    for title, path, by in (("no caller", "/newest", ""), ("session", "/mine", "session")):
        rounds = cpu_rounds(projects, path, by)
        plain = rounds["plain Django"]
        for project, seconds in rounds.items():
            rows.append(
                [f"{project}: {title}", *report.milliseconds(seconds), *report.ratios(seconds, plain)]
            )
    report.table(
        f"CPU of the web process for a one-query request ({ROUNDS} interleaved rounds of {REQUESTS} requests)",
        ground.version(),
        ["", "ms, min", "ms, median", "to plain Django: min", "median"],
        rows,
    )


def cpu_rounds(projects: Projects, path: str, by: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {project: [] for project in MEASURED}
    for _ in range(ROUNDS):
        for project, seconds in found.items():
            requests = projects.requests(project, path, by=by)
            seconds.append(projects.web[project]("cpu", requests=requests, times=REQUESTS))
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
