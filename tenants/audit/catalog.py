"""Rules that the catalog answers: each is a named query of tenants/sql/audit_*.sql, and its rows are findings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenants import queries
from tenants.audit.findings import Finding, Severity

FOLDER = Path(__file__).parents[1] / "sql"
PATH = queries.load(FOLDER / "audit.sql")
RULES = {
    name.replace("_", "-"): query
    for file in ("audit_tables.sql", "audit_access.sql", "audit_objects.sql")
    for name, query in queries.load(FOLDER / file).items()
}
# Accepted by the design, or a cost and not a hole.
WARNINGS = frozenset(
    {"foreign-key-leaves-schema", "sequence-reachable", "event-trigger", "publication-of-all-tables"}
)


def find(cursor: Any) -> Iterator[Finding]:
    """Yield what the catalog shows, rule by rule. Each is one query over all tenants; none touches a tenant's rows."""
    cursor.execute(PATH["enter"], {})
    path, _ = cursor.fetchone()
    try:
        for rule, query in RULES.items():
            severity = Severity.WARNING if rule in WARNINGS else Severity.ERROR
            cursor.execute(query, {})
            for name, problem, repair in cursor.fetchall():
                yield Finding(rule, name, problem, repair, severity)
    finally:
        cursor.execute(PATH["leave"], {"path": path})
