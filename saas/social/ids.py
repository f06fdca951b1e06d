"""Primary keys of the community: UUIDv7, made in Python, so that a row has its name before the database sees it."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new() -> UUID:
    return uuid7()
