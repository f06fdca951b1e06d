"""tenants.audit.granted: what a role may do with a shared table stands in a migration, or is found."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest

from tenants.audit import granted
from tests import databases

Cursor = psycopg.Cursor[tuple[Any, ...]]


@pytest.fixture
def admin(module_db: str) -> Iterator[Cursor]:
    """A superuser's cursor in a transaction that is rolled back."""
    with psycopg.connect(databases.servers().admin_url(module_db)) as connection:
        yield connection.cursor()
        connection.rollback()


def audit(cursor: Cursor) -> list[tuple[str, str]]:
    cursor.execute("SET LOCAL ROLE owner")
    return [(finding.object, finding.problem) for finding in granted.find(cursor)]


def test_a_fresh_database_grants_what_its_migrations_say(admin: Cursor) -> None:
    assert audit(admin) == []


@pytest.mark.parametrize(
    ("grant", "table", "problem"),
    [
        (
            "SELECT ON public.tenants_operatorsession TO tenant",
            "tenants_operatorsession",
            "tenant may SELECT",
        ),
        ("SELECT, DELETE ON public.tenants_operator TO app", "tenants_operator", "app may DELETE, SELECT"),
        ("INSERT ON public.tenants_membership TO tenant", "tenants_membership", "tenant may INSERT"),
        ("UPDATE ON public.tenants_tenant TO tenant", "tenants_tenant", "tenant may UPDATE"),
        ("SELECT ON public.billing_usageevent TO identity", "billing_usageevent", "identity may SELECT"),
    ],
)
def test_a_grant_beside_the_migrations_is_found(
    admin: Cursor, grant: LiteralString, table: str, problem: str
) -> None:
    admin.execute("GRANT " + grant)
    assert audit(admin) == [(f"table public.{table}", f"{problem}, which no migration grants.")]


def test_grants_of_operations_on_tables_and_of_adopted_ones_are_known() -> None:
    found = granted.in_migrations()
    assert found["tenants_auditentry", "tenant"] == {"SELECT", "INSERT"}
    assert found["billing_usagecount", "app"] == {"INSERT"}
    assert ("tenants_operatorsession", "tenant") not in found
