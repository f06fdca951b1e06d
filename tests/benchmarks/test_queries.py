"""The queries of the two sample apps at size: their plans, and the ORM beside the same SQL sent by hand."""

import os
import re
from statistics import median, quantiles
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.benchmarks import report
from tests.benchmarks.conftest import Child, Ground

pytestmark = pytest.mark.bench

# A part of the whole, for a quick look: LEASEHOLD_BENCH_SHARE=0.1.
SHARE = float(os.environ.get("LEASEHOLD_BENCH_SHARE", "1"))
PRODUCTS, POSTS = int(100_000 * SHARE), int(1_000_000 * SHARE)
# Fewer orders and views for a product than `tenant_seed` draws: it is the catalogue that shall be large.
SHOP = {
    "products": PRODUCTS,
    "orders": PRODUCTS // 10,
    "view_days": PRODUCTS // 4,
    "customers": PRODUCTS // 5,
    "reviews": PRODUCTS // 2,
    "votes": PRODUCTS // 5,
    "wishes": PRODUCTS // 5,
}
TIMES = 40
NAME = "sample"
# Tables of a few rows, which the planner reads whole.
SMALL = {"commerce_category", "commerce_brand", "commerce_tag", "commerce_ordercounter"}


def test_queries_at_size(ground: Ground) -> None:
    ground.create("sized")
    ours = ground.leasehold("sized", "app", "owner", "console", module="queries")
    ours("migrate")
    ours("create", names=[NAME])
    shop = ours("fill", name=NAME, app="commerce", rows=PRODUCTS * 17, parts=SHOP)
    community = ours("fill", name=NAME, app="social", rows=POSTS * 3, parts={"posts": POSTS})
    with psycopg.connect(ground.url("postgres", "sized"), autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")
    rows, walked = [], []
    for query in ours("names"):
        found = ours("timed", name=NAME, query=query, times=TIMES)
        assert found["rows"] > 0, f"{query} found nothing"
        plan = plan_of(ground, ours, query)
        rows.append([query, *cells(found), scans(plan)])
        walked += [f"{query}: {table}" for table in whole(plan) - SMALL]
    report.table(
        f"Pages of 20 among {shop['commerce_product']:,} products, {community['social_post']:,} posts"
        f" and {community['social_follow']:,} follows ({TIMES} runs by turns)",
        ground.version(),
        ["", "ms p50", "p95", "by hand p50", "p95", "ratio p50", "queries", "indexes"],
        rows,
    )
    assert walked == [], "a whole table is read where an index should serve"


def cells(found: dict[str, Any]) -> list[str]:
    ways = [found["orm"][2:], found["hand"][2:]]  # the first runs warm the buffers
    times = [f"{value * 1000:.2f}" for way in ways for value in (median(way), quantiles(way, n=20)[-1])]
    return [*times, f"{median(ways[0]) / median(ways[1]):.2f}", str(found["statements"])]


def plan_of(ground: Ground, ours: Child, query: str) -> list[str]:
    """Return the plans as the tenant's role gets them; the superuser asks, since a tenant may not."""
    schema, lines = ours("schema", name=NAME), []
    with psycopg.connect(ground.url("postgres", "sized")) as admin:
        admin.execute(sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(schema)))
        admin.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(schema)))
        admin.execute("SET LOCAL leasehold.actor = 'staff'")
        for statement in ours("explained", name=NAME, query=query):
            text: Any = "EXPLAIN (COSTS OFF) " + statement
            lines += [line for (line,) in admin.execute(text)]
    return lines


def scans(plan: list[str]) -> str:
    return " ".join(
        dict.fromkeys(re.findall(r"Index (?:Only )?Scan (?:Backward )?(?:using|on) (\w+)", "\n".join(plan)))
    )


def whole(plan: list[str]) -> set[str]:
    """Return the tables that are read from end to end."""
    return set(re.findall(r"Seq Scan on (\w+)", "\n".join(plan)))
