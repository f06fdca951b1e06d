"""Links for mails and other places outside of a request: the host is the tenant's primary domain, a row."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tenants import context, exceptions
from tenants.models import Domain

# One slash, then nothing that a browser could read as another host, a line end or a scheme.
PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*", re.ASCII)


def absolute(path: str, tenant: context.HasId | None = None, *, hostname: str = "") -> str:
    """Return the address of path (`/reset?token=...`) on the tenant's primary domain. One query.

    It never looks at the request: a Host header that somebody else chose cannot get into a mail. tenant is needed in
    `context.identity()`. hostname asks for another domain of the same tenant. Raises NoTenant, WrongTenant,
    UnknownTenant for a host that is not the tenant's, ValueError for what is no path of a site.
    """
    return _address(path, lambda: _host(tenant, hostname))


def apex(path: str) -> str:
    """Return the address of path on the apex host. Raises ValueError for what is no path of a site."""
    return _address(path, lambda: settings.LEASEHOLD_APEX_HOST)


def _address(path: str, host: Callable[[], str]) -> str:
    if not PATH.fullmatch(path):
        raise ValueError(
            f"{path!r} is no path of a site. Begin it with one slash and encode what is special."
        )
    port = f":{settings.LEASEHOLD_LINK_PORT}" if settings.LEASEHOLD_LINK_PORT else ""
    return f"{settings.LEASEHOLD_LINK_SCHEME}://{host()}{port}{path}"


def _host(tenant: context.HasId | None, hostname: str = "") -> str:
    current = context.current()
    inside = current.tenant_id if current else None
    wanted = inside if tenant is None else tenant.id
    if wanted is None:
        raise exceptions.NoTenant()
    if inside is not None and inside != wanted:
        raise exceptions.WrongTenant()
    which: dict[str, Any] = {"hostname": hostname} if hostname else {"is_primary": True}
    host = Domain.objects.filter(tenant_id=wanted, **which).values_list("hostname", flat=True).first()
    if host is None:
        raise exceptions.UnknownTenant("The tenant has no such domain, or no primary one to link to.")
    return host
