"""What the audit takes, with few tenants and with many, and what the question costs that each connection is asked."""

import pytest

from tests.benchmarks import report
from tests.benchmarks.conftest import Ground

pytestmark = pytest.mark.bench

PRESENT = [2, 200]
ROUNDS, CONNECTIONS = 3, 30


def test_the_audit_of_many_tenants(ground: Ground) -> None:
    ground.create("ours")
    child = ground.leasehold("ours", "app", "owner", "console")
    child("migrate")
    audits, logins, made = [], [], 0
    for present in PRESENT:
        child("create", names=[f"shop{n}" for n in range(made, present)])
        made = present
        ground.sql("ANALYZE", database="ours")
        found = child("audit", times=ROUNDS)
        found["all"] = [sum(parts) for parts in zip(*found.values(), strict=True)]
        audits += [
            [f"{source}, {present} tenants", *report.milliseconds(seconds)]
            for source, seconds in found.items()
        ]
        logins += [
            [f"{what}, {present} tenants", *report.milliseconds(seconds)]
            for what, seconds in child("connect", times=CONNECTIONS).items()
        ]
    header = ["", "ms, min", "ms, median"]
    report.table(f"tenants_audit ({ROUNDS} rounds)", ground.version(), header, audits)
    report.table(
        f"A new connection, and in it the question about its login ({CONNECTIONS} rounds)",
        ground.version(),
        header,
        logins,
    )
