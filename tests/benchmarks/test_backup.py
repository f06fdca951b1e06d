"""What a backup of one tenant takes, and its restore as a new one, beside pg_dump and pg_restore of the same schema."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from saas import local
from tests.benchmarks import report
from tests.benchmarks.conftest import Ground

pytestmark = pytest.mark.bench

PRODUCTS = 50_000
ROUNDS = 5
# The wheel's pg_dump is built without zstd and lz4.
DUMPS: dict[str, list[str]] = {
    "pg_dump -Fc": [],
    "pg_dump -Fc --compress=gzip:1": ["--compress=gzip:1"],
}
OURS = "Leasehold: take and verify"
RESTORED = "Leasehold: restore and compare"


def test_a_backup_of_one_tenant(ground: Ground, tmp_path: Path) -> None:
    ground.create("ours")
    ours = ground.leasehold("ours", "app", "owner", "console", "backup")
    ours("migrate")
    ours("fill", name="acme", products=PRODUCTS)
    taken: dict[str, list[float]] = {title: [] for title in (OURS, *DUMPS)}
    restored: dict[str, list[float]] = {title: [] for title in (RESTORED, *DUMPS)}
    backups: list[dict[str, Any]] = []
    schema = ours("schema", name="acme")
    for n in range(ROUNDS):
        backups.append(ours("back_up", name="acme"))
        taken[OURS].append(backups[-1]["seconds"])
        for title, options in DUMPS.items():
            taken[title].append(dump(ground, schema, tmp_path / title, options))
        restored[RESTORED].append(ours("restore_as", backup=backups[-1]["id"], name=f"copy{n}"))
        for title in DUMPS:
            restored[title].append(restore(ground, tmp_path / title))
    sizes = {OURS: backups[-1]["bytes"], **{title: (tmp_path / title).stat().st_size for title in DUMPS}}
    show(ground, taken, restored, sizes)
    check(ground, backups, ours("schema", name="copy0"))


def dump(ground: Ground, schema: str, path: Path, options: list[str]) -> float:
    command = ["pg_dump", "-Fc", *options, "-n", schema, "-f", str(path), ground.url("postgres", "ours")]
    return run(command)


def restore(ground: Ground, path: Path) -> float:
    """Restore into a new database, since pg_restore cannot give a schema another name."""
    ground.sql("DROP DATABASE IF EXISTS restored")
    ground.sql("CREATE DATABASE restored")
    return run(["pg_restore", "--exit-on-error", "-d", ground.url("postgres", "restored"), str(path)])


def run(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([local.find_postgres() / command[0], *command[1:]], check=True)
    return time.perf_counter() - began


def show(
    ground: Ground, taken: dict[str, list[float]], restored: dict[str, list[float]], sizes: dict[str, int]
) -> None:
    header = ["", "ms, min", "ms, median", "Leasehold to it: min", "median", "MB"]
    rows = [
        [
            title,
            *report.milliseconds(seconds),
            *report.ratios(taken[OURS], seconds),
            f"{sizes[title] / 1e6:.2f}",
        ]
        for title, seconds in taken.items()
    ]
    rows += [
        [
            title.replace("pg_dump", "pg_restore of"),
            *report.milliseconds(seconds),
            *report.ratios(restored[RESTORED], seconds),
            "",
        ]
        for title, seconds in restored.items()
    ]
    report.table(
        f"A tenant with {PRODUCTS} products, the only one in its database ({ROUNDS} interleaved rounds)",
        ground.version(),
        header,
        rows,
    )


def check(ground: Ground, backups: list[dict[str, Any]], copy: str) -> None:
    """Every way brought every product back."""
    assert all(backup["rows"] >= PRODUCTS for backup in backups)
    copied = ground.sql("SELECT count(*) FROM {}.commerce_product", copy, database="ours")
    (schema,) = ground.sql(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'", database="restored"
    ) or ("",)
    dumped = ground.sql("SELECT count(*) FROM {}.commerce_product", schema, database="restored")
    assert copied == dumped == (PRODUCTS,)
