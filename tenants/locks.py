"""Locks of a tenant: what two requests must not do at the same time. Another tenant's can be neither taken nor seen."""

from django.db import connections

from tenants import context


def hold(name: str) -> None:
    """Wait for the lock of this name in the current tenant and hold it until the context's transaction ends.

    It may be taken again by the same transaction. The key is 64 bits of a SHA-256 of tenant and name, so two names
    could share a lock and never a tenant's data. Raises NoTenant, and OperationalError after the statement timeout or
    when two transactions wait for each other.
    """
    context.tenant_id()
    with connections[context.ALIAS[context.Kind.TENANT]].cursor() as cursor:
        cursor.execute("SELECT public.tenants_hold_lock(%s)", [name])
