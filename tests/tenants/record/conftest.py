"""A database of its own for each test: sealing commits, and tampering is done below every policy."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tenants import audit_log, context
from tenants.directory import Entry
from tests import databases

Write = Callable[..., None]
Tamper = Callable[..., None]


@pytest.fixture
def write() -> Write:
    """Add entries to a tenant's record, in one transaction."""

    def add(tenant: Entry, count: int = 1, action: str = "tested") -> None:
        with context.use(tenant):
            for n in range(count):
                audit_log.record(tenant.id, action, by="test", subject=n, after={"price": n})

    return add


@pytest.fixture
def tamper(fresh_db: str) -> Tamper:
    """Run a statement as the server's superuser, whom no grant and no policy stops."""

    def run(statement: str, *parameters: Any) -> None:
        with psycopg.connect(databases.servers().admin_url(fresh_db), autocommit=True) as admin:
            assert admin.execute(statement.encode(), parameters).rowcount > 0

    return run
