"""Every table of every tenant app keeps the rules that let a schema be cloned, restored, moved and told apart."""

import re
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.models.fields.related import ForeignKey

from tenants.directory import Entry
from tests import databases

ROOT = Path(__file__).resolve().parents[2]
APPS = [apps.get_app_config(name.rpartition(".")[2]) for name in settings.TENANT_APPS]
MODELS = [model for app in APPS for model in app.get_models(include_auto_created=True)]
SQL_FILES = sorted(path for app in APPS for path in Path(app.path).glob("sql/*.sql"))
# A schema before a dot, a path that decides where names are looked up, or a name made of either.
NAMES_A_SCHEMA = re.compile(r"search_path|\bpublic\s*\.|\bt_[0-9a-f]{32}\b|\bpg_temp\b", re.IGNORECASE)


def label(model: type[models.Model]) -> str:
    return model._meta.label


def ask(statement: str, *parameters: object) -> list[tuple[object, ...]]:
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(databases.servers().admin_url(name)) as admin:
        return admin.execute(statement.encode(), parameters).fetchall()


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_key_is_a_uuid_that_python_makes_or_that_of_the_row_it_belongs_to(
    model: type[models.Model],
) -> None:
    key = model._meta.pk
    assert key is not None
    if isinstance(key, ForeignKey):
        assert key.unique
        key = key.target_field
    assert isinstance(key, models.UUIDField | models.CompositePrimaryKey)
    if isinstance(key, models.UUIDField):
        assert callable(key.default), "the database would have to make it"


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_foreign_key_stays_inside_the_schema(model: type[models.Model]) -> None:
    for field in model._meta.local_concrete_fields:
        if isinstance(field, ForeignKey):
            inside = field.related_model in MODELS
            constrained: bool = field.db_constraint  # type: ignore[attr-defined]
            assert inside or not constrained, f"{field} points out of the tenant's schema"
            assert inside or field.related_model is apps.get_model(settings.AUTH_USER_MODEL)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_tables_constraints_and_indexes_carry_the_name_of_their_app(model: type[models.Model]) -> None:
    start = f"{model._meta.app_label}_"
    names = [one.name for one in (*model._meta.constraints, *model._meta.indexes)]
    assert [name for name in (model._meta.db_table, *names) if not name.startswith(start)] == []


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.name)
def test_a_function_or_trigger_names_no_schema(path: Path) -> None:
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    assert NAMES_A_SCHEMA.search(text) is None


def test_what_names_a_schema_is_noticed() -> None:
    for text in ("SELECT * FROM public.x", "SET search_path = a", f"t_{'0' * 32}.x", "PUBLIC . x"):
        assert NAMES_A_SCHEMA.search(text), text
    assert NAMES_A_SCHEMA.search("UPDATE commerce_product SET republic = 1") is None


@pytest.mark.usefixtures("module_db")
def test_no_function_of_a_schema_names_one_and_none_runs_as_its_owner(
    two_tenants: tuple[Entry, Entry],
) -> None:
    schema = two_tenants[0].schema_name
    found = ask(
        "SELECT proname, prosrc, prosecdef, proconfig FROM pg_proc WHERE pronamespace = %s::regnamespace",
        schema,
    )
    assert found, "the schema has trigger functions"
    for name, source, as_owner, settings_of_it in found:
        assert not NAMES_A_SCHEMA.search(re.sub(r"--.*", "", str(source))), name
        assert (as_owner, settings_of_it) == (False, None), name


@pytest.mark.usefixtures("module_db")
def test_no_table_is_unlogged_inherited_or_numbered_by_a_sequence(two_tenants: tuple[Entry, Entry]) -> None:
    schema = two_tenants[0].schema_name
    kinds = ask(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = %s::regnamespace"
        " AND (relpersistence <> 'p' OR relkind IN ('S', 'm', 'f', 'p') OR relispartition OR relhassubclass)"
        " AND relname NOT LIKE 'django_migrations%%'",
        schema,
    )
    assert kinds == []
