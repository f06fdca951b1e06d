"""Whole web servers: threads of gunicorn and the event loop of uvicorn, with each way to keep connections."""

import importlib.util
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from tenants.directory import Entry
from tests.servers import process
from tests.servers.conftest import Check
from tests.servers.process import Web

NOBODY = ("NoTenant", "WrongTenant")
COMMANDS = {"gunicorn": process.GUNICORN, "uvicorn": process.UVICORN}
KEEPS: dict[str, dict[str, str]] = {"kept": {}, "pooled": {"LEASEHOLD_POOL_SIZE": "3"}, "pgbouncer": {}}


ALWAYS = ("gunicorn, kept", "uvicorn, pooled")  # as the product is run
CASES = [f"{server}, {keep}" for server in COMMANDS for keep in KEEPS]


@pytest.fixture(
    scope="module",
    params=[pytest.param(case, marks=() if case in ALWAYS else pytest.mark.slow) for case in CASES],
)
def web(request: pytest.FixtureRequest, module_db: str, tenants: list[Entry]) -> Iterator[Web]:
    server, keep = request.param.split(", ")
    if importlib.util.find_spec(server) is None:
        pytest.skip(f"{server} is not installed")
    if keep == "pgbouncer" and process.PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    with ExitStack() as stack:
        more = dict(KEEPS[keep])
        if keep == "pgbouncer":
            more["DATABASE_URL"] = process.url_through(stack.enter_context(process.pgbouncer()), module_db)
        found = stack.enter_context(process.web(COMMANDS[server], module_db, **more))
        found.server = server
        yield found


def test_each_answer_is_the_tenant_s_own(web: Web, tenants: list[Entry], no_other: Check) -> None:
    """Requests of all tenants at once, among them some that fail in Python or in the database."""
    paths = ["/sync", "/orm", "/sync", "/gathered", "/crash", "/orm", "/crash?database"]
    visits = [(paths[n % len(paths)], tenants[n % len(tenants)]) for n in range(105)]
    with ThreadPoolExecutor(8) as executor:
        answers = list(executor.map(lambda visit: web.get(visit[0], visit[1].slug), visits))
    counted: Counter[tuple[str, int]] = Counter()
    for (path, tenant), (status, answer) in zip(visits, answers, strict=True):
        no_other(answer, tenant)
        counted[path.partition("?")[0], status] += 1
        if status == 200:
            assert answer == expected(path, tenant)
    statuses = {"/sync": 200, "/orm": 200, "/gathered": 200, "/crash": 500}
    assert set(counted) == set(statuses.items())
    assert counted.total() == len(visits)


def expected(path: str, tenant: Entry) -> Any:
    slug, own = tenant.slug, [tenant.schema_name, tenant.slug]
    return {"/sync": [own, own, [slug]], "/orm": [[slug], slug, 1, own], "/gathered": [slug] * 4}[path]


def test_other_threads_read_nothing_with_the_request_s_variables_or_without(
    web: Web, tenants: list[Entry], no_other: Check
) -> None:
    for tenant in tenants * 2:
        own = [tenant.schema_name, tenant.slug]
        status, answer = web.get("/threads", tenant.slug)
        assert (status, answer) == (200, [own, "NoTenant", "WrongTenant"])
        status, answer = web.get("/other-thread", tenant.slug)
        assert (status, answer) == (200, ["WrongTenant", own])


def test_what_outlives_its_request_reads_nothing(web: Web, tenants: list[Entry], no_other: Check) -> None:
    """A task and an iterator of each request, which go on while others are answered."""
    for tenant in tenants:
        assert web.get("/stray", tenant.slug) == (200, [tenant.slug])
    with ThreadPoolExecutor(3) as executor:
        for _ in range(20):
            for tenant, answer in zip(
                tenants, executor.map(lambda one: web.get("/sync", one.slug), tenants), strict=True
            ):
                assert answer == (200, expected("/sync", tenant))
    _, became = web.get("/strays", "acme")
    # The loop of the one ends with the request, and the threads of the other do.
    assert set(became) <= {*NOBODY, "RuntimeError"}
    assert len(became) == (6 if web.server == "uvicorn" else 0)
