"""What a tenant can write as JSON, sealing can read, to the last digit."""

from typing import Any

import pytest

from tenants.directory import Entry
from tenants.record import sealing, verifying

pytestmark = pytest.mark.usefixtures("fresh_db")


def test_a_number_that_python_refuses_is_sealed(
    two_tenants: tuple[Entry, Entry], write: Any, tamper: Any
) -> None:
    """Else one entry of one tenant would stop the sealing of all."""
    acme, globex = two_tenants
    sealing.seal_all()
    for tenant in two_tenants:
        write(tenant)
    huge = "UPDATE tenants_auditentry SET after = repeat('9', 5000)::jsonb WHERE tenant_id = %s AND action = 'tested'"
    tamper(huge, acme.id)
    assert sealing.seal_all() == 2
    for tenant in (acme, globex):
        assert verifying.verify(tenant.id).findings == []


def test_a_change_that_floats_would_not_show_is_found(
    two_tenants: tuple[Entry, Entry], write: Any, tamper: Any
) -> None:
    acme, globex = two_tenants
    write(acme)
    change = "UPDATE tenants_auditentry SET after = %s::jsonb WHERE tenant_id = %s AND action = 'tested'"
    tamper(change, "0.1", acme.id)
    sealing.seal_all()
    tamper(change, "0.1000000000000000055", acme.id)
    assert [found.rule for found in verifying.verify(acme.id).findings] == ["entry-changed"]
    assert verifying.verify(globex.id).findings == []
