"""Reads entries as what is sealed: JSON as the database's own text, which no parser rounds, shortens or refuses."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from tenants.models import AuditEntry
from tenants.record import chain

JSON = ("before", "after")


def read(found: QuerySet[AuditEntry], form: int = chain.FORMAT) -> Iterator[dict[str, Any]]:
    """Yield the columns of a format. A number of 5,000 digits stays one, and 0.1 differs from its last bit."""
    plain = [name for name in chain.COLUMNS[form] if name not in JSON]
    texts = {f"{name}_text": Cast(name, TextField()) for name in JSON}
    for row in found.values(*plain, **texts):
        yield {name: row[f"{name}_text" if name in JSON else name] for name in chain.COLUMNS[form]}
