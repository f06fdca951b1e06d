"""Sessions of their own beside the test's transaction, for what only several transactions at once can show."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import LiteralString

import psycopg
import pytest
from django.db import connections, router
from psycopg import sql

from saas.commerce.models import Category

TABLES = ("commerce_variant", "commerce_product", "commerce_category")  # in the order of deleting


class Session:
    """One more login in the shop of the test, under the same role and path; each transaction enters them again."""

    def __init__(self, connection: "psycopg.Connection[tuple[object, ...]]", role: str, path: str) -> None:
        self.connection, self.role, self.path = connection, role, path

    def run(
        self, statement: LiteralString | sql.Composed, *values: object
    ) -> "psycopg.Cursor[tuple[object, ...]]":
        if self.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            self.connection.execute(
                sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self.role)),
            )
            self.connection.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.SQL(self.path)))
        return self.connection.execute(statement, values)

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()


@pytest.fixture
def login(acme: object) -> Iterator[Callable[[], Session]]:
    """Return a function that opens a session; rows that any of them commits are removed afterwards."""
    django = connections[router.db_for_write(Category)]
    with django.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('search_path')")
        role, path = cursor.fetchone()
    info = django.connection.info
    with ExitStack() as opened:

        def login() -> Session:
            connection = psycopg.connect(**info.get_parameters(), password=info.password)
            opened.callback(connection.close)
            return Session(connection, role, path)

        cleaner = login()
        kept = {table: [row[0] for row in cleaner.run(ids_of(table))] for table in TABLES}
        cleaner.commit()
        sessions = [cleaner]

        def remembered() -> Session:
            sessions.append(login())
            return sessions[-1]

        yield remembered
        for session in sessions:
            session.rollback()
        cleaner.run("SET LOCAL lock_timeout = 5000")  # the test's own transaction is still open
        cleaner.run("UPDATE commerce_category SET parent_id = NULL WHERE id <> ALL (%s)", kept[TABLES[-1]])
        for table in TABLES:
            cleaner.run(
                sql.SQL("DELETE FROM {} WHERE id <> ALL (%s)").format(sql.Identifier(table)), kept[table]
            )
        cleaner.commit()


def ids_of(table: str) -> sql.Composed:
    return sql.SQL("SELECT id FROM {}").format(sql.Identifier(table))
