"""Take a backup: one snapshot of the tenant's schema and of its rows in `public`, verified before it counts."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import OperationalError, connections
from django.utils import timezone

from tenants import context, exceptions, names
from tenants.backups import ledger, store, tables
from tenants.models import Backup, Tenant


def take(backup_id: UUID, tenant_id: UUID) -> bool:
    """Take the backup that was asked for. Returns False when it is done or another worker is at it.

    Killed anywhere, it leaves files without a manifest, and a row that the next try starts from. A failure is kept in
    the row and raised.
    """
    try:
        return _take(backup_id, tenant_id)
    except Exception as error:
        with context.backup():
            rows = Backup.objects.filter(ledger.OPEN, id=backup_id, tenant_id=tenant_id)
            rows.update(failed_at=timezone.now(), error=f"{type(error).__name__}: {error}"[:2000])
        raise


def _take(backup_id: UUID, tenant_id: UUID) -> bool:
    with context.backup():
        backup = _lock(backup_id, tenant_id)
        if backup is None:
            return False
        backup.started_at = timezone.now()
        backup.save(update_fields=["started_at"])
    with context.backup():
        # The lock lasts as long as the snapshot, so a second worker passes by; kill -9 lets it go.
        backup = _lock(backup_id, tenant_id)
        if backup is None:
            return False
        manifest, digest = _publish(backup)
        backup.finished_at, backup.manifest_sha256 = timezone.now(), digest
        backup.rows, backup.bytes = manifest.rows, manifest.bytes
        backup.save(update_fields=["finished_at", "manifest_sha256", "rows", "bytes"])
    return True


def _lock(backup_id: UUID, tenant_id: UUID) -> Backup | None:
    try:
        rows = Backup.objects.select_for_update(of=("self",), skip_locked=True)
        return rows.filter(ledger.OPEN, id=backup_id, tenant_id=tenant_id).select_related("tenant").first()
    except OperationalError:  # The row changed after the snapshot: somebody else has finished it.
        context.roll_back()
        return None


def _publish(backup: Backup) -> tuple[store.Manifest, str]:
    place = store.directory(backup.tenant_id, backup.id)
    if not store.published(place):
        store.prepare(place)
        store.publish(place, _write(backup, place))
    return store.verify(place)


def _write(backup: Backup, place: Path) -> store.Manifest:
    tenant, schema = backup.tenant, names.schema_of(backup.tenant_id)
    if not _exists(schema):
        raise exceptions.BackupError(
            f"The schema of tenant {tenant.slug} is missing; there is nothing to back up."
        )
    connection = connections[context.ALIAS[context.Kind.BACKUP]]
    with connection.cursor() as cursor:
        return store.Manifest(
            backup_id=str(backup.id),
            tenant_id=str(tenant.id),
            slug=tenant.slug,
            name=tenant.name,
            taken_at=timezone.now().isoformat(),
            server_version=connection.pg_version,  # type: ignore[attr-defined]
            script_digest=tenant.script_digest,
            tables=tuple(
                _write_table(cursor, place, table, schema) for table in tables.of_schema(cursor, schema)
            ),
            shared=tuple(_write_shared(cursor, place, model, tenant) for model in tables.shared()),
            sequences=tables.sequences(cursor, schema),
        )


def _write_table(cursor: Any, place: Path, table: tables.Table, schema: str) -> store.File:
    chunks = tables.copy_out(cursor, table.select(schema))
    file = store.write(place, "tables", table.name, table.columns, chunks)
    return replace(file, rows=cursor.rowcount)


def _write_shared(cursor: Any, place: Path, model: Any, tenant: Tenant) -> store.File:
    lines = [row.encode() + b"\n" for row in tables.rows_of(cursor, model, str(tenant.id))]
    file = store.write(place, "shared", model._meta.db_table, (), _joined(lines))
    return replace(file, rows=len(lines))


def _joined(lines: Iterable[bytes]) -> Iterable[bytes]:
    yield b"".join(lines)


def _exists(schema: str) -> bool:
    with connections[context.ALIAS[context.Kind.BACKUP]].cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [schema])
        return bool(cursor.fetchone()[0])
