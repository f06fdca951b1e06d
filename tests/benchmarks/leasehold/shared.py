"""What the benchmark of row-level security asks of our product: statements on a large shared table."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.management import call_command
from django.db import connection, migrations
from django.db.models import Count, QuerySet, Sum
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from psycopg import ClientCursor

from tenants import context, directory, lifecycle, search
from tenants.models import Tenant
from tests import notes

# What LIKE, ILIKE, full text and jsonb would use where no policy stands before them.
MORE_INDEXES = """
CREATE INDEX tenants_note_like ON public.tenants_note (tenant_id, title text_pattern_ops);
CREATE INDEX tenants_note_ilike ON public.tenants_note USING gin (tenant_id, upper(title::text) gin_trgm_ops);
CREATE INDEX tenants_note_words ON public.tenants_note
    USING gin (tenant_id, to_tsvector('simple'::regconfig, COALESCE(body, '')));
CREATE INDEX tenants_note_data ON public.tenants_note USING gin (tenant_id, data);
"""
PREFIX = "7c"
PAGE = 20


def prepare(names: list[str]) -> None:
    """Make the tables and a few tenants."""
    call_command("migrate", interactive=False, verbosity=0)
    notes.make()
    for name in names:
        lifecycle.create(name, by="benchmark")


def index() -> None:
    """Add the indexes, after the rows."""
    notes.make_more([migrations.RunSQL(MORE_INDEXES)])


def leave() -> None:
    connection.close()


def ids(names: list[str]) -> list[str]:
    return [_entry(name).id.hex for name in names]


def statements(name: str) -> dict[str, str]:
    """Return each statement as it is sent in a tenant, without its own WHERE."""
    return _texts(name, explicit=False)


def explicit_statements(name: str) -> dict[str, str]:
    return _texts(name, explicit=True)


def run(statement: str, names: list[str], explicit: bool, times: int) -> dict[str, Any]:
    """Return the median of the seconds that a statement takes, tenants in turn, and the number of its rows."""
    taken, rows = [], 0
    turns = [(tenant, _compiled(statement, tenant, explicit=explicit)) for tenant in map(_entry, names)]
    for n in range(times):
        tenant, (text, params) = turns[n % len(turns)]
        with context.use(tenant), connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # enters
            began = time.perf_counter()
            cursor.execute(text, params)
            found = cursor.fetchall()
            taken.append(time.perf_counter() - began)
            rows += len(found)
    return {"seconds": median(taken), "rows": rows}


def _compiled(statement: str, tenant: directory.Entry, *, explicit: bool) -> tuple[str, Any]:
    with context.use(tenant):
        note = notes.model()
        found = note.objects.filter(tenant_id=tenant.id) if explicit else note.objects.all()
        text, params = STATEMENTS[statement](found, tenant).query.sql_with_params()
    return text, params


def _texts(name: str, *, explicit: bool) -> dict[str, str]:
    tenant, found = _entry(name), {}
    for statement in STATEMENTS:
        text, params = _compiled(statement, tenant, explicit=explicit)
        with context.use(tenant):
            connection.ensure_connection()
            found[statement] = ClientCursor(connection.connection).mogrify(text, params)
    return found


def _entry(name: str) -> directory.Entry:
    if name not in _entries:
        with context.public():
            _entries[name] = directory.entry_of(Tenant.objects.get(slug=name))
    return _entries[name]


_entries: dict[str, directory.Entry] = {}
Rows = QuerySet[Any]


def _middle(tenant: directory.Entry) -> tuple[Any, UUID]:
    """Return the place in the middle of a tenant's rows; read once, outside of what is measured."""
    if tenant.id not in _middles:
        with context.use(tenant):
            rows = notes.model().objects.filter(tenant_id=tenant.id).order_by("-at", "-id")
            _middles[tenant.id] = rows.values_list("at", "id")[500]
    return _middles[tenant.id]


_middles: dict[UUID, tuple[Any, UUID]] = {}


def _aggregate(rows: Rows, _: directory.Entry) -> Rows:
    # What `rows.aggregate()` sends, which would send it at once.
    rows.query.clear_select_clause()
    rows.query.add_annotation(Count("*"), "count")
    rows.query.add_annotation(Sum("amount"), "total")
    return rows


def _point(rows: Rows, tenant: directory.Entry) -> Rows:
    return rows.filter(id=_middle(tenant)[1]).values_list("id", "title", "amount")


def _page(rows: Rows, tenant: directory.Entry) -> Rows:
    older = rows.filter(TupleLessThan(Tuple("at", "id"), _middle(tenant)))
    return older.order_by("-at", "-id").values_list("id", "at", "title", "amount")[:PAGE]


def _titles(condition: Callable[[Rows], Rows]) -> Callable[[Rows, directory.Entry], Rows]:
    return lambda rows, _: condition(rows).values_list("id", "title")


STATEMENTS: dict[str, Callable[[Rows, directory.Entry], Rows]] = {
    "point read": _point,
    "page of 20, keyset": _page,
    "aggregate, count and sum": _aggregate,
    "prefix search, tenants.search": _titles(lambda rows: rows.filter(search.starts_with("title", PREFIX))),
    "prefix search without case, tenants.search": _titles(
        lambda rows: rows.filter(search.starts_with("title_lower", search.lower(PREFIX.upper())))
    ),
    "LIKE 'x%'": _titles(lambda rows: rows.filter(title__startswith=PREFIX)),
    "ILIKE '%xyz%'": _titles(lambda rows: rows.filter(title__icontains=PREFIX + "1")),
    "full text": _titles(
        lambda rows: rows.annotate(words=SearchVector("body", config="simple")).filter(
            words=SearchQuery("word77", config="simple")
        )
    ),
    "jsonb @>": _titles(lambda rows: rows.filter(data__contains={"kind": 77})),
}
