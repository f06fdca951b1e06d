"""Whom a request claims to be in its tenant, and whether that holds; the product says how to recognise a visitor."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from tenants.directory import Entry


class Claim(Protocol):
    """A visitor of the tenant's own site, as a request names one. It is made before a context is entered: no query."""

    @property
    def id(self) -> UUID: ...

    def confirm(self) -> Any:
        """Return the visitor's row, or None when the claim does not hold (any more).

        It is the first statement of the context, which was entered as this visitor.
        """


Resolver = Callable[[HttpRequest, Entry], Claim | None]


def claim(request: HttpRequest, tenant: Entry) -> Claim | None:
    """Return the visitor whom request claims to be, as LEASEHOLD_VISITORS reads it; None without such a setting."""
    path: str = getattr(settings, "LEASEHOLD_VISITORS", "")
    return _resolver(path)(request, tenant) if path else None


@lru_cache(maxsize=8)
def _resolver(path: str) -> Resolver:
    return cast(Resolver, import_string(path))
