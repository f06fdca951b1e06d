"""Walks the chain of a tenant and names each place where somebody changed the record. It repairs nothing."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from tenants import context
from tenants.models import AuditCheckpoint, AuditEntry, AuditSeal, AuditSealedEntry
from tenants.record import chain, keys, rows, sealing


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a record that is not as it was sealed."""

    rule: str
    seal: int
    entry: UUID | None
    problem: str


@dataclass(slots=True)
class Verdict:
    """What a walk found; head is what to keep elsewhere, since a cut tail cannot be seen from what is left."""

    seals: int = 0
    entries: int = 0
    unsealed: int = 0
    head: str = chain.FIRST
    findings: list[Finding] = field(default_factory=list)

    def add(self, rule: str, seal: int, problem: str, entry: UUID | None = None) -> None:
        self.findings.append(Finding(rule, seal, entry, problem))


def verify(tenant_id: UUID, *, head: str = "", progress: Callable[[int], object] = lambda _: None) -> Verdict:
    """Walk the tenant's chain under the owner's login. progress is told the number of entries after each seal.

    `head` is a hash that was printed before: a chain that does not hold it any more was cut. Locks the chain, so that
    nothing is sealed or pruned meanwhile; writers of entries are not stopped.
    """
    with context.owner():
        sealing.lock(tenant_id, wait=True)
        return walk(tenant_id, head=head, progress=progress)


def walk(tenant_id: UUID, *, head: str = "", progress: Callable[[int], object] = lambda _: None) -> Verdict:
    """Like `verify`, for who has the lock already."""
    verdict = Verdict(unsealed=sealing.unsealed().filter(tenant_id=tenant_id).count())
    number, previous = _beginning(tenant_id, verdict)
    seen, start = {previous}, number
    for seal in AuditSeal.objects.filter(tenant_id=tenant_id).order_by("number").iterator(chunk_size=200):
        _link(verdict, seal, number, previous)
        _check(verdict, seal)
        number, previous = max(number, seal.number), seal.hash
        seen.add(seal.hash)
        progress(seal.entry_count)
    verdict.head = previous
    _tail(tenant_id, verdict, start, number)
    if head and head not in seen and not _was_pruned(tenant_id, head):
        verdict.add("chain-cut", number, "The chain does not hold the head that was kept elsewhere.")
    return verdict


def _beginning(tenant_id: UUID, verdict: Verdict) -> tuple[int, str]:
    checkpoint = AuditCheckpoint.objects.filter(tenant_id=tenant_id).order_by("-number").first()
    if checkpoint is None:
        return 0, chain.FIRST
    key = keys.known().get(checkpoint.key_id)
    if key is None:
        verdict.add(
            "key-unknown", checkpoint.number, f"No key {checkpoint.key_id}. Keep SECRET_KEY_FALLBACKS."
        )
    elif not _same(checkpoint.proof, chain.proof(key, tenant_id, checkpoint.number, checkpoint.hash)):
        verdict.add("checkpoint-forged", checkpoint.number, "The retention did not prune up to here.")
    return checkpoint.number, checkpoint.hash


def _link(verdict: Verdict, seal: AuditSeal, number: int, previous: str) -> None:
    """Say whether the seal follows the one before. What is missing in between explains a hash that does not fit."""
    if seal.number <= number:
        verdict.add("seal-unexpected", seal.number, "A seal stands where the chain was pruned.")
    elif seal.number > number + 1:
        verdict.add("seal-removed", number + 1, f"Nothing between seal {number} and seal {seal.number}.")
    elif not _same(seal.previous_hash, previous):
        verdict.add("chain-broken", seal.number, "It does not name the hash of the seal before it.")


def _check(verdict: Verdict, seal: AuditSeal) -> None:
    key = keys.known().get(seal.key_id)
    if key is None or seal.format not in chain.COLUMNS:
        verdict.add("key-unknown", seal.number, f"No key {seal.key_id}. Keep SECRET_KEY_FALLBACKS.")
        return
    members = list(
        AuditSealedEntry.objects.filter(tenant_id=seal.tenant_id, number=seal.number).order_by("position")
    )
    if not _same(seal.hash, chain.seal_hash(key, vars(seal), ((m.entry_id, m.digest) for m in members))):
        difference = len(members) - seal.entry_count
        rule = (
            "entry-inserted" if difference > 0 else "membership-removed" if difference < 0 else "seal-changed"
        )
        verdict.add(rule, seal.number, f"It sealed {seal.entry_count} entries and now names {len(members)}.")
    _compare(verdict, seal, key, members)
    verdict.seals += 1
    verdict.entries += len(members)


def _compare(verdict: Verdict, seal: AuditSeal, key: bytes, members: list[AuditSealedEntry]) -> None:
    sealed = AuditEntry.objects.filter(id__in=[member.entry_id for member in members])
    entries = {entry["id"]: entry for entry in rows.read(sealed, seal.format)}
    for member in members:
        entry = entries.get(member.entry_id)
        if entry is None:
            verdict.add("entry-deleted", seal.number, "A sealed entry is gone.", member.entry_id)
        elif not _same(member.digest, chain.digest(key, entry, seal.format)):
            verdict.add("entry-changed", seal.number, "It is not what was sealed.", member.entry_id)


def _tail(tenant_id: UUID, verdict: Verdict, start: int, number: int) -> None:
    """Name seals that are gone from the end, and what their entries' rows still tell of them."""
    named = AuditSealedEntry.objects.filter(tenant_id=tenant_id)
    for left in (
        named.filter(number__gt=number).order_by("number").values_list("number", flat=True).distinct()
    ):
        verdict.add("seal-removed", left, "Entries name a seal that is gone.")
    if named.filter(number__lte=start).exists():
        verdict.add("seal-unexpected", start, "Entries name a seal that was pruned.")


def _was_pruned(tenant_id: UUID, head: str) -> bool:
    return AuditCheckpoint.objects.filter(tenant_id=tenant_id, hash=head).exists()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
