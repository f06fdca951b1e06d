"""Turns entries into lines, one after the other, so that an export of any length needs the memory of a few."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from tenants.models import AuditEntry
from tenants.record import reading

# A cell that begins like this is a formula to a spreadsheet, or is read as one after it was trimmed.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # and in full width


def json_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Yield one JSON object and a line feed for each entry."""
    for entry in entries:
        yield json.dumps(reading.plain(entry), default=_text, ensure_ascii=False) + "\n"


def csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Yield a header and a line for each entry, RFC 4180. What a spreadsheet would run begins with an apostrophe."""
    writer = csv.writer(_Echo())
    yield writer.writerow(reading.EXPORTED)
    for entry in entries:
        yield writer.writerow([_cell(value) for value in reading.plain(entry).values()])


class _Echo:
    """What `csv` writes into: it hands the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else _text(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
