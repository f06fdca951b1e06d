"""Tables for people, with the machine that they were measured on."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

Rounds = Sequence[float]


def table(title: str, server: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    cells = [list(map(str, row)) for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    rule = "-" * max(map(len, lines))
    print("\n".join(["", title, machine(server), rule, lines[0], rule, *lines[1:], rule]), flush=True)


def machine(server: str) -> str:
    return (
        f"{os.cpu_count()} cores, PostgreSQL {server}, Python {platform.python_version()},"
        f" Django {version('django')}, django-tenants {version('django-tenants')}"
    )


def milliseconds(rounds: Rounds) -> list[str]:
    """Return the cells for minimum and median."""
    return [f"{min(rounds) * 1000:.2f}", f"{median(rounds) * 1000:.2f}"]


def ratios(rounds: Rounds, others: Rounds) -> list[str]:
    """Return the cells for the ratio of the minima, and for the median of the ratios of rounds that ran together."""
    together = median(a / b for a, b in zip(rounds, others, strict=True))
    return [f"{min(rounds) / min(others):.2f}", f"{together:.2f}"]
