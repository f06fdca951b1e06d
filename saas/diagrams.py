"""Entity-relationship diagrams in Mermaid's language, drawn from an app's models; it reads no database."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models import Field, Model
from django.db.models.fields.related import ForeignKey, OneToOneField

# How many rows of the table that holds the key belong to one row of the other, and how many of those to one of these.
MANY, ONE = "}o", "|o"
REQUIRED, OPTIONAL = "||", "o|"
POSTGRES = DatabaseWrapper({}, "diagrams")  # never connected: it knows the names of types


def draw(label: str) -> str:
    """Return the Markdown page of one app: a diagram with a table per model and a line per foreign key."""
    config = apps.get_app_config(label)
    models = sorted(config.get_models(include_auto_created=True), key=lambda model: model._meta.db_table)
    lines = [f"# {config.verbose_name}", "", NOTE.format(label=label), "", "```mermaid", "erDiagram"]
    for model in models:
        lines += _table(model)
    for model in models:
        lines += _relations(model)
    return "\n".join([*lines, "```", ""])


NOTE = "Drawn from the models by `manage.py er_diagram {label}`: do not edit."


def _table(model: type[Model]) -> Iterator[str]:
    yield f"    {model._meta.db_table} {{"
    for field in model._meta.local_concrete_fields:
        yield f"        {_type(field)} {field.column}{_key(field)}"
    yield "    }"


def _relations(model: type[Model]) -> Iterator[str]:
    for field in model._meta.local_concrete_fields:
        if isinstance(field, ForeignKey):
            theirs = OPTIONAL if field.null else REQUIRED
            ours = ONE if isinstance(field, OneToOneField) or field.unique else MANY
            other: Any = field.related_model
            yield f"    {model._meta.db_table} {ours}--{theirs} {other._meta.db_table} : {field.name}"


def _type(field: "Field[Any, Any]") -> str:
    """Return the type of a column as one word, which is all that Mermaid takes."""
    text = field.db_type(POSTGRES) or "none"
    return text.partition("(")[0].replace(" ", "_").replace("[]", "_array")


def _key(field: "Field[Any, Any]") -> str:
    keys = ["PK"] * field.primary_key + ["FK"] * isinstance(field, ForeignKey)
    keys += ["UK"] * (field.unique and not field.primary_key)
    return f" {', '.join(keys)}" if keys else ""
