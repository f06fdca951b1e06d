"""The record is read in the tenant whose context is entered, and in no other."""

import pytest

from tenants import audit_log, context, exceptions
from tenants.directory import Entry
from tenants.record import reading


def test_a_listing_is_the_current_tenant_s(two_tenants: tuple[Entry, Entry]) -> None:
    acme, globex = two_tenants
    for tenant in two_tenants:
        with context.use(tenant):
            audit_log.record(tenant.id, "tested", by=tenant.slug)
    for tenant in (acme, globex):
        with context.use(tenant):
            found = list(reading.listing(reading.Filters(action="tested")))
        assert [entry.actor for entry in found] == [tenant.slug]


def test_outside_of_any_context_there_is_nothing_to_read(two_tenants: tuple[Entry, Entry]) -> None:
    with pytest.raises(exceptions.NoTenant):
        list(reading.listing(reading.Filters()))
