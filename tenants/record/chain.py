"""What a seal is made of: bytes of entries, digests, hashes. Pure; it never asks the database."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

FORMAT = 1
# Never changed once it was used: a new column of AuditEntry makes a new format.
COLUMNS: dict[int, tuple[str, ...]] = {
    1: (
        "id",
        "tenant_id",
        "at",
        "actor_id",
        "actor",
        "action",
        "subject",
        "before",
        "after",
        "source",
        "request_id",
        "address",
        "impersonator_id",
        "impersonator",
    )
}
FIRST = "0" * 64  # what the first seal has for a hash before it


def digest(key: bytes, entry: Mapping[str, Any], form: int = FORMAT) -> str:
    """Return the keyed digest of an entry, 64 hex digits, over all columns of the format."""
    return _hash(key, "entry", form, [entry[name] for name in COLUMNS[form]])


def seal_hash(key: bytes, seal: Mapping[str, Any], members: Iterable[tuple[UUID, str]]) -> str:
    """Return the hash of a seal: over its own columns, the hash before it, and (id, digest) of its entries in order."""
    own = [
        seal[name]
        for name in (
            "tenant_id",
            "number",
            "format",
            "previous_hash",
            "key_id",
            "entry_count",
            "first_at",
            "last_at",
            "sealed_at",
        )
    ]
    return _hash(key, "seal", own, list(members))


def proof(key: bytes, tenant_id: UUID, number: int, last_hash: str) -> str:
    """Return what only the holder of the key can say: the chain up to this seal was pruned."""
    return _hash(key, "checkpoint", tenant_id, number, last_hash)


def _hash(key: bytes, *parts: Any) -> str:
    text = json.dumps(parts, default=_plain, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> str:
    """Return one text for one moment, whatever zone it was read in. Raises TypeError for what no column holds."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return value.hex
    raise TypeError(f"No column of the record holds a {type(value).__name__}.")
