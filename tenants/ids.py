"""Primary keys: UUIDv7, always made in Python, so that a row has its name before the database sees it."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7


def new() -> UUID:
    return uuid7()


def new_epoch() -> str:
    """Return 32 hex digits that change when every signature made before must fall."""
    return secrets.token_hex(16)
