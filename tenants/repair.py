"""Ends what a kill, a lost server or a hand left half done: each step is one transaction, and may be run again."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from tenants import audit_log, context, ddl, exceptions, lifecycle, names, strict
from tenants.audit import leftovers
from tenants.audit.findings import Severity
from tenants.audit.leftovers import Leftover
from tenants.models import Tenant

LOST = "Part of its data is missing; manage.py tenants_audit says what."


@dataclass(frozen=True, slots=True)
class Step:
    """What was done about one leftover; `left` when a person has to decide, or when it could not be done."""

    rule: str
    object: str
    done: str
    left: bool
    repair: str


def look() -> list[Leftover]:
    with context.owner(), ddl.cursor() as cursor:
        return leftovers.read(cursor)


def run(*, by: object) -> list[Step]:
    """Repair what can be repaired without losing a row of anybody, and say what is left to a person."""
    return [mend(leftover, by=by) for leftover in look()]


def mend(leftover: Leftover, *, by: object) -> Step:
    """Repair one leftover, if it is still there."""
    try:
        done = REPAIRS[leftover.rule](leftover, by)
        left = leftover.told.severity is Severity.ERROR and not leftover.told.by_itself
    except (DatabaseError, exceptions.TenancyError, OSError) as error:
        done, left = f"not repaired: {str(error).strip()}", True
    finding = leftover.finding()
    open_still = left or not leftover.told.by_itself
    return Step(leftover.rule, finding.object, done, left, finding.repair if open_still else "")


def drop_schema(leftover: Leftover, by: object) -> str:
    """Drop a schema of no tenant when it is empty. Rows that may be somebody's are put aside instead."""
    with context.owner():
        if not _is_still_there(leftover):
            return "somebody else has repaired it"
        filled = ddl.filled_tables(leftover.tenant_id)
        if not filled:
            ddl.drop(leftover.tenant_id)
            return _recorded(leftover, by, "dropped: it held no row")
        kept = ddl.retire(leftover.tenant_id)
        held = ", ".join(filled)
        return _recorded(
            leftover, by, f"kept as schema {kept}, which no role may use: it holds rows in {held}"
        )


def drop_role(leftover: Leftover, by: object) -> str:
    with context.owner():
        if not _is_still_there(leftover):
            return "somebody else has repaired it"
        if not ddl.drop_role(leftover.tenant_id):
            raise exceptions.TenancyError(
                f"something here still depends on it; as administrator: DROP OWNED BY {leftover.name}"
            )
        return _recorded(leftover, by, "dropped")


def grant(leftover: Leftover, by: object) -> str:
    with context.owner():
        if not _is_still_there(leftover):
            return "somebody else has repaired it"
        ddl.grant(leftover.tenant_id)
        since = Tenant.objects.get(id=leftover.tenant_id).strict_since
        if since is None:
            ddl.take_login(leftover.tenant_id)
        else:
            ddl.give_login(leftover.tenant_id, strict.password(leftover.tenant_id, since))
        return _recorded(leftover, by, "role and grants made again")


def close(leftover: Leftover, by: object) -> str:
    """End what a destroyed tenant still has, with the hooks of the floors above."""
    with context.owner():
        tenant = Tenant.objects.filter(id=leftover.tenant_id, destroyed_at__isnull=False).first()
        if tenant is None or not _is_still_there(leftover):
            return "somebody else has repaired it"
        lifecycle.close(tenant, by=by)
        return _recorded(leftover, by, "hosts, sessions, keys, memberships and subscription ended")


def suspend(leftover: Leftover, by: object) -> str:
    """Close the host of a live tenant that lacks data, so that nobody works on a part of it."""
    lifecycle.suspend(leftover.slug, by=by, reason=LOST)
    return "suspended: its host answers 403 until you resume it"


def delete_files(leftover: Leftover, _by: object) -> str:
    shutil.rmtree(Path(leftover.name), ignore_errors=False)
    return "deleted"


def leave(_leftover: Leftover, _by: object) -> str:
    return "left as it is"


REPAIRS: dict[str, Callable[[Leftover, object], str]] = {
    "schema-without-tenant": drop_schema,
    "role-without-tenant": drop_role,
    "tenant-without-grants": grant,
    "rows-of-destroyed-tenant": close,
    "files-of-failed-backup": delete_files,
    "tenant-without-schema": suspend,
    "tenant-half-built": suspend,
    "tenant-without-host": leave,
    "tenant-of-another-script": leave,
    "files-without-backup": leave,
}


def _is_still_there(leftover: Leftover) -> bool:
    with ddl.cursor() as cursor:
        return any(
            (found.rule, found.name) == (leftover.rule, leftover.name) for found in leftovers.read(cursor)
        )


def _recorded(leftover: Leftover, by: object, done: str) -> str:
    """Keep a record where there is a tenant to keep it for."""
    if Tenant.objects.filter(id=leftover.tenant_id).exists():
        after: dict[str, Any] = {"rule": leftover.rule, "done": done}
        audit_log.record(
            leftover.tenant_id,
            "tenant.repaired",
            by=by,
            subject=names.schema_of(leftover.tenant_id),
            after=after,
        )
    return done
