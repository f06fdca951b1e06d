"""The audit as a whole: asks every module that finds something, and leaves out what is declared as an exception."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connections

from tenants import context
from tenants.audit import allowed, application, catalog, granted, keys, leftovers, privileges, source
from tenants.audit.findings import Finding

# Each takes a cursor of the owner's and yields what it finds.
SOURCES: tuple[Callable[[Any], Iterator[Finding]], ...] = (
    catalog.find,
    privileges.find,
    granted.find,
    keys.find,
    leftovers.find,
    application.find,
    source.find,
)


def collect() -> list[Finding]:
    """Return every finding, by rule and object. One transaction of the owner's, which can change nothing."""
    with context.owner(), connections[context.ALIAS[context.Kind.OWNER]].cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        found = [finding for find in SOURCES for finding in find(cursor)]
    return sorted(allowed.remaining(found, allowed.declared()))
