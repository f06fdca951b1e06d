"""What it costs to know who calls and what they may do, and how long what was taken from somebody still lets them in."""

from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest

from tests.benchmarks import processes, report, watch
from tests.benchmarks.conftest import Child, Ground, opened
from tests.benchmarks.projects import OURS, PLAIN, Projects
from tests.benchmarks.webserver import Gunicorn

pytestmark = pytest.mark.bench

TENANTS = ["acme", "globex"]
ROUNDS, REQUESTS, CHECKS = 11, 100, 300
SERVERS, REPEATS = 3, 5
PROMISED_SECONDS = 2.0
WATCHED_SECONDS = 3.0  # longer than promised: what comes back later is seen as well
MINE = "/mine"
Counted = dict[str, Any]
Rounds = dict[str, list[float]]


@pytest.fixture(scope="module")
def module_ground() -> Iterator[Ground]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def projects(module_ground: Ground) -> Projects:
    found = Projects(module_ground, TENANTS, [PLAIN])
    found.web[PLAIN]("join_group")
    return found


def test_queries_and_transactions(module_ground: Ground, projects: Projects) -> None:
    """Counted in the server's log. The view's own query is left out, and so is the transaction that it runs in."""
    for name, child in projects.web.items():
        module_ground.log_statements(projects.databases[name], "all")
        child("reconnect")
    counted = {**ours(module_ground, projects), **theirs(module_ground, projects)}
    for name, child in projects.web.items():
        module_ground.log_statements(projects.databases[name], "none")
        child("reconnect")
    report.table(
        "What identity and membership add to a one-query request (median of 9, two tenants take turns)",
        module_ground.version(),
        ["", "transactions of their own", "queries", "round trips", "cache"],
        [[name, *cells.values()] for name, cells in counted.items()],
    )
    for name, cells in counted.items():
        if name.startswith(OURS):
            cold = "not remembered" in name
            assert cells["transactions"] == cold, (name, cells)
            assert cells["queries"] == ("no caller" not in name) + cold, (name, cells)


def ours(ground: Ground, projects: Projects) -> dict[str, Counted]:
    def count(path: str, by: str = "", cold: str = "") -> Counted:
        requests = projects.requests(OURS, path, by=by)
        found: Counted = projects.web[OURS]("count", log=ground.log, requests=requests, cold=cold)
        return found

    nobody = count("/newest")
    rows = {
        "no caller": nobody,
        "session": count(MINE, "session"),
        "session, not remembered by the cache": count(MINE, "session", "cache"),
        "session, permission checked": count("/permitted", "session"),
        "API key": count(MINE, "key"),
        "API key, not remembered by the process": count(MINE, "key", "cache"),
        "JWT": count(MINE, "jwt"),
        "JWT, its signer not remembered by the process": count(MINE, "jwt", "cache"),
    }
    return {f"{OURS}: {name}": beyond(found, nobody, transactions=1) for name, found in rows.items()}


def theirs(ground: Ground, projects: Projects) -> dict[str, Counted]:
    def count(path: str, by: str = "", cold: str = "") -> Counted:
        requests = projects.requests(PLAIN, path, by=by)
        found: Counted = projects.web[PLAIN]("count", log=ground.log, requests=requests, cold=cold)
        return found

    nobody = count("/newest")
    rows = {
        "session": count(MINE, "session"),
        "session, cache empty": count(MINE, "session", "cache"),
        "session, permission checked": count("/permitted", "session"),
    }
    return {f"{PLAIN}: {name}": beyond(found, nobody, transactions=0) for name, found in rows.items()}


def beyond(found: Counted, nobody: Counted, *, transactions: int) -> Counted:
    """Return what a request takes more than one without a caller, whose view runs in so many transactions."""
    messages = found["messages"]
    begun = sum(text.startswith("BEGIN") for text in messages)
    queries = sum(not text.startswith(("BEGIN", "COMMIT")) for text in messages)
    return {
        "transactions": begun - transactions,
        "queries": queries - 1,
        "round trips": found["round_trips"] - nobody["round_trips"],
        "cache": found["cache"] - nobody["cache"],
    }


def test_the_cpu_of_a_caller(module_ground: Ground, projects: Projects) -> None:
    callers = {
        f"{OURS}: no caller": (OURS, "/newest", ""),
        f"{OURS}: session": (OURS, MINE, "session"),
        f"{OURS}: API key": (OURS, MINE, "key"),
        f"{OURS}: JWT": (OURS, MINE, "jwt"),
        f"{PLAIN}: no caller": (PLAIN, "/newest", ""),
        f"{PLAIN}: session": (PLAIN, MINE, "session"),
    }
    web: Rounds = {name: [] for name in callers}
    postgres: Rounds = {name: [] for name in callers}
    for number in range(ROUNDS + 1):
        for name, (project, path, by) in callers.items():
            began = processes.computed(module_ground.backends())
            requests = projects.requests(project, path, by=by)
            seconds = projects.web[project]("cpu", requests=requests, times=REQUESTS)
            if number:  # the first round fills caches
                web[name].append(seconds)
                postgres[name].append(processes.since(began) / REQUESTS)
    report.table(
        f"CPU of a one-query request by who calls ({ROUNDS} interleaved rounds of {REQUESTS})",
        module_ground.version(),
        [
            "",
            "ms, min",
            "median",
            "to no caller: min",
            "median",
            "ms more, min",
            "ms in PostgreSQL, min",
            "more",
        ],
        [caller(name, web, postgres) for name in callers],
    )


def caller(name: str, web: Rounds, postgres: Rounds) -> list[str]:
    nobody = f"{name.partition(':')[0]}: no caller"
    more, more_there = (min(found[name]) - min(found[nobody]) for found in (web, postgres))
    return [
        name,
        *report.milliseconds(web[name]),
        *report.ratios(web[name], web[nobody]),
        f"{more * 1000:.2f}",
        f"{min(postgres[name]) * 1000:.2f}",
        f"{more_there * 1000:.2f}",
    ]


# What is compared, the way of ours, the way of the other.
CHECKED = [
    ("who it is and one check: has_perm", "person read", "person read"),
    ("who it is and one check: memberships.require", "require", "person read"),
    ("first check of a request: has_perm", "first", "first"),
    ("first check of a request: memberships.require_member", "require_member", "first"),
    ("each further check: has_perm", "following", "following"),
    ("each further check that refuses: has_perm", "refused", "refused"),
    ("each further check: memberships.require_member", "require_member", "following"),
    ("each further check: member.may", "may", "following"),
]


def test_the_cpu_of_a_permission_check(module_ground: Ground, projects: Projects) -> None:
    found: dict[str, list[tuple[float, float, float, float]]] = {what: [] for what, *_ in CHECKED}
    person = projects.people[OURS][0]
    for number in range(ROUNDS + 1):
        for what, our_way, their_way in CHECKED:
            arguments = {"tenant": TENANTS[0], "person": person, "way": our_way, "times": CHECKS}
            mine = checked(module_ground, projects.web[OURS], arguments)
            other = checked(module_ground, projects.web[PLAIN], {"way": their_way, "times": CHECKS})
            if number:
                found[what].append((*mine, *other))
    rows = []
    for what, rounds in found.items():
        web, postgres, their_web, their_postgres = map(list, zip(*rounds, strict=True))
        ratios = min(web) / min(their_web), median(a / b for a, b in zip(web, their_web, strict=True))
        rows.append(
            [
                what,
                *(f"{min(times) * 1e6:.2f}" for times in (web, their_web)),
                *(f"{ratio:.4f}" for ratio in ratios),
                *(f"{min(times) * 1e6:.0f}" for times in (postgres, their_postgres)),
            ]
        )
    report.table(
        f"CPU of a permission check, beside ModelBackend with a group ({ROUNDS} interleaved rounds of {CHECKS})",
        module_ground.version(),
        ["", "us, min", "Django's", "ratio: min", "median", "us in PostgreSQL, min", "Django's"],
        rows,
    )


def checked(ground: Ground, child: Child, arguments: dict[str, Any]) -> tuple[float, float]:
    """Return the seconds that a check computes in the process and in PostgreSQL."""
    began = processes.computed(ground.backends())
    seconds: float = child("check", **arguments)
    return seconds, processes.since(began) / CHECKS


# What is taken away, and by what its owner calls.
TAKEN = [
    ("session", "session", "one session ended"),
    ("all sessions", "session", "all sessions of a person ended"),
    ("membership", "session", "member removed: session"),
    ("membership", "key", "member removed: API key"),
    ("membership", "jwt", "member removed: JWT"),
    ("key", "key", "API key revoked"),
    ("key", "key's jwt", "API key revoked: JWT asked for with it"),
    ("tenant", "session", "tenant suspended: session"),
    ("tenant", "key", "tenant suspended: API key"),
    ("tenant", "", "tenant suspended: no caller"),
]


@pytest.fixture
def servers(module_ground: Ground, projects: Projects) -> Iterator[list[Gunicorn]]:
    log = module_ground.directory / "gunicorn.log"
    found = [Gunicorn(projects.web[OURS], log) for _ in range(SERVERS)]
    yield found
    for server in found:
        server.close()


def test_what_was_taken_away_lets_nobody_in(
    module_ground: Ground, projects: Projects, servers: list[Gunicorn]
) -> None:
    staff = module_ground.leasehold(projects.databases[OURS], "app", "owner", "console", module="people")
    rows, worst = [], {}
    for way, by, what in TAKEN:
        ended = [end(staff, servers, projects.people[OURS][0]["host"], way, by) for _ in range(REPEATS)]
        answers = [(moment, one) for moment, watched in ended for one in watched]
        until = [watch.let_in_until(one, moment) for moment, one in answers]
        refused = [watch.refused_from(one, moment) for moment, one in answers]
        worst[what] = max(until)
        statuses = sorted({found.status for moment, one in answers for found in one if found.asked > moment})
        rows.append(
            [
                what,
                *(f"{seconds * 1000:.0f}" for seconds in (max(until), median(refused), max(refused))),
                sum(len(one) for _, one in answers),
                " ".join(map(str, statuses)),
            ]
        )
    report.table(
        f"Until each of {SERVERS} gunicorn processes refuses, asked without a pause ({REPEATS} repeats,"
        f" each watched for {WATCHED_SECONDS:.0f} s; from the call of the verb)",
        module_ground.version(),
        ["", "ms, last one let in", "first refusal, median", "worst", "requests", "statuses"],
        rows,
    )
    assert {what: seconds for what, seconds in worst.items() if seconds > PROMISED_SECONDS} == {}


def end(
    staff: Child, servers: list[Gunicorn], host: str, way: str, by: str
) -> tuple[float, list[list[watch.Answer]]]:
    """Take something away while its owner asks every server; return when, and what each server answered."""
    person = staff("join", tenant=TENANTS[0])
    credential, path = ({by: person[by]}, MINE) if by else ({}, "/newest")
    watched = [watch.Watch(server.port, host, path, credential) for server in servers]
    for one in watched:
        one.wait_until_warm()
    moment: float = staff("end", way=way, tenant=TENANTS[0], person=person)
    watch.pause_until(moment + WATCHED_SECONDS)
    answers = [one.stop() for one in watched]
    if way == "tenant":
        staff("resume", tenant=TENANTS[0])
        for server in servers:
            watch.Watch(server.port, host, "/newest", {}).wait_until_warm_and_stop()
    return moment, answers
