"""Digests: every column counts, and nothing but the values does."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from tenants.models import AuditEntry
from tenants.record import chain

KEY = b"k" * 32
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENTRY: dict[str, Any] = {
    "id": UUID(int=1),
    "tenant_id": UUID(int=2),
    "at": AT,
    "actor_id": None,
    "actor": "ada@example.com",
    "action": "product.updated",
    "subject": "lamp",
    "before": {"price": 1, "name": "a"},
    "after": None,
    "source": "PATCH /api/v1/products",
    "request_id": "",
    "address": None,
    "impersonator_id": None,
    "impersonator": "",
}


def test_the_newest_format_covers_every_column() -> None:
    """A new column of the model needs a new format: one that was used is never changed."""
    assert set(chain.COLUMNS[chain.FORMAT]) == {field.attname for field in AuditEntry._meta.concrete_fields}


@pytest.mark.parametrize("column", ENTRY)
def test_each_column_changes_the_digest(column: str) -> None:
    other = {"id": UUID(int=9), "tenant_id": UUID(int=9), "at": AT + timedelta(microseconds=1)}.get(
        column, "other"
    )
    assert chain.digest(KEY, ENTRY | {column: other}) != chain.digest(KEY, ENTRY)


def test_the_key_changes_the_digest() -> None:
    assert chain.digest(b"j" * 32, ENTRY) != chain.digest(KEY, ENTRY)


def test_a_value_does_not_slide_into_the_next_column() -> None:
    moved = ENTRY | {"action": "product.updatedl", "subject": "amp"}
    assert chain.digest(KEY, moved) != chain.digest(KEY, ENTRY)
    assert chain.digest(KEY, ENTRY | {"after": "null"}) != chain.digest(KEY, ENTRY)


def test_the_zone_and_the_order_of_names_do_not_count() -> None:
    same = ENTRY | {"at": AT.astimezone(timezone(timedelta(hours=5))), "before": {"name": "a", "price": 1}}
    assert chain.digest(KEY, same) == chain.digest(KEY, ENTRY)


def test_what_no_column_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="Opaque"):
        chain.digest(KEY, ENTRY | {"before": Opaque()})


@dataclass
class Opaque:
    pass
