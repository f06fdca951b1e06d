"""What requests cost: CPU of the web process and of PostgreSQL for each, and how many a second a real server answers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from saas import local
from tests.benchmarks import load, processes, report
from tests.benchmarks.conftest import Ground, opened
from tests.benchmarks.projects import ATOMIC, OURS, PLAIN, THEIRS, Projects
from tests.benchmarks.webserver import THREADS, Gunicorn

pytestmark = pytest.mark.bench

OTHERS = [THEIRS, PLAIN, ATOMIC]
TENANTS = [2, 50]
ROUNDS, REQUESTS = 11, 100
SERVER_ROUNDS, SERVER_REQUESTS = 5, 300
BESIDE = "tenants take turns; an API key stands beside a session, since the others have no keys; plain Django has one schema"
RATIO = ["to plain Django: min", "median"]
HEADER = ["", "ms, min", "median", *RATIO, "ms in PostgreSQL, min"]
SERVER_HEADER = ["", "requests/s, max", "to plain Django: max", "median", "CPU ms, min", "median", *RATIO]
Requests = dict[str, list[dict[str, str]]]
Rounds = dict[str, list[float]]


@dataclass(frozen=True)
class Way:
    """What is asked for, and how the caller says who it is: to us, and to the others."""

    title: str
    path: str
    ours: str
    theirs: str

    def requests(self, projects: Projects, tenants: int) -> Requests:
        return {
            project: projects.requests(
                project, self.path, by=self.ours if project == OURS else self.theirs, tenants=tenants
            )
            for project in projects.web
        }


WAYS = [
    Way("no caller", "/newest", "", ""),
    Way("session", "/mine", "session", "session"),
    Way("API key", "/mine", "key", "session"),
]


@pytest.fixture(scope="module")
def module_ground() -> Iterator[Ground]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def projects(module_ground: Ground) -> Projects:
    return Projects(module_ground, [f"shop-{n}" for n in range(max(TENANTS))], OTHERS)


def test_the_cpu_of_a_request(module_ground: Ground, projects: Projects) -> None:
    """In a loop inside the process, as WSGI servers call it: no sockets and no parsing of HTTP, whose cost is equal."""
    rows = []
    for way, tenants in product(WAYS, TENANTS):
        web, postgres = measure(module_ground, projects, way.requests(projects, tenants))
        rows += [
            [
                f"{project}: {way.title}, {tenants} tenants",
                *report.milliseconds(web[project]),
                *report.ratios(web[project], web[PLAIN]),
                f"{min(postgres[project]) * 1000:.2f}",
            ]
            for project in projects.web
        ]
    report.table(
        f"CPU of a one-query request ({ROUNDS} interleaved rounds of {REQUESTS}; {BESIDE})",
        module_ground.version(),
        HEADER,
        rows,
    )


def test_the_parts_of_a_request(module_ground: Ground, projects: Projects) -> None:
    person = projects.people[OURS][0]
    found = projects.web[OURS]("parts", person=person, times=REQUESTS, rounds=ROUNDS)
    empty = {
        project: min(
            projects.web[project](
                "cpu", requests=projects.requests(project, "/nothing", tenants=2), times=REQUESTS
            )
            for _ in range(ROUNDS)
        )
        for project in (OURS, PLAIN)
    }
    found["a request without a query, Leasehold"] = empty[OURS]
    found["a request without a query, plain Django"] = empty[PLAIN]
    report.table(
        f"What a request's CPU is made of (the best of {ROUNDS} rounds of {REQUESTS})",
        module_ground.version(),
        ["", "us"],
        [[part, f"{seconds * 1e6:.1f}"] for part, seconds in found.items()],
    )


def measure(ground: Ground, projects: Projects, requests: Requests) -> tuple[Rounds, Rounds]:
    """Return the seconds that the web process and PostgreSQL computed for a request, in rounds of all projects."""
    web: Rounds = {project: [] for project in requests}
    postgres: Rounds = {project: [] for project in requests}
    for number in range(ROUNDS + 1):
        for project, asked in requests.items():
            began = processes.computed(ground.backends())
            seconds = projects.web[project]("cpu", requests=asked, times=REQUESTS)
            if number:  # the first round fills caches
                web[project].append(seconds)
                postgres[project].append(processes.since(began) / REQUESTS)
    return web, postgres


class Client:
    """A process that sends requests and waits for the answers."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", load.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=local.PROJECT,
        )

    def __call__(self, **arguments: Any) -> float:
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(arguments), file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()
        self.process.wait(timeout=30)


@pytest.fixture
def servers(projects: Projects) -> Iterator[dict[str, Gunicorn]]:
    found = {project: Gunicorn(child) for project, child in projects.web.items()}
    yield found
    for server in found.values():
        server.close()


@pytest.fixture
def client() -> Iterator[Client]:
    found = Client()
    yield found
    found.close()


def test_requests_per_second(
    module_ground: Ground, projects: Projects, servers: dict[str, Gunicorn], client: Client
) -> None:
    rows = []
    for way, tenants in product(WAYS, TENANTS):
        seconds, cpu = serve(servers, client, way.requests(projects, tenants))
        rows += [
            [
                f"{project}: {way.title}, {tenants} tenants",
                f"{1 / min(seconds[project]):.0f}",
                *report.ratios(seconds[PLAIN], seconds[project]),
                *report.milliseconds(cpu[project]),
                *report.ratios(cpu[project], cpu[PLAIN]),
            ]
            for project in servers
        ]
    report.table(
        f"Requests per second of gunicorn, 1 gthread worker, {THREADS} threads and as many connections on loopback"
        f" ({SERVER_ROUNDS} interleaved rounds of {SERVER_REQUESTS}; client, worker and PostgreSQL share the cores;"
        f" {BESIDE})",
        module_ground.version(),
        SERVER_HEADER,
        rows,
    )


def serve(servers: dict[str, Gunicorn], client: Client, requests: Requests) -> tuple[Rounds, Rounds]:
    """Return the seconds of a request, and those that the worker computed for it, in rounds of all projects."""
    seconds: Rounds = {project: [] for project in servers}
    cpu: Rounds = {project: [] for project in servers}
    for number in range(SERVER_ROUNDS + 1):
        for project, server in servers.items():
            began = processes.computed([server.worker()] if number else [])
            took = client(
                port=server.port, requests=requests[project], connections=THREADS, times=SERVER_REQUESTS
            )
            if number:  # the first round opened the connections
                cpu[project].append(processes.since(began) / SERVER_REQUESTS)
                seconds[project].append(took / SERVER_REQUESTS)
    return seconds, cpu
