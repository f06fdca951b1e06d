"""Each way to tamper is planted as the superuser, and found, and nothing else is."""

from datetime import timedelta
from typing import Any

import pytest

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditSeal, AuditSealedEntry
from tenants.record import sealing, verifying

pytestmark = pytest.mark.usefixtures("fresh_db")
TwoTenants = tuple[Entry, Entry]
ENTRY = "tenants_auditentry"
MEMBER = "tenants_auditsealedentry"
OF_SEAL_2 = "(SELECT id FROM tenants_auditsealedentry WHERE tenant_id = %s AND number = 2 AND position = 1)"
INTO_SEAL_2 = (
    "INSERT INTO tenants_auditsealedentry (id, tenant_id, number, position, digest)"
    " SELECT id, tenant_id, 2, 99, repeat('a', 64) FROM tenants_auditentry e"
    " WHERE tenant_id = %s AND NOT EXISTS (SELECT FROM tenants_auditsealedentry s WHERE s.id = e.id)"
)
SWAP = "UPDATE tenants_auditsealedentry SET position = 100 + (position + 1) %% 3 WHERE tenant_id = %s AND number = 2"
PLANTED = {
    "an actor": (f"UPDATE {ENTRY} SET actor = 'nobody' WHERE id = {OF_SEAL_2}", {"entry-changed"}),
    "a time": (f"UPDATE {ENTRY} SET at = at - interval '1 us' WHERE id = {OF_SEAL_2}", {"entry-changed"}),
    "a value": (f"UPDATE {ENTRY} SET after = '{{}}' WHERE id = {OF_SEAL_2}", {"entry-changed"}),
    "an impersonator": (f"UPDATE {ENTRY} SET impersonator = 'x' WHERE id = {OF_SEAL_2}", {"entry-changed"}),
    "an address": (f"UPDATE {ENTRY} SET address = '::1' WHERE id = {OF_SEAL_2}", {"entry-changed"}),
    "a deleted entry": (f"DELETE FROM {ENTRY} WHERE id = {OF_SEAL_2}", {"entry-deleted"}),
    "an inserted entry": (INTO_SEAL_2, {"entry-inserted", "entry-changed"}),
    "a lost membership": (f"DELETE FROM {MEMBER} WHERE id = {OF_SEAL_2}", {"membership-removed"}),
    "another order": (SWAP, {"seal-changed"}),
    "another digest": (
        f"UPDATE {MEMBER} SET digest = repeat('a', 64) WHERE id = {OF_SEAL_2}",
        {"entry-changed", "seal-changed"},
    ),
    "a removed seal": ("DELETE FROM tenants_auditseal WHERE tenant_id = %s AND number = 2", {"seal-removed"}),
    "a removed first seal": (
        "DELETE FROM tenants_auditseal WHERE tenant_id = %s AND number = 1",
        {"seal-removed"},
    ),
    "a removed last seal": (
        "DELETE FROM tenants_auditseal WHERE tenant_id = %s AND number = 3",
        {"seal-removed"},
    ),
    "a seal's time": (
        "UPDATE tenants_auditseal SET sealed_at = sealed_at - interval '1 day' WHERE tenant_id = %s AND number = 2",
        {"seal-changed"},
    ),
    "a seal's hash": (
        "UPDATE tenants_auditseal SET hash = repeat('a', 64) WHERE tenant_id = %s AND number = 2",
        {"seal-changed", "chain-broken"},
    ),
    "a forged checkpoint": (
        "INSERT INTO tenants_auditcheckpoint (id, number, hash, key_id, proof, pruned_at, tenant_id)"
        " SELECT gen_random_uuid(), 1, hash, key_id, repeat('a', 64), now(), tenant_id"
        " FROM tenants_auditseal WHERE tenant_id = %s AND number = 1",
        {"checkpoint-forged", "seal-unexpected"},
    ),
}


@pytest.fixture
def sealed(two_tenants: TwoTenants, write: Any, tamper: Any) -> TwoTenants:
    """Three seals of three entries in each tenant, and one entry that is not sealed yet."""
    for table in (MEMBER, "tenants_auditseal", ENTRY):
        _empty(tamper, table)
    for _n in range(3):
        for tenant in two_tenants:
            write(tenant, 3)
        sealing.seal_all()
    for tenant in two_tenants:
        write(tenant)
    return two_tenants


def _empty(tamper: Any, table: str) -> None:
    tamper(f"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone")


def rules(tenant: Entry, head: str = "") -> set[str]:
    return {finding.rule for finding in verifying.verify(tenant.id, head=head).findings}


def test_what_nobody_touched_verifies(sealed: TwoTenants) -> None:
    acme, globex = sealed
    told: list[int] = []
    verdict = verifying.verify(acme.id, progress=told.append)
    assert (verdict.seals, verdict.entries, verdict.unsealed, verdict.findings) == (3, 9, 1, [])
    assert told == [3, 3, 3]
    assert rules(acme, verdict.head) == set()
    assert rules(globex, verdict.head) == {"chain-cut"}, "the head of another tenant is not one of this chain"


@pytest.mark.parametrize("what", PLANTED)
def test_it_finds(sealed: TwoTenants, tamper: Any, what: str) -> None:
    acme, globex = sealed
    statement, expected = PLANTED[what]
    tamper(statement, acme.id)
    assert rules(acme) == expected
    assert rules(globex) == set()


def test_it_names_the_entry_and_its_seal(sealed: TwoTenants, tamper: Any) -> None:
    acme, _ = sealed
    tamper(PLANTED["an actor"][0], acme.id)
    (finding,) = verifying.verify(acme.id).findings
    with context.owner():
        from_table = set(
            AuditSealedEntry.objects.filter(tenant_id=acme.id, number=2, position=1).values_list(
                "entry_id", flat=True
            )
        )
    assert (finding.seal, {finding.entry}) == (2, from_table)


def test_an_entry_that_was_given_to_another_tenant_is_found(sealed: TwoTenants, tamper: Any) -> None:
    acme, globex = sealed
    tamper(f"UPDATE {ENTRY} SET tenant_id = %s WHERE id = {OF_SEAL_2}", globex.id, acme.id)
    assert rules(acme) == {"entry-changed"}


def test_exchanged_seals_are_found(sealed: TwoTenants, tamper: Any) -> None:
    acme, _ = sealed
    for number, other in ((2, 99), (3, 2), (99, 3)):
        for table in ("tenants_auditseal", MEMBER):
            tamper(
                f"UPDATE {table} SET number = %s WHERE tenant_id = %s AND number = %s", other, acme.id, number
            )
    assert rules(acme) == {"chain-broken", "seal-changed"}


def test_only_a_head_that_was_kept_shows_that_the_tail_is_gone(sealed: TwoTenants, tamper: Any) -> None:
    acme, globex = sealed
    head = verifying.verify(acme.id).head
    tamper(
        f"DELETE FROM {ENTRY} WHERE id IN (SELECT id FROM {MEMBER} WHERE tenant_id = %s AND number = 3)",
        acme.id,
    )
    for table in (MEMBER, "tenants_auditseal"):
        tamper(f"DELETE FROM {table} WHERE tenant_id = %s AND number = 3", acme.id)
    assert rules(acme) == set()
    assert rules(acme, head) == {"chain-cut"}
    assert rules(globex) == set()


def test_who_has_the_database_and_not_the_key_makes_no_seal(sealed: TwoTenants, settings: Any) -> None:
    """The whole chain is rewritten, correctly, with another key: the key's id gives it away."""
    acme, _ = sealed
    original = settings.SECRET_KEY
    settings.SECRET_KEY = "another-secret-of-more-than-thirty-two-characters"
    assert sealing.seal(acme.id) == 1
    settings.SECRET_KEY = original
    assert rules(acme) == {"key-unknown"}


def test_a_rotated_key_still_verifies_while_it_is_a_fallback(sealed: TwoTenants, settings: Any) -> None:
    acme, _ = sealed
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-of-more-than-thirty-two-characters"
    sealing.seal(acme.id)
    assert rules(acme) == set()
    settings.SECRET_KEY_FALLBACKS = []
    assert rules(acme) == {"key-unknown"}


def test_a_clock_that_goes_back_breaks_nothing(sealed: TwoTenants, time_machine: Any) -> None:
    acme, _ = sealed
    with context.owner():
        last = AuditSeal.objects.filter(tenant_id=acme.id).latest("number").sealed_at
    time_machine.move_to(last - timedelta(days=2))
    assert sealing.seal(acme.id) == 1
    assert rules(acme) == set()
