"""How many entries of the record are written, sealed and verified in a second, and what sealing costs with none to do."""

import pytest

from tests.benchmarks import report
from tests.benchmarks.conftest import Ground

pytestmark = pytest.mark.bench

ENTRIES = 50_000
IDLE_ROUNDS = 10


def test_sealing_and_verifying_the_record(ground: Ground) -> None:
    ground.create("ours")
    child = ground.leasehold("ours", "app", "owner", "console")
    child("migrate")
    child("create", names=["shop"])
    found = child("record", name="shop", entries=ENTRIES, idle_rounds=IDLE_ROUNDS)
    rows = [
        [what, f"{seconds:.2f}", f"{ENTRIES / seconds:,.0f}"]
        for what, seconds in found.items()
        if what != "idle"
    ]
    report.table(
        f"The record of one tenant, {ENTRIES:,} entries", ground.version(), ["", "s", "entries/s"], rows
    )
    report.table(
        f"Looking for entries to seal when there are none ({IDLE_ROUNDS} rounds)",
        ground.version(),
        ["", "ms, min", "ms, median"],
        [[f"after {ENTRIES:,} sealed entries", *report.milliseconds(found["idle"])]],
    )
