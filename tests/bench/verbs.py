"""What the bench asks of the process of one side: `python -m tests.benchmarks.child tests.bench.verbs`."""

import importlib
import json
import os
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.bench import harness

chosen = importlib.import_module(os.environ["BENCH_SIDE"])
_side: harness.Side | None = None


def create(slugs: list[str]) -> list[dict[str, Any]]:
    """Make the tenants of this side with their rows; return what an attack may know of each."""
    found: list[dict[str, Any]] = chosen.create(slugs)
    return found


def attacks() -> list[dict[str, Any]]:
    """Return what the parent has to know of each attack, without its function."""
    return [asdict(replace(attack, run=None)) for attack in harness.load(chosen.ATTACKS).values()]


def run(name: str, tries: int) -> dict[str, Any]:
    attack = harness.load(chosen.ATTACKS)[name]
    assert attack.run is not None
    made = harness.Run(side(), tries)
    began = time.perf_counter()
    try:
        attack.run(made)
    finally:
        harness.close_connections()
    return {**made.tally.score.as_json(), "seconds": time.perf_counter() - began}


def furnish() -> None:
    """Put the rows of all tenants back."""
    for tenant in side().tenants:
        side().furnish(tenant)
    harness.close_connections()


def side() -> harness.Side:
    global _side  # noqa: PLW0603  the tenants are there only when the process has started
    if _side is None:
        known = json.loads(Path(os.environ["BENCH_TENANTS"]).read_text(encoding="utf-8"))
        _side = chosen.Side([harness.Tenant(**tenant) for tenant in known])
    return _side
