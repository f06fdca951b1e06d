"""tenants.queries: a file of SQL becomes queries by name."""

from pathlib import Path

import pytest

from tenants import queries


def test_each_header_names_the_query_below_it(tmp_path: Path) -> None:
    path = tmp_path / "some.sql"
    path.write_text(
        "-- About this file.\n\n-- one --\n-- why\nSELECT 1\nWHERE 'a' LIKE '%%'\n\n-- two --\nSELECT '-- x --'\n"
    )
    assert queries.load(path) == {"one": "-- why\nSELECT 1\nWHERE 'a' LIKE '%%'", "two": "SELECT '-- x --'"}


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "some.sql"
    path.write_text("-- one --\nSELECT 1\n")
    queries.load(path)
    path.unlink()
    assert queries.load(path) == {"one": "SELECT 1"}


def test_two_queries_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.sql"
    path.write_text("-- one --\nSELECT 1\n-- one --\nSELECT 2\n")
    with pytest.raises(ValueError, match=r"twice\.sql names a query twice"):
        queries.load(path)
