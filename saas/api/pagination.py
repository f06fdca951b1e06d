"""Pages by cursor: a cursor is the place of the last row, signed, and good only in the tenant that gave it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature
from ninja import Schema

from tenants import signing
from tenants.exceptions import TenancyError

LIMIT_DEFAULT = 20
LIMIT_MAX = 100
SALT = "saas.api.cursor"


class InvalidCursor(TenancyError):
    """The cursor is not one that this list gave. Start again without a cursor."""

    code = "invalid_cursor"


class Page(Schema):
    """next is the cursor of the following page, or null on the last one."""

    next: str | None


def encode(row: Any, *, time: str = "created_at", tenant: signing.HasEpoch | None = None) -> str:
    """Return the cursor of the page after row. tenant is needed where the request runs as `identity`."""
    return signing.dumps([getattr(row, time).isoformat(), row.id.hex], salt=SALT, tenant=tenant)


def decode(cursor: str, *, tenant: signing.HasEpoch | None = None) -> tuple[datetime, UUID]:
    """Return the place (created_at, id) after which the page starts. Raises InvalidCursor."""
    try:
        created_at, row_id = signing.loads(cursor, salt=SALT, tenant=tenant)
        return datetime.fromisoformat(created_at), UUID(row_id)
    except (BadSignature, ValueError) as error:
        raise InvalidCursor() from error
