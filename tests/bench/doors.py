"""The ways that Django and psycopg have to send a statement that somebody else wrote."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from saas.commerce.models import Product

Door = Callable[[str], Any]


def fetch(cursor: Any) -> list[Any]:
    """Return the rows of every result that the cursor holds."""
    found: list[Any] = []
    while True:
        if cursor.description:
            found += cursor.fetchall()
        if not cursor.nextset():
            return found


def execute(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return fetch(cursor)


def execute_with_parameters(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query.replace("%", "%%"), [])
        return fetch(cursor)


def execute_many(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.cursor.executemany(query.replace("%", "%%"), [(), ()], returning=True)
        return fetch(cursor)


def server_side(query: str) -> list[Any]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def copy(query: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as rows:
        return b"".join(map(bytes, rows))


def stream(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        return list(cursor.cursor.stream(query))


def driver(query: str) -> list[Any]:
    """By psycopg's own cursor, past Django's."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(query)
        return fetch(cursor)


def pipeline(query: str) -> list[Any]:
    """Not first: a context cannot be entered while the driver sends without waiting."""
    execute("SELECT 1")
    with connection.connection.pipeline(), connection.connection.cursor() as cursor:
        cursor.execute(query)
        return fetch(cursor)


def raw(query: str) -> list[Any]:
    return [row.name for row in Product.objects.raw(f"SELECT id, ({query}) AS name FROM commerce_product")]


def raw_statement(query: str) -> list[Any]:
    return [row.name for row in Product.objects.raw(f"SELECT id, name FROM commerce_product; {query}")]


def extra_column(query: str) -> list[Any]:
    return list(Product.objects.extra(select={"x": f"({query})"}).values_list("name", "x"))


def extra_condition(query: str) -> list[Any]:
    """The rows do not hold what the condition read, but its error does."""
    return list(Product.objects.extra(where=[f"(({query}))::int = 0"]).values_list("name"))


def raw_expression(query: str) -> list[Any]:
    return list(Product.objects.annotate(x=RawSQL(f"({query})", [])).values_list("name", "x"))


def raw_ordering(query: str) -> list[Any]:
    return list(Product.objects.order_by(RawSQL(f"(({query}))::int", [])).values_list("name"))


# What takes a whole statement, and what takes a value inside one.
STATEMENTS: list[Door] = [
    execute,
    execute_with_parameters,
    execute_many,
    server_side,
    stream,
    driver,
    pipeline,
    raw_statement,
]
VALUES: list[Door] = [copy, raw, extra_column, extra_condition, raw_expression, raw_ordering]
