"""The diagrams in docs/ are those of the models, and say of each column and relation what the model says."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from saas import diagrams

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_in_docs_are_what_the_models_say() -> None:
    call_command("er_diagram", check=True, dir=ROOT / "docs" / "diagrams")


def test_keys_nullable_relations_and_shared_keys_are_told_apart() -> None:
    lines = [line.strip() for line in diagrams.draw("commerce").splitlines()]
    assert "uuid parent_id FK" in lines
    assert "uuid visitor_id PK, FK" in lines
    assert "commerce_category }o--o| commerce_category : parent" in lines
    assert "commerce_customer |o--|| visitors_visitor : visitor" in lines
    assert "commerce_variant }o--|| commerce_product : product" in lines


def test_an_outdated_page_is_named_and_written_again(tmp_path: Path) -> None:
    call_command("er_diagram", dir=tmp_path)
    call_command("er_diagram", check=True, dir=tmp_path)
    page = tmp_path / "commerce.md"
    page.write_text(page.read_text().replace("uuid id PK", "int id PK"))
    with pytest.raises(CommandError, match=r"commerce\.md: not what the models say"):
        call_command("er_diagram", check=True, dir=tmp_path)
    assert "int id PK" in page.read_text()
    call_command("er_diagram", "commerce", dir=tmp_path)
    call_command("er_diagram", check=True, dir=tmp_path)


def test_an_app_that_is_no_tenant_app_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="'billing' is no tenant app"):
        call_command("er_diagram", "billing", dir=tmp_path)
