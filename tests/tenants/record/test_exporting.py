"""Lines of an export: one per entry, whatever the entry holds, and nothing that a spreadsheet would run."""

import csv
import json
from io import StringIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.models import AuditEntry
from tenants.record import exporting, reading

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def entry(subject: str) -> AuditEntry:
    return AuditEntry(id=UUID(int=1), tenant_id=UUID(int=2), actor="a", action="b", subject=subject)


@given(TEXT)
def test_json_lines_give_back_what_was_written(subject: str) -> None:
    text = "".join(exporting.json_lines([entry(subject), entry("next")]))
    assert [json.loads(line)["subject"] for line in text.split("\n")[:-1]] == [subject, "next"]


@given(TEXT)
def test_csv_gives_back_what_was_written_or_an_apostrophe_before_it(subject: str) -> None:
    text = "".join(exporting.csv_lines([entry(subject), entry("next")]))
    header, first, second = csv.reader(StringIO(text, newline=""))
    assert tuple(header) == reading.EXPORTED
    place = header.index("subject")
    assert first[place] in (subject, f"'{subject}")
    assert first[place].strip()[:1] not in ("=", "+", "-", "@")
    assert second[place] == "next"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_formula_is_neutralised(text: str) -> None:
    *_, line = exporting.csv_lines([entry(text)])
    (row,) = csv.reader(StringIO(line, newline=""))
    assert row[reading.EXPORTED.index("subject")] == f"'{text}"
