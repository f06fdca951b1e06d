"""A schema built from the committed script is the one that Django's own migrate makes."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from tenants import context, ddl, ids, names
from tenants.fleet import catalog, template
from tests import databases

pytestmark = pytest.mark.usefixtures("module_db")


def owner() -> Any:
    return connections["owner"]


def test_a_built_schema_does_not_differ_from_a_migrated_one() -> None:
    built_id = ids.new()
    with context.owner():
        ddl.build(built_id)
        built = catalog.facts(owner(), names.schema_of(built_id))
    with template.schema(ids.new()) as name:
        with ddl.cursor() as cursor:  # what build() adds at its end: grants are no part of the script
            cursor.execute(f"REVOKE ALL ON {name}.django_migrations FROM {name}")
        migrated = catalog.facts(owner(), name)
    assert catalog.difference(built, migrated) == []
    assert len(migrated) > 50


def test_a_difference_would_be_seen() -> None:
    built_id = ids.new()
    with context.owner():
        ddl.build(built_id)
        schema = names.schema_of(built_id)
        before = catalog.facts(owner(), schema)
        with ddl.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {schema}.commerce_category ALTER position SET DEFAULT 7")
        assert catalog.difference(before, catalog.facts(owner(), schema)) != []


def test_both_have_applied_the_same_migrations() -> None:
    built_id = ids.new()
    with context.owner():
        ddl.build(built_id)
        built = ledger(names.schema_of(built_id))
    with template.schema(ids.new()) as name:
        assert ledger(name) == built
    assert built


def test_the_committed_script_is_what_the_migrations_make() -> None:
    output = StringIO()
    call_command("tenant_script", "--check", stdout=output)
    assert "unchanged" in output.getvalue()


def test_an_outdated_script_is_reported_and_left_alone(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "tenant_schema.sql"
    path.write_text("outdated")
    settings.LEASEHOLD_SCHEMA_SCRIPT = path
    with pytest.raises(CommandError, match="tenant_script"):
        call_command("tenant_script", "--check")
    assert path.read_text() == "outdated"


def test_the_command_writes_what_is_missing(settings: Any, tmp_path: Path) -> None:
    committed = Path(settings.LEASEHOLD_SCHEMA_SCRIPT).read_text()
    settings.LEASEHOLD_SCHEMA_SCRIPT = tmp_path / "tenant_schema.sql"
    call_command("tenant_script", stdout=StringIO())
    assert settings.LEASEHOLD_SCHEMA_SCRIPT.read_text() == committed


def test_the_template_is_gone_afterwards() -> None:
    with template.schema(ids.new()) as name:
        assert catalog.facts(owner(), name)
    with context.owner(), pytest.raises(catalog.NoSuchSchema):
        catalog.facts(owner(), name)
    assert name not in databases.roles()


def test_the_template_leaves_public_as_it_was() -> None:
    with context.owner():
        before = catalog.facts(owner(), "public"), ledger("public")
    with template.schema(ids.new()):
        assert (catalog.facts(owner(), "public"), ledger("public")) == before
    assert owner().schema_name == "public"


def ledger(schema: str) -> list[tuple[str, str]]:
    with ddl.cursor() as cursor:
        cursor.execute(f"SELECT app, name FROM {schema}.django_migrations ORDER BY id")
        rows: list[tuple[str, str]] = cursor.fetchall()
        return rows
