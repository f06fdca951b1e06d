"""Ways to change the record below every policy: statements of whoever owns the database, and where they strike."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tenants import context
from tenants.models import AuditEntry, AuditSeal, AuditSealedEntry
from tenants.record import chain, rows

ENTRIES, MEMBER = "tenants_auditentry", "tenants_auditsealedentry"
TABLES = (ENTRIES, MEMBER, "tenants_auditseal", "tenants_auditcheckpoint")
OF_PLACE = "tenant_id = %(tenant)s AND number = %(number)s"
GUESSED = b"a key that somebody made up"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody tampers: an entry in a seal that stands between others, and what is around it."""

    tenant: UUID
    slug: str
    other: UUID
    number: int
    last: int
    entry: UUID
    neighbour: UUID  # in the same seal
    elsewhere: UUID  # in the next seal
    head: str


@dataclass(frozen=True, slots=True)
class Way:
    """rules: those of which one must be found. at: the entry, or the number of a seal, that it must name.

    keeps_head: only the head that was kept elsewhere shows it.
    """

    rules: frozenset[str]
    statements: Sequence[str] = ()
    at: Callable[[Place], UUID | int | None] = lambda place: place.entry
    keeps_head: bool = False
    run: Callable[[Place], None] | None = None


def _seal(place: Place) -> int:
    return place.number


def _edit(change: str) -> Way:
    return Way(frozenset({"entry-changed"}), [f"UPDATE {ENTRIES} SET {change} WHERE id = %(entry)s"])


def _of_seal(change: str, *rules: str) -> Way:
    text = f"UPDATE tenants_auditseal SET {change} WHERE tenant_id = %(tenant)s AND number = %(number)s"
    return Way(frozenset(rules or ("seal-changed",)), [text], _seal)


def _without_seal(number: str, at: Callable[[Place], int]) -> Way:
    text = f"DELETE FROM tenants_auditseal WHERE tenant_id = %(tenant)s AND number = {number}"
    return Way(frozenset({"seal-removed"}), [text], at)


def _rehash(key: bytes, key_id: str = "") -> Callable[[Place], None]:
    """Change an entry, and make every digest and every hash of the chain anew, with a key that is not ours."""

    def run(place: Place) -> None:
        with context.owner():
            AuditEntry.objects.filter(id=place.entry).update(actor="somebody else")
            previous = chain.FIRST
            for seal in AuditSeal.objects.filter(tenant_id=place.tenant).order_by("number"):
                members = AuditSealedEntry.objects.filter(tenant_id=place.tenant, number=seal.number)
                ids = [member.entry_id for member in members]
                for entry in rows.read(AuditEntry.objects.filter(id__in=ids), seal.format):
                    members.filter(entry_id=entry["id"]).update(digest=chain.digest(key, entry, seal.format))
                seal.previous_hash, seal.key_id = previous, key_id or seal.key_id
                named = members.order_by("position").values_list("entry_id", "digest")
                seal.hash = previous = chain.seal_hash(key, vars(seal), named)
                seal.save()

    return run


WAYS: dict[str, Way] = {
    "edit who": _edit("actor = 'nobody'"),
    "edit whose": _edit("actor_id = gen_random_uuid()"),
    "edit when": _edit("at = at - interval '1 us'"),
    "edit what": _edit("action = 'nothing.happened'"),
    "edit of what": _edit("subject = 'x'"),
    "edit before": _edit("before = '{\"price\": 1}'"),
    "edit after": _edit("after = 'null'"),
    "edit from where": _edit("address = '::1'"),
    "edit by which request": _edit("source = 'x', request_id = 'x'"),
    "edit the operator behind it": _edit("impersonator = 'x', impersonator_id = gen_random_uuid()"),
    "edit an entry and its digest": Way(
        frozenset({"entry-changed"}),
        [
            f"UPDATE {ENTRIES} SET actor = 'nobody' WHERE id = %(entry)s",
            f"UPDATE {MEMBER} SET digest = repeat('a', 64) WHERE id = %(entry)s",
        ],
    ),
    "delete an entry": Way(frozenset({"entry-deleted"}), [f"DELETE FROM {ENTRIES} WHERE id = %(entry)s"]),
    "delete an entry and put another in its place": Way(
        frozenset({"entry-changed"}),
        [
            f"DELETE FROM {ENTRIES} WHERE id = %(entry)s",
            f"INSERT INTO {ENTRIES} (id, tenant_id, at, actor, action, subject, source, request_id, impersonator)"
            " VALUES (%(entry)s, %(tenant)s, now(), 'x', 'x', '', '', '', '')",
        ],
    ),
    "give an entry another id": Way(
        frozenset({"entry-deleted"}), [f"UPDATE {ENTRIES} SET id = gen_random_uuid() WHERE id = %(entry)s"]
    ),
    "delete an entry and its place in the seal": Way(
        frozenset({"membership-removed"}),
        [f"DELETE FROM {ENTRIES} WHERE id = %(entry)s", f"DELETE FROM {MEMBER} WHERE id = %(entry)s"],
        _seal,
    ),
    "take an entry out of its seal": Way(
        frozenset({"membership-removed"}), [f"DELETE FROM {MEMBER} WHERE id = %(entry)s"], _seal
    ),
    "insert an entry into a seal": Way(
        frozenset({"entry-inserted"}),
        [
            f"INSERT INTO {ENTRIES} SELECT (e).* FROM (SELECT jsonb_populate_record(e, jsonb_build_object("
            f"'id', gen_random_uuid(), 'source', 'planted')) e FROM {ENTRIES} e WHERE id = %(entry)s) made",
            f"INSERT INTO {MEMBER} (id, tenant_id, number, position, digest) SELECT id, tenant_id, %(number)s, 99,"
            f" repeat('a', 64) FROM {ENTRIES} WHERE source = 'planted' AND tenant_id = %(tenant)s",
        ],
        _seal,
    ),
    "reorder the entries of a seal": Way(
        frozenset({"seal-changed"}),
        [f"UPDATE {MEMBER} SET position = 100 - position WHERE {OF_PLACE}"],
        _seal,
    ),
    "exchange the texts of two entries": Way(
        frozenset({"entry-changed"}),
        [
            f"UPDATE {ENTRIES} e SET subject = o.subject, after = o.after FROM {ENTRIES} o"
            " WHERE e.id IN (%(entry)s, %(neighbour)s) AND o.id IN (%(entry)s, %(neighbour)s) AND o.id <> e.id"
        ],
    ),
    "move an entry to another seal": Way(
        frozenset({"membership-removed"}),
        [f"UPDATE {MEMBER} SET number = number + 1, position = 99 WHERE id = %(entry)s"],
        _seal,
    ),
    "exchange the places of two entries in two seals": Way(
        frozenset({"seal-changed"}),
        [
            f"UPDATE {MEMBER} m SET number = o.number, position = 100 + o.position FROM {MEMBER} o"
            " WHERE m.id IN (%(entry)s, %(elsewhere)s) AND o.id IN (%(entry)s, %(elsewhere)s) AND o.id <> m.id"
        ],
        _seal,
    ),
    "exchange two seals": Way(
        frozenset({"chain-broken", "seal-changed"}),
        [
            f"UPDATE {table} SET number = {new} WHERE tenant_id = %(tenant)s AND number = {old}"
            for old, new in (
                ("%(number)s", "-1"),
                ("%(number)s + 1", "%(number)s"),
                ("-1", "%(number)s + 1"),
            )
            for table in ("tenants_auditseal", MEMBER)
        ],
        _seal,
    ),
    "truncate the entries": Way(frozenset({"entry-deleted"}), [f"TRUNCATE {ENTRIES}"]),
    "truncate the places in seals": Way(frozenset({"membership-removed"}), [f"TRUNCATE {MEMBER}"], _seal),
    "truncate the seals": Way(frozenset({"seal-removed"}), ["TRUNCATE tenants_auditseal"], _seal),
    "truncate everything": Way(
        frozenset({"chain-cut"}), [f"TRUNCATE {', '.join(TABLES)}"], lambda _: None, keeps_head=True
    ),
    "cut off the end": Way(
        frozenset({"chain-cut"}),
        [
            f"DELETE FROM {ENTRIES} WHERE id IN"
            f" (SELECT id FROM {MEMBER} WHERE tenant_id = %(tenant)s AND number > %(number)s)",
            f"DELETE FROM {MEMBER} WHERE tenant_id = %(tenant)s AND number > %(number)s",
            "DELETE FROM tenants_auditseal WHERE tenant_id = %(tenant)s AND number > %(number)s",
        ],
        _seal,
        keeps_head=True,
    ),
    "cut off the beginning, as the retention would": Way(
        frozenset({"checkpoint-forged"}),
        [
            "INSERT INTO tenants_auditcheckpoint (id, number, hash, key_id, proof, pruned_at, tenant_id)"
            " SELECT gen_random_uuid(), number, hash, key_id, repeat('a', 64), now(), tenant_id"
            f" FROM tenants_auditseal WHERE {OF_PLACE}",
            f"DELETE FROM {ENTRIES} WHERE id IN"
            f" (SELECT id FROM {MEMBER} WHERE tenant_id = %(tenant)s AND number <= %(number)s)",
            f"DELETE FROM {MEMBER} WHERE tenant_id = %(tenant)s AND number <= %(number)s",
            "DELETE FROM tenants_auditseal WHERE tenant_id = %(tenant)s AND number <= %(number)s",
        ],
        _seal,
    ),
    "remove the first seal": _without_seal("1", lambda _: 1),
    "remove a seal": _without_seal("%(number)s", _seal),
    "remove the last seal": _without_seal("%(last)s", lambda place: place.last),
    "remove a seal with all that it holds": Way(
        frozenset({"seal-removed"}),
        [
            f"DELETE FROM {ENTRIES} WHERE id IN (SELECT id FROM {MEMBER} WHERE {OF_PLACE})",
            f"DELETE FROM {MEMBER} WHERE {OF_PLACE}",
            f"DELETE FROM tenants_auditseal WHERE {OF_PLACE}",
        ],
        _seal,
    ),
    "edit a seal's time": _of_seal("sealed_at = sealed_at - interval '1 day'"),
    "edit a seal's first and last time": _of_seal("first_at = first_at - interval '1 day', last_at = now()"),
    "edit a seal's count": _of_seal("entry_count = entry_count - 1", "entry-inserted"),
    "edit a seal's hash": _of_seal("hash = repeat('a', 64)"),
    "edit what a seal follows": _of_seal("previous_hash = repeat('a', 64)", "chain-broken"),
    "edit a seal's key": _of_seal("key_id = repeat('a', 16)", "key-unknown"),
    "edit a seal's format": _of_seal("format = 99", "key-unknown"),
    "move an entry to another tenant": Way(
        frozenset({"entry-changed"}), [f"UPDATE {ENTRIES} SET tenant_id = %(other)s WHERE id = %(entry)s"]
    ),
    "move an entry and its place to another tenant": Way(
        frozenset({"membership-removed"}),
        [
            f"UPDATE {ENTRIES} SET tenant_id = %(other)s WHERE id = %(entry)s",
            f"UPDATE {MEMBER} SET tenant_id = %(other)s, position = 99 WHERE id = %(entry)s",
        ],
        _seal,
    ),
    "move a seal to another tenant": Way(
        frozenset({"seal-removed"}),
        [
            f"UPDATE {ENTRIES} SET tenant_id = %(other)s WHERE id IN (SELECT id FROM {MEMBER} WHERE {OF_PLACE})",
            f"UPDATE {MEMBER} SET tenant_id = %(other)s, number = 9000 WHERE {OF_PLACE}",
            f"UPDATE tenants_auditseal SET tenant_id = %(other)s, number = 9000 WHERE {OF_PLACE}",
        ],
        _seal,
    ),
    "hash all anew with another key, under our key's name": Way(
        frozenset({"entry-changed"}), run=_rehash(GUESSED)
    ),
    "hash all anew with no key": Way(frozenset({"entry-changed"}), run=_rehash(b"")),
    "hash all anew with another key, under its own name": Way(
        frozenset({"key-unknown"}),
        at=_seal,
        run=_rehash(GUESSED, hashlib.sha256(GUESSED).hexdigest()[:16]),
    ),
}
