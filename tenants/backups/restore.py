"""Restore a backup as a new tenant: one transaction that loads, compares every hash, and only then commits."""

import json
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections
from django.db.models import Model
from psycopg import sql

from tenants import context, ddl, exceptions, ids, lifecycle, names
from tenants.backups import store, tables
from tenants.models import Backup, Tenant

Progress = Callable[[str, int], None]


def find(backup_id: UUID) -> Backup:
    """Return a finished backup, in the owner's or operator's context. Raises BackupError."""
    backup = Backup.objects.select_related("tenant").filter(id=backup_id).first()
    if backup is None or backup.finished_at is None:
        state = "unknown" if backup is None else backup.state
        raise exceptions.BackupError(
            f"The backup {backup_id} cannot be restored: it is {state}. The console lists the finished ones."
        )
    return backup


def as_new_tenant(
    backup_id: UUID, slug: str, *, by: object, name: str = "", progress: Progress | None = None
) -> Tenant:
    """Make a tenant from a backup: same rows and members, new id, host and signing epoch; keys and sessions are not
    copied. Raises BackupDamaged, BackupOutdated, InvalidSlug, SlugTaken, LooksTaken; nothing is left behind then.
    """
    names.check_slug(slug)
    with context.owner():
        source = find(backup_id)
    manifest, digest = store.verify(place := store.directory(source.tenant_id, source.id))
    _check(manifest, digest, source)
    with context.owner(), lifecycle.unique(slug):
        lifecycle.refuse_lookalike(slug)
        tenant = lifecycle.add_rows(slug, name=name or manifest.name)
        ddl.create_empty(tenant.id)
        ddl.run_before(tenant.id)
        _load(place, manifest, tenant, progress or _silent)
        ddl.run_after(tenant.id)
        _compare(manifest, tenant)
        _copy_shared(place, manifest, tenant)
        lifecycle.join(tenant, {}, by=by, owner=None, source=source.tenant)
    return tenant


def _check(manifest: store.Manifest, digest: str, source: Backup) -> None:
    if manifest.tenant_id != str(source.tenant_id) or digest != source.manifest_sha256:
        raise exceptions.BackupDamaged("The manifest is not the one that this backup was finished with.")
    if manifest.script_digest != ddl.script().digest:
        raise exceptions.BackupOutdated()


def _load(place: Path, manifest: store.Manifest, tenant: Tenant, progress: Progress) -> None:
    with ddl.cursor() as cursor:
        for file in manifest.tables:
            statement = tables.Table(file.name, file.columns, ()).load(tenant.schema_name)
            with cursor.copy(statement) as copy:
                for chunk in store.read(place, "tables", file.name):
                    copy.write(chunk)
            progress(file.name, file.rows)
        for sequence, value in manifest.sequences.items():
            name = sql.Identifier(tenant.schema_name, sequence).as_string(None)
            cursor.execute("SELECT setval(%s::regclass, %s)", [name, value])


def _compare(manifest: store.Manifest, tenant: Tenant) -> None:
    expected = {file.name: file.sha256 for file in manifest.tables}
    found = row_hashes(context.Kind.OWNER, tenant)
    if found != expected:
        wrong = sorted(
            name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
        )
        raise exceptions.BackupDamaged(
            f"These tables came back different: {', '.join(wrong)}. Nothing was restored."
        )


def row_hashes(kind: context.Kind, tenant: Tenant) -> dict[str, str]:
    """Return SHA-256 of the rows of each table of a tenant, in the context of owner or backup that is entered."""
    with connections[context.ALIAS[kind]].cursor() as cursor:
        found = tables.of_schema(cursor, tenant.schema_name)
        return {table.name: tables.digest(cursor, table, tenant.schema_name) for table in found}


def _copy_shared(place: Path, manifest: store.Manifest, tenant: Tenant) -> None:
    """Insert the rows of shared tables, each under a new id, and have them point at each other as before."""
    kept = {file.name for file in manifest.shared}
    models = [model for model in _in_order() if model._meta.db_table in kept]
    rows = {
        model: [
            json.loads(line)
            for line in b"".join(store.read(place, "shared", model._meta.db_table)).splitlines()
        ]
        for model in models
    }
    new_ids = {row["id"]: str(ids.new()) for found in rows.values() for row in found}
    with ddl.cursor() as cursor:
        for model in models:
            _insert(cursor, model, rows[model], {**new_ids, manifest.tenant_id: str(tenant.id)})


def _in_order() -> list[type[Model]]:
    """Return the models whose rows are copied, each after those that it points at."""
    copied = {model for model in apps.get_models() if tables.on_clone(model) == "copy"}
    graph = {
        model: {field.related_model for field in model._meta.fields if field.related_model in copied}
        - {model}
        for model in sorted(copied, key=lambda model: model._meta.db_table)
    }
    return list(TopologicalSorter(graph).static_order())


def _insert(cursor: Any, model: type[Model], rows: list[dict[str, Any]], new_ids: dict[str, str]) -> None:
    target = sql.Identifier("public", model._meta.db_table)
    statement = sql.SQL("INSERT INTO {} SELECT * FROM jsonb_populate_record(NULL::{}, %s)").format(
        target, target
    )
    keys = {field.column for field in model._meta.fields if field.is_relation or field.primary_key}
    for row in rows:
        moved = {name: new_ids.get(value, value) if name in keys else value for name, value in row.items()}
        cursor.execute(statement, [json.dumps(moved)])


def _silent(_table: str, _rows: int) -> None:
    """Report to nobody."""
