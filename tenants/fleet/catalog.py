"""What a schema is made of, read from the catalog so that two can be compared; it changes nothing."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.rows import tuple_row

from tenants import exceptions, queries

SQL = queries.load(Path(__file__).parents[1] / "sql" / "catalog.sql")
# Stands for the schema's name, and for its role's, which is the same.
STRIPPED = "~"

Connection = psycopg.Connection[Any] | BaseDatabaseWrapper


class NoSuchSchema(exceptions.TenancyError):
    """There is no such schema."""

    code = "no_such_schema"


def facts(connection: Connection, schema: str) -> list[str]:
    """Return the ordered facts of a schema, its own name replaced by `~`. Raises NoSuchSchema.

    Not told apart: oids, gaps in column numbers, missing values, TOAST tables, internal triggers, sequence positions.
    """
    with reading(connection) as cursor:
        check_exists(cursor, schema)
        return _facts(cursor, schema)


def difference(a: list[str], b: list[str]) -> list[str]:
    """Return what only a has (`- fact`) and what only b has (`+ fact`), in the order of the facts."""
    ours, theirs = Counter(a), Counter(b)
    lines = [(fact, "- ") for fact in (ours - theirs).elements()]
    lines += [(fact, "+ ") for fact in (theirs - ours).elements()]
    return [sign + fact for fact, sign in sorted(lines, key=lambda line: line[0])]


def fingerprint(connection: Connection, schema: str) -> str:
    """Return 64 hex digits that two schemas share when they have the same shape on one major version of the server."""
    with reading(connection) as cursor:
        check_exists(cursor, schema)
        version = fetch(cursor, "version")[0][0]
        digested = "\0".join([f"postgresql {version}", *_facts(cursor, schema)])
    return hashlib.sha256(digested.encode()).hexdigest()


@contextmanager
def reading(connection: Connection) -> Iterator[Any]:
    """Yield a cursor whose search_path is empty and whose settings are fixed, inside a transaction or a savepoint.

    What was set before is set again, since neither RELEASE nor an outer transaction would do that.
    """
    with _atomic(connection), _cursor(connection) as cursor:
        former = fetch(cursor, "enter")
        yield cursor
        names, values = [row[0] for row in former], [row[1] for row in former]
        cursor.execute(SQL["leave"], {"names": names, "values": values})


def fetch(cursor: Any, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    cursor.execute(SQL[query], parameters)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _facts(cursor: Any, schema: str) -> list[str]:
    # Whole words only: a schema called t_a must not be found in post_author.
    name = re.compile(rf"(?<![\w$]){re.escape(schema)}(?![\w$])")
    return sorted(name.sub(STRIPPED, fact) for (fact,) in fetch(cursor, "facts", schema=schema))


def check_exists(cursor: Any, schema: str) -> None:
    if not fetch(cursor, "exists", schema=schema)[0][0]:
        raise NoSuchSchema(f"There is no schema {schema!r}.")


def _atomic(connection: Connection) -> AbstractContextManager[Any]:
    if isinstance(connection, psycopg.Connection):
        return connection.transaction()
    return transaction.atomic(using=connection.alias)


def _cursor(connection: Connection) -> Any:
    if isinstance(connection, psycopg.Connection):
        return connection.cursor(row_factory=tuple_row)
    return connection.cursor()
