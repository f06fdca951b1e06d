"""docs/data-modeling.md names tables, constraints, indexes and files that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "data-modeling.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "saas" / "sql" / "tenant_schema.sql").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`((?:commerce|social|visitors)_\w+)`", PAGE)))
FILES = sorted(set(re.findall(r"`((?:saas|tests)/[\w./]+)`", PAGE)))


def test_every_table_constraint_and_index_on_the_page_is_in_a_tenant_s_schema() -> None:
    assert len(NAMES) > 40
    assert [name for name in NAMES if not re.search(rf"\b{name}\b", SCRIPT)] == []


def test_every_file_on_the_page_exists() -> None:
    assert len(FILES) > 10
    assert [name for name in FILES if not (ROOT / name).exists()] == []
    assert [
        link for link in re.findall(r"\]\(([\w/.]+)\)", PAGE) if not (ROOT / "docs" / link).exists()
    ] == []
