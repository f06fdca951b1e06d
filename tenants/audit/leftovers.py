"""What provisioning and destroying could leave behind, and tenants that lack a part; it reads and changes nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q

from tenants import ddl, queries
from tenants.audit.findings import Finding, Severity
from tenants.backups import store
from tenants.models import Backup, Domain, Session, Tenant

SQL = queries.load(Path(__file__).parents[1] / "sql" / "leftovers.sql")
# What a statement of the schema script makes.
MAKES = re.compile(
    r"CREATE TABLE (\S+)|CREATE (?:UNIQUE )?INDEX (\S+)|ADD CONSTRAINT (\S+)|CREATE (?:CONSTRAINT )?TRIGGER (\S+)"
    r"|CREATE (?:OR REPLACE )?FUNCTION (\w+)|CREATE (?:SEQUENCE|VIEW) (\S+)|CREATE POLICY (\S+ ON \S+)"
)
REPAIR = "manage.py tenant_repair"
LOST = "manage.py backup_restore BACKUP NEW_SLUG (backups: console, page Backups), then manage.py tenant_destroy {slug}"
OPEN_FIELDS = ("ended_at", "revoked_at")


@dataclass(frozen=True, slots=True)
class Rule:
    """How a rule's finding is told: the object that it names, what is wrong, and the command that repairs it."""

    object: str
    problem: str
    repair: str = REPAIR
    severity: Severity = Severity.ERROR
    by_itself: bool = (
        True  # tenant_repair can end it; else it makes the tenant safe and leaves a person the choice
    )


RULES = {
    "schema-without-tenant": Rule("schema {name}", "A schema is left: {detail}."),
    "role-without-tenant": Rule(
        "role {name}", "A role is left: {detail}, and no database grants it anything."
    ),
    "tenant-without-grants": Rule(
        "tenant {slug} ({name})", "The way into its schema is incomplete: {detail}."
    ),
    "rows-of-destroyed-tenant": Rule(
        "rows of tenant {slug} ({name})", "The tenant is destroyed and still has {detail}."
    ),
    "files-of-failed-backup": Rule("files {name}", "A backup failed and left files: {detail}."),
    "tenant-without-schema": Rule(
        "tenant {slug} ({name})", "It is live without data: {detail}.", LOST, by_itself=False
    ),
    "tenant-half-built": Rule(
        "tenant {slug} ({name})", "Its schema is incomplete: {detail}.", LOST, by_itself=False
    ),
    "tenant-without-host": Rule(
        "tenant {slug} ({name})",
        "Links cannot be built: {detail}.",
        "manage.py tenant_domain {slug} primary HOST",
        by_itself=False,
    ),
    "tenant-of-another-script": Rule(
        "tenant {slug} ({name})",
        "Its schema may not fit this release: {detail}.",
        "Run the release that built it; `manage.py tenant_script --check` says whether the file is outdated.",
        Severity.WARNING,
        by_itself=False,
    ),
    "files-without-backup": Rule(
        "files {name}",
        "No row names this backup: {detail}.",
        "rm -r {name}",
        Severity.WARNING,
        by_itself=False,
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Leftover:
    """One thing that is left. name: of a schema and its role, or a directory."""

    rule: str
    name: str
    slug: str
    detail: str

    @property
    def told(self) -> Rule:
        return RULES[self.rule]

    @property
    def tenant_id(self) -> UUID:
        return UUID(self.name.removeprefix("t_"))

    def finding(self) -> Finding:
        words = {"name": self.name, "slug": self.slug or "unknown", "detail": self.detail}
        told = self.told
        return Finding(
            self.rule,
            told.object.format(**words),
            told.problem.format(**words),
            told.repair.format(**words),
            told.severity,
        )


def find(cursor: Any) -> Iterator[Finding]:
    """Yield what is left, in the owner's context."""
    for leftover in read(cursor):
        yield leftover.finding()


def read(cursor: Any) -> list[Leftover]:
    """Return what is left, with a fixed number of statements however many tenants there are."""
    cursor.execute(SQL["leftovers"], {"digest": ddl.script().digest, "objects": list(expected())})
    found = [Leftover(*row) for row in cursor.fetchall()]
    return [*found, *_rows_of_destroyed(), *_files()]


@cache
def expected() -> frozenset[str]:
    """Return the names of what the schema script makes: a schema without one of them was not built to its end."""
    script = ddl.script()
    matches = (MAKES.search(statement) for statement in (*script.before, *script.after))
    return frozenset(match[match.lastindex or 0].strip('"') for match in matches if match)


def open_rows() -> Iterator[tuple[type[Model], Q]]:
    """Yield each model with rows of tenants that a destroyed one must not have any more, and which rows those are."""
    yield from ((Domain, Q()), (Session, Q()))
    for model in apps.get_models():
        fields = {field.name for field in model._meta.fields}
        for name in OPEN_FIELDS:
            if {"tenant", name} <= fields:
                yield model, Q(**{f"{name}__isnull": True})


def _rows_of_destroyed() -> Iterator[Leftover]:
    found: dict[Tenant, list[str]] = {}
    for model, still_open in open_rows():
        rows = model._default_manager.filter(still_open, tenant__destroyed_at__isnull=False)
        for tenant in Tenant.objects.filter(id__in=rows.values("tenant_id")):
            found.setdefault(tenant, []).append(f"rows in {model._meta.db_table}")
    for tenant, tables in found.items():
        yield Leftover("rows-of-destroyed-tenant", tenant.schema_name, tenant.slug, ", ".join(tables))


def _files() -> Iterator[Leftover]:
    """Yield directories of backups that are none. On a machine without backups there is nothing to see."""
    root = Path(settings.LEASEHOLD_BACKUP_DIR)
    places = {place.name: place for place in root.glob("[0-9a-f]*/[0-9a-f]*") if place.is_dir()}
    rows = {backup.id.hex: backup for backup in Backup.objects.filter(id__in=list(filter(_is_id, places)))}
    for name, place in sorted(places.items()):
        if name not in rows:
            yield Leftover("files-without-backup", str(place), "", "another installation may have written it")
        elif rows[name].failed_at and not store.published(place) and any(place.iterdir()):
            yield Leftover("files-of-failed-backup", str(place), "", f"backup {rows[name].id}")


def _is_id(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{32}", name) is not None
