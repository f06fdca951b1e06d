"""A shared table that no release has, made by the operations of a migration: rows of all tenants behind policies."""

import functools
from typing import Any

from django.db import connections, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tenants import context, ids, search
from tenants.grants import protect

APP, TABLE = "tenants", "tenants_note"
FIELDS: list[tuple[str, Any]] = [
    ("id", models.UUIDField(primary_key=True, default=ids.new)),
    ("tenant_id", models.UUIDField()),
    ("at", models.DateTimeField(auto_now_add=True)),
    ("title", models.CharField(max_length=100, null=True)),
    ("title_lower", search.lowered("title")),
    ("amount", models.IntegerField(default=0)),
    ("body", models.TextField(default="")),
    ("data", models.JSONField(default=dict)),
]
INDEXES = [
    models.Index(fields=["tenant_id", "-at", "-id"], name="tenants_note_recent"),
    search.index("tenant_id", "title", name="tenants_note_title"),
    search.index("tenant_id", "title_lower", name="tenants_note_title_lower"),
]
OPERATIONS: list[Operation] = [
    migrations.CreateModel("Note", FIELDS, options={"indexes": INDEXES}),
    *protect("Note", tenant="SELECT, INSERT, UPDATE, DELETE", console="SELECT"),
]


def make() -> Any:
    """Make the table as its owner, as a migration does; return its model."""
    return _run(ProjectState(), OPERATIONS)


def make_more(operations: list[Operation]) -> None:
    """Run more operations on the table that stands already."""
    _run(_state(), operations)


def model() -> Any:
    """Return the model of the table that stands already."""
    return _state().apps.get_model(APP, "Note")


def _run(state: ProjectState, operations: list[Operation]) -> Any:
    with connections[context.ALIAS[context.Kind.OWNER]].schema_editor() as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards(APP, state)
            operation.database_forwards(APP, editor, before, state)
    return state.apps.get_model(APP, "Note")


@functools.cache
def _state() -> ProjectState:
    state = ProjectState()
    for operation in OPERATIONS:
        operation.state_forwards(APP, state)
    return state
