"""Sealing: everything once, late commits too, nobody waits."""

import threading
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connections, transaction

from tenants import audit_log, context
from tenants.directory import Entry
from tenants.models import AuditEntry, AuditSeal, AuditSealedEntry
from tenants.record import chain, sealing

pytestmark = pytest.mark.usefixtures("fresh_db")
TwoTenants = tuple[Entry, Entry]


def seals(tenant: Entry) -> list[AuditSeal]:
    with context.owner():
        return list(AuditSeal.objects.filter(tenant_id=tenant.id).order_by("number"))


def test_each_entry_is_sealed_once_in_batches(two_tenants: TwoTenants, write: Any, monkeypatch: Any) -> None:
    acme, globex = two_tenants
    sealing.seal_all()
    before = len(seals(acme))
    monkeypatch.setattr(sealing, "ENTRIES_PER_SEAL", 2)
    write(acme, 5)
    write(globex)
    assert sealing.seal_all() == 6
    assert [seal.entry_count for seal in seals(acme)[before:]] == [2, 2, 1]
    assert sealing.seal_all() == 0
    with context.owner():
        assert AuditSealedEntry.objects.count() == AuditEntry.objects.count()


def test_a_seal_names_the_hash_of_the_one_before(two_tenants: TwoTenants, write: Any) -> None:
    acme, _ = two_tenants
    for _n in range(3):
        write(acme)
        sealing.seal_all()
    found = seals(acme)
    assert [seal.number for seal in found] == list(range(1, len(found) + 1))
    assert [seal.previous_hash for seal in found] == [chain.FIRST, *(seal.hash for seal in found[:-1])]


def test_what_is_committed_late_is_sealed_late(two_tenants: TwoTenants, write: Any) -> None:
    """The older entry is invisible while the younger one is sealed, and neither transaction waits."""
    acme, _ = two_tenants
    sealing.seal_all()
    written, go = threading.Event(), threading.Event()

    def late() -> None:
        with context.use(acme):
            audit_log.record(acme.id, "late", by="test")
            written.set()
            go.wait(20)
        connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    assert written.wait(20)
    write(acme, action="early")
    try:
        assert sealing.seal(acme.id) == 1
    finally:
        go.set()
        thread.join()
    assert sealing.seal(acme.id) == 1
    with context.owner():
        late_entry, early = AuditEntry.objects.get(action="late"), AuditEntry.objects.get(action="early")
        numbers = dict(AuditSealedEntry.objects.values_list("entry_id", "number"))
    assert late_entry.at < early.at
    assert numbers[late_entry.id] == numbers[early.id] + 1


def test_two_sealers_exclude_each_other_and_other_tenants_go_on(two_tenants: TwoTenants, write: Any) -> None:
    acme, globex = two_tenants
    sealing.seal_all()
    write(acme)
    write(globex)
    held, go = threading.Event(), threading.Event()

    def other() -> None:
        with context.owner():
            sealing.lock(acme.id, wait=True)
            held.set()
            go.wait(20)
        connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(20)
    try:
        assert (sealing.seal(acme.id), sealing.seal(globex.id)) == (0, 1)
    finally:
        go.set()
        thread.join()
    assert sealing.seal(acme.id) == 1


def test_a_tenant_that_fails_keeps_no_other_back(two_tenants: TwoTenants, caplog: Any) -> None:
    acme, globex = two_tenants
    done = []

    def verb(tenant_id: UUID) -> int:
        if tenant_id == acme.id:
            raise ValueError("broken")
        done.append(tenant_id)
        return 1

    with pytest.raises(ValueError, match="broken"):
        sealing.each([acme.id, globex.id], verb)
    assert done == [globex.id]
    assert str(acme.id) in caplog.text


def test_a_tenant_sees_its_own_seals_and_writes_none(two_tenants: TwoTenants, write: Any) -> None:
    acme, _ = two_tenants
    for tenant in two_tenants:
        write(tenant)
    sealing.seal_all()
    with context.use(acme):
        assert {seal.tenant_id for seal in AuditSeal.objects.all()} == {acme.id}
        (seal,) = AuditSeal.objects.all()[:1]
        for change in (
            lambda: AuditSeal.objects.update(hash="0" * 64),
            lambda: AuditSeal.objects.filter(pk=seal.pk)._raw_delete("default"),
            lambda: AuditSeal.objects.bulk_create([AuditSeal(tenant_id=acme.id, number=9, **_columns(seal))]),
            lambda: AuditSealedEntry.objects.count(),
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()


def _columns(seal: AuditSeal) -> dict[str, Any]:
    names = ("format", "previous_hash", "hash", "key_id", "entry_count", "first_at", "last_at")
    return {name: getattr(seal, name) for name in names}
