"""The retention: whole seals from the beginning, by the seal's age and the plan, and the chain still verifies."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.models import Plan
from tenants import context, hooks
from tenants.directory import Entry
from tenants.models import AuditEntry, AuditSeal, AuditSealedEntry, Tenant
from tenants.record import pruning, sealing, verifying

pytestmark = pytest.mark.usefixtures("fresh_db")
TwoTenants = tuple[Entry, Entry]


@pytest.fixture
def aged(two_tenants: TwoTenants, write: Any, time_machine: Any) -> TwoTenants:
    """A seal of 400 days ago, one of 300 days ago and an entry of now, in both tenants; a plan keeps 365 days."""
    now = timezone.now()
    for age in (400, 300):
        time_machine.move_to(now - timedelta(days=age))
        for tenant in two_tenants:
            write(tenant, 2, f"aged {age}")
        sealing.seal_all()
    time_machine.move_to(now)
    for tenant in two_tenants:
        write(tenant, 1, "young")
    return two_tenants


def actions(tenant: Entry) -> set[str]:
    with context.owner():
        found = AuditEntry.objects.filter(tenant_id=tenant.id)
        return set(found.values_list("action", flat=True)) & {"aged 400", "aged 300", "young", "audit.pruned"}


def test_it_deletes_what_is_older_than_the_plan_keeps_and_says_so(aged: TwoTenants) -> None:
    acme, globex = aged
    assert pruning.prune(acme.id) >= 2
    assert actions(acme) == {"aged 300", "young", "audit.pruned"}
    assert actions(globex) == {"aged 400", "aged 300", "young"}
    with context.owner():
        assert not AuditSealedEntry.objects.filter(tenant_id=acme.id, number=1).exists()
        assert AuditSeal.objects.filter(tenant_id=acme.id).earliest("number").number == 2
        entry = AuditEntry.objects.get(tenant_id=acme.id, action="audit.pruned")
    assert (entry.actor, entry.after and entry.after["last_seal"]) == ("audit retention", 1)


def test_the_chain_verifies_afterwards_also_against_an_older_head(aged: TwoTenants) -> None:
    acme, globex = aged
    with context.owner():
        first, second = (
            AuditSeal.objects.filter(tenant_id=acme.id).order_by("number").values_list("hash", flat=True)
        )
    pruning.prune(acme.id)
    sealing.seal_all()
    for head in ("", first, second):
        assert verifying.verify(acme.id, head=head).findings == []
    assert [found.rule for found in verifying.verify(globex.id, head=first).findings] == ["chain-cut"]


def test_a_chain_that_was_pruned_whole_goes_on(aged: TwoTenants, time_machine: Any) -> None:
    acme, _ = aged
    sealing.seal_all()
    time_machine.move_to(timezone.now() + timedelta(days=800))
    pruning.prune(acme.id)
    sealing.seal_all()
    verdict = verifying.verify(acme.id)
    assert (verdict.seals, verdict.entries, verdict.findings) == (1, 1, [])
    with context.owner():
        assert AuditSeal.objects.get(tenant_id=acme.id).number == 4


def test_twice_prunes_once(aged: TwoTenants) -> None:
    assert pruning.prune(aged[0].id) > 0
    assert pruning.prune(aged[0].id) == 0


def test_an_entry_that_claims_to_be_old_is_kept(two_tenants: TwoTenants, write: Any) -> None:
    """A tenant's role may set any time; it must not make an entry go early."""
    acme, _ = two_tenants
    with context.use(acme):
        AuditEntry.objects.bulk_create(
            [
                AuditEntry(
                    tenant_id=acme.id, actor="x", action="young", at=timezone.now() - timedelta(days=4_000)
                )
            ]
        )
    sealing.seal_all()
    assert pruning.prune(acme.id) == 0
    assert "young" in actions(acme)


def test_a_record_that_was_tampered_with_stays(aged: TwoTenants, tamper: Any) -> None:
    acme, globex = aged
    tamper(
        "UPDATE tenants_auditentry SET actor = 'nobody' WHERE tenant_id = %s AND action = 'aged 300'", acme.id
    )
    assert pruning.prune(acme.id) == 0
    assert pruning.prune(globex.id) > 0
    assert "aged 400" in actions(acme)


@pytest.mark.parametrize(("kept", "left"), [(500, True), (399, False)])
def test_the_plan_says_how_long(aged: TwoTenants, kept: int, left: bool) -> None:
    acme, _ = aged
    with context.owner():
        Plan.objects.update(audit_days=kept)
    pruning.prune(acme.id)
    assert ("aged 400" in actions(acme)) is left


def test_the_longest_answer_counts_and_a_year_without_one(two_tenants: TwoTenants) -> None:
    with context.owner():
        tenant = Tenant.objects.get(id=two_tenants[0].id)
        receivers, hooks.retention.receivers = hooks.retention.receivers, []
        try:
            assert pruning.days(tenant) == 365
            answers = [lambda **_: 10, lambda **_: None, lambda **_: 20]
            for answer in answers:
                hooks.retention.connect(answer, weak=False)
            assert pruning.days(tenant) == 20
        finally:
            hooks.retention.receivers = receivers
