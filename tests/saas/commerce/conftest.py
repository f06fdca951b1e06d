"""Sessions of their own beside the test's transaction, for what only several transactions at once can show."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import LiteralString

import psycopg
import pytest
from django.db import connections, router
from psycopg import sql

from saas.commerce.models import Category


class Session:
    """One more login in the shop of the test, under the same role and path; each transaction enters them again."""

    def __init__(self, connection: "psycopg.Connection[tuple[object, ...]]", role: str, path: str) -> None:
        self.connection, self.role, self.path = connection, role, path

    def run(
        self, statement: LiteralString | sql.Composed, *values: object
    ) -> "psycopg.Cursor[tuple[object, ...]]":
        if self.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            self.connection.execute(
                "SELECT set_config('search_path', %s, true), set_config('role', %s, true)",
                [self.path, self.role],
            )
        return self.connection.execute(statement, values)

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()


@pytest.fixture
def login(acme: object) -> Iterator[Callable[[], Session]]:
    """Return a function that opens a session; categories that any of them commits are removed afterwards."""
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
        kept = [row[0] for row in cleaner.run("SELECT id FROM commerce_category").fetchall()]
        cleaner.commit()
        sessions = [cleaner]

        def remembered() -> Session:
            sessions.append(login())
            return sessions[-1]

        yield remembered
        for session in sessions:
            session.rollback()
        cleaner.run("UPDATE commerce_category SET parent_id = NULL WHERE id <> ALL (%s)", kept)
        cleaner.run("DELETE FROM commerce_category WHERE id <> ALL (%s)", kept)
        cleaner.commit()
