"""What a login of its own costs a tenant: the first entry, a warm one, and one whose connection had to go."""

from statistics import median
from typing import Any

import pytest

from tests.benchmarks import report
from tests.benchmarks.conftest import Child, Ground

pytestmark = pytest.mark.bench

ROUNDS, ENTRIES = 7, 300
DATABASE = "strict"
KEY = "not a secret, but long and varied enough: 0123456789"
# app and owner belong to the group too: the one through the tenants' roles, the other to put them into it.
PASSWORDS = "local all app,owner,postgres trust\nlocal all +tenant scram-sha-256\n"


@pytest.fixture
def product(ground: Ground) -> Child:
    ground.create(DATABASE)
    hba = ground.postgres.data / "pg_hba.conf"
    hba.write_text(PASSWORDS + hba.read_text())
    ground.sql("SELECT pg_reload_conf()")
    child = ground.leasehold(DATABASE, "app", "console", "owner", LEASEHOLD_STRICT_KEY=KEY)
    child("migrate")
    child("create", names=["plain", "other", "strict", "second"])
    child("make_strict", names=["strict", "second"])
    return child


def test_a_login_of_its_own(ground: Ground, product: Child) -> None:
    cases = {
        "warm": ("plain", "strict"),
        "warm, tenants alternating": ("plain other", "strict second"),
        "first on a connection": ("plain", "strict"),
    }
    rows: list[tuple[Any, ...]] = []
    for title, pair in cases.items():
        first = title.startswith("first")
        entries = 20 if first else ENTRIES
        found: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for seconds, names in zip(found, pair, strict=True):
                seconds.append(product("enter", names=names.split(), times=entries, first=first))
        usual, strict = found
        rows.append(
            (title, *report.milliseconds(usual), *report.milliseconds(strict), *report.ratios(strict, usual))
        )
    report.table(
        "Entering a tenant, running one query, leaving: ms, `app` and SET ROLE beside a login of the tenant's own",
        ground.version(),
        ("what", "app min", "median", "strict min", "median", "ratio", "of rounds"),
        rows,
    )
    assert median(map(float, (row[-1] for row in rows))) > 0
