"""What it costs that rows and querysets remember their tenant, beside the same model without it in the same process."""

import pytest

from tests.benchmarks import report
from tests.benchmarks.conftest import Ground

pytestmark = pytest.mark.bench

ROWS = 5_000
ROUNDS = 15


def test_the_cost_of_remembering_a_tenant(ground: Ground) -> None:
    ground.create("ours")
    setup = ground.leasehold("ours", "app", "owner", "console")
    setup("migrate")
    setup("fill", name="acme", products=ROWS)
    found = setup("read_rows", name="acme", times=ROUNDS)
    report.table(
        f"Guarded and unguarded models, CPU per row or call ({ROWS:,} rows, the best of {ROUNDS} rounds in turns)",
        ground.version(),
        ["", "plain, us", "guarded, us", "ratio"],
        [
            [
                way,
                f"{cpu['plain'] * 1e6:.2f}",
                f"{cpu['guarded'] * 1e6:.2f}",
                f"{cpu['guarded'] / cpu['plain']:.2f}",
            ]
            for way, cpu in found.items()
        ],
    )
