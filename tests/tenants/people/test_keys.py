"""API keys: shown once, found by their digest in their own tenant, dead the moment they are revoked."""

import hashlib
import re

import pytest
from django.db import DatabaseError

from tenants import context
from tenants.caching import shared as cache
from tenants.directory import Entry
from tenants.models import ApiKey, ApiKeyDigest, AuditEntry, Membership, Role
from tenants.people import keys, memberships
from tenants.people.memberships import Member
from tests import factories

TwoTenants = tuple[Entry, Entry]


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def member_of(tenant: Entry, role: str = Role.EDITOR) -> Member:
    user = factories.member(tenant, role)
    with context.identity():
        found = memberships.by_user(user.pk, tenant)
    assert found is not None
    return found


def make(tenant: Entry) -> tuple[Member, keys.NewKey]:
    member = member_of(tenant)
    with context.identity():
        return member, keys.create(member, tenant, name="importer")


def test_a_key_acts_as_its_member(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member, made = make(acme)
    assert keys.identify(made.secret, acme) == made.key.id
    with context.use(acme):
        found = memberships.by_key(made.key.id, acme)
    assert found is not None
    assert (found.user, found.role, found.api_key_id) == (member.user, Role.EDITOR, made.key.id)


def test_a_secret_has_256_random_bits_and_a_mark(two_tenants: TwoTenants) -> None:
    secrets = {make(two_tenants[0])[1].secret for _ in range(3)}
    assert len(secrets) == 3
    assert all(re.fullmatch(r"lh_[A-Za-z0-9_-]{43}", secret) for secret in secrets)


def test_the_database_holds_the_digest_and_never_the_secret(two_tenants: TwoTenants) -> None:
    _, made = make(two_tenants[0])
    with context.identity():
        digest = ApiKeyDigest.objects.get(key=made.key)
        row = ApiKey.objects.filter(pk=made.key.pk).values().get()
    assert bytes(digest.digest) == hashlib.sha256(made.secret.encode()).digest()
    assert made.secret not in str(row)
    assert made.secret.startswith(row["prefix"])
    assert len(row["prefix"]) == 9


def test_a_key_of_one_tenant_is_nothing_in_another(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    _, made = make(acme)
    assert keys.identify(made.secret, globex) is None
    assert keys.identify(made.secret, acme) == made.key.id
    assert keys.identify(made.secret, globex) is None, "from the cache"
    with context.use(globex):
        assert memberships.by_key(made.key.id, globex) is None
        assert memberships.by_key(made.key.id, acme) is None


@pytest.mark.parametrize("secret", ["", "lh_", "lh_wrong", "wrong", "Bearer x", "lh_" + "A" * 43])
def test_a_wrong_secret_is_nobody(two_tenants: TwoTenants, secret: str) -> None:
    assert keys.identify(secret, two_tenants[0]) is None


def test_a_secret_that_was_wrong_once_is_not_kept_as_wrong(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, _ = two_tenants
    _, made = make(acme)
    with context.identity():
        digest = ApiKeyDigest.objects.filter(key=made.key)
        kept = digest.values().get()
        digest.delete()
    assert keys.identify(made.secret, acme) is None
    with context.identity():
        ApiKeyDigest.objects.create(**kept)
    assert keys.identify(made.secret, acme) == made.key.id


def test_a_revoked_key_is_dead_at_once_also_where_it_is_cached(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member, made = make(acme)
    assert keys.identify(made.secret, acme) == made.key.id
    with context.identity():
        assert keys.revoke(made.key.id, acme, by=member.user)
    found = keys.identify(made.secret, acme)
    with context.use(acme):
        assert found is None or memberships.by_key(found, acme) is None


def test_a_key_dies_with_its_member(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member, made = make(acme)
    with context.identity():
        memberships.end(Membership.objects.get(id=member.membership_id), by="test")
    with context.use(acme):
        assert memberships.by_key(made.key.id, acme) is None


def test_a_key_cannot_be_revoked_twice_or_from_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    _, made = make(acme)
    with context.identity():
        assert not keys.revoke(made.key.id, globex, by="test")
        assert keys.revoke(made.key.id, acme, by="test")
        assert not keys.revoke(made.key.id, acme, by="test")


def test_making_and_revoking_are_recorded_without_the_secret(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member, made = make(acme)
    with context.identity():
        keys.revoke(made.key.id, acme, by="test")
    with context.use(acme):
        created = AuditEntry.objects.get(action="key.created", subject=made.key.prefix)
        revoked = AuditEntry.objects.get(action="key.revoked", subject=str(made.key.id))
    assert (created.actor_id, created.after) == (member.user.pk, {"name": "importer"})
    assert revoked.actor == "test"
    assert made.secret not in str(created.__dict__) + str(revoked.__dict__)


def test_a_tenant_s_role_can_neither_make_nor_read_digests(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member, _ = make(acme)
    with pytest.raises(DatabaseError, match="permission denied"), context.use(acme):
        keys.create(member, acme, name="x")
    with pytest.raises(DatabaseError, match="permission denied"), context.use(acme):
        list(ApiKeyDigest.objects.all())
