"""The request that this thread or task works for; log lines read it, nothing decides by it."""

import secrets
from contextvars import ContextVar

from django.http import HttpRequest

ID_BYTES = 8
current: ContextVar[HttpRequest | None] = ContextVar("leasehold_request", default=None)


def new_id() -> str:
    """Return a name for one request; never the client's own, which could imitate another request's."""
    return secrets.token_hex(ID_BYTES)
