"""How fast a tenant is filled: tenant_seed, beside objects of factory-boy through bulk_create, as one does today."""

import pytest

from saas import seeding
from tests.benchmarks import report
from tests.benchmarks.conftest import Child, Ground

pytestmark = pytest.mark.bench

ROUNDS = 3
BULK_ROWS = 5_000
APPS = {"commerce": "bulk_shop", "social": "bulk_community"}


def test_a_tenant_is_filled(ground: Ground) -> None:
    ground.create("ours")
    ours = ground.leasehold("ours", "app", "owner", "console", module="seeds")
    ours("migrate")
    ours("create", names=["seeded", *(f"bulk{n}" for n in range(ROUNDS))])
    rows = []
    for app, bulk in APPS.items():
        seeded, built = measure(ours, app, bulk)
        rows.append([f"tenant_seed --app {app} --size medium", *cells(seeded), ""])
        rows.append([f"factory-boy and bulk_create, {app}", *cells(built), *ratio(seeded, built)])
    report.table(
        f"Rows per second into one tenant ({seeding.SIZES['medium']:,} and {BULK_ROWS:,} rows, {ROUNDS} rounds by turns)",
        ground.version(),
        ["", "rows/s, best", "worst", "tenant_seed to it, median"],
        rows,
    )


def measure(ours: Child, app: str, bulk: str) -> tuple[list[float], list[float]]:
    """Return the rows per second of each round, of both ways by turns."""
    seeded: list[float] = []
    built: list[float] = []
    for n in range(ROUNDS):
        for found, made in (
            (seeded, ours("seed", name="seeded", app=app, rows=seeding.SIZES["medium"])),
            (built, ours(bulk, name=f"bulk{n}", rows=BULK_ROWS)),
        ):
            found.append(made["rows"] / made["seconds"])
        assert made["rows"] == BULK_ROWS
    return seeded, built


def cells(rates: list[float]) -> list[str]:
    return [f"{max(rates):,.0f}", f"{min(rates):,.0f}"]


def ratio(rates: list[float], others: list[float]) -> list[str]:
    return report.ratios(rates, others)[1:]
