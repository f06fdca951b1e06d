"""Fills a tenant app with believable rows: drawn by the app's `seed` module, copied by the owner, all or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from django.apps import apps
from django.utils import timezone

from saas import exceptions
from saas.commerce import seed as commerce
from saas.social import seed as social
from saas.visitors import seed as visitors
from saas.visitors.chance import Batch
from tenants import context, ddl
from tenants.backups.tables import Table
from tenants.models import Tenant

APPS: dict[str, ModuleType] = {"visitors": visitors, "commerce": commerce, "social": social}
SIZES = {"small": 2_000, "medium": 50_000, "large": 2_000_000}
STEP = 5_000  # rows between two reports
VISITORS = "visitors_visitor"

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Seeded:
    """What was made: rows by table. Visitors whom the app needed and who were not there are extra."""

    app: str
    tables: dict[str, int] = field(default_factory=dict)
    visitors: int = 0

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def seed(
    tenant: Tenant,
    app: str,
    size: str | int,
    *,
    seed: int,
    force: bool = False,
    until: datetime | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Seeded:
    """Make exactly `size` rows of an app for tenant, all of them or none, and return how many of which.

    The same seed and size until the same moment, by default the beginning of today (UTC), make the same rows with the
    same ids, with one version of Faker; the shop and the community of one seed have the same people. No trigger runs:
    the rows come with their counters and their history. force removes the app's rows first, and nothing else.
    options are the app's own. progress(done, all) is called now and then. Writers of the app wait until the end.
    Needs no context, or the owner's. Raises HasData, InvalidSeed.
    """
    rows, until = _rows(size), until or _today()
    load = _Load(tenant, app, rows, progress or _silent)
    try:
        drawn = (
            list(_people(app, rows, seed, until)),
            APPS[app].batches(rows, seed=seed, until=until, **options),
        )
    except ValueError as error:
        raise exceptions.InvalidSeed(str(error)) from error
    with context.owner():
        _make_room(tenant, app, force=force)
        load.load(*drawn)
    return load.made


def tables_of(app: str) -> list[str]:
    return [model._meta.db_table for model in apps.get_app_config(app).get_models(include_auto_created=True)]


def _rows(size: str | int) -> int:
    if isinstance(size, int) or (size.isascii() and size.isdigit()):
        return int(size)
    if size not in SIZES:
        raise exceptions.InvalidSeed
    return SIZES[size]


def _today() -> datetime:
    return timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _silent(_done: int, _all: int) -> None: ...


def _people(app: str, rows: int, seed: int, until: datetime) -> Iterator[Batch]:
    if app != "visitors":
        yield from visitors.batches(APPS[app].people(rows), seed=seed, until=until)


def _make_room(tenant: Tenant, app: str, *, force: bool) -> None:
    """Raises HasData where rows are in the way: the app's own without force, with it those that point at them."""
    filled = set(ddl.filled_tables(tenant.id))
    if not filled & set(tables_of(app)):
        return
    if not force:
        raise exceptions.HasData
    if app == "visitors" and (others := sorted(filled - set(tables_of(app)))):
        raise exceptions.HasData(f"Rows of {', '.join(others)} need the visitors. Nothing was removed.")
    ddl.empty(tenant.id, tables_of(app))


@dataclass(slots=True)
class _Load:
    """Copies batches into one schema and counts."""

    tenant: Tenant
    app: str
    rows: int
    progress: Progress
    done: int = 0
    made: Seeded = field(init=False)

    def __post_init__(self) -> None:
        self.made = Seeded(self.app)

    def load(self, people: list[Batch], batches: Iterator[Batch]) -> None:
        with ddl.untriggered(self.tenant.id, [*tables_of(self.app), VISITORS]):
            for table, columns, rows in people:
                there = self._visitors()
                self.made.visitors = self._copy(table, columns, (row for row in rows if row[0] not in there))
            self.done = 0
            for table, columns, rows in batches:
                self.made.tables[table] = self._copy(table, columns, rows)
            self.progress(self.rows, self.rows)

    def _visitors(self) -> set[str]:
        with ddl.cursor() as cursor, ddl.inside(self.tenant.id):
            cursor.execute("SELECT replace(id::text, '-', '') FROM visitors_visitor")
            return {id_ for (id_,) in cursor.fetchall()}

    def _copy(self, table: str, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> int:
        statement, count = Table(table, columns, ()).load(self.tenant.schema_name), 0
        with ddl.cursor() as cursor, cursor.copy(statement) as copy:
            for count, row in enumerate(rows, 1):  # noqa: B007 # how many is what is asked
                copy.write_row(row)
                self.done += 1
                if not self.done % STEP:
                    self.progress(min(self.done, self.rows), self.rows)
        return count
