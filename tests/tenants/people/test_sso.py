"""The tenant's provider as rows: its secret, and what a change of it forgets. The flow is in tests/saas/test_sso_pages.py."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import ProgrammingError

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, IdentityProvider, IdentityProviderSecret, SsoAccount
from tenants.people import exceptions as errors
from tenants.people import sso
from tests import factories

SECRET = "the client's secret"
WISH = sso.Wish("https://idp.example", "leasehold", SECRET)


@pytest.fixture
def acme(tenant: Callable[[str], Entry]) -> Entry:
    found = tenant("acme")
    with context.identity():
        sso.configure(found, WISH, by="tests")
    return found


def test_the_secret_is_sealed_and_opens_for_its_tenant_alone(acme: Entry, globex: Entry) -> None:
    with context.identity():
        assert sso.client_of(acme).secret == SECRET
        sealed = bytes(IdentityProviderSecret.objects.get(tenant_id=acme.id).sealed)
        assert SECRET.encode() not in sealed
        sso.configure(globex, WISH, by="tests")
        IdentityProviderSecret.objects.filter(tenant_id=globex.id).update(sealed=sealed)
        with pytest.raises(errors.InvalidProvider, match="cannot be read"):
            sso.client_of(globex)


def test_another_secret_key_opens_it_only_as_a_fallback(acme: Entry, settings: Any) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "x" * 50
    with context.identity(), pytest.raises(errors.InvalidProvider):
        sso.client_of(acme)
    settings.SECRET_KEY_FALLBACKS = [old]
    with context.identity():
        assert sso.client_of(acme).secret == SECRET


@pytest.mark.parametrize("model", [IdentityProviderSecret, SsoAccount])
def test_the_database_refuses_a_tenant_its_secrets(acme: Entry, model: Any) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        context.use(acme),
    ):
        list(model.objects.all())


def test_a_tenant_reads_its_own_provider_and_changes_none(acme: Entry, globex: Entry) -> None:
    with context.use(globex):
        assert not IdentityProvider.objects.exists()
    with context.use(acme):
        assert IdentityProvider.objects.get().issuer == WISH.issuer
    with pytest.raises(ProgrammingError, match="permission denied"), context.use(acme):
        IdentityProvider.objects.update(issuer="https://evil.example")


def test_the_record_holds_no_secret(acme: Entry) -> None:
    with context.use(acme):
        row = AuditEntry.objects.get(action="sso.configured")
        assert row.after is not None
        assert row.after["issuer"] == WISH.issuer
        assert SECRET not in str(row.after)


def test_another_issuer_forgets_whom_the_former_meant_and_needs_its_own_secret(acme: Entry) -> None:
    person = factories.member(acme)
    with context.identity():
        SsoAccount.objects.create(tenant_id=acme.id, user=person, issuer=WISH.issuer, subject="1")
        sso.configure(acme, sso.Wish(WISH.issuer, "another client"), by="tests")
        assert sso.client_of(acme).secret == SECRET
        assert SsoAccount.objects.filter(tenant_id=acme.id).exists()
        former = sso.of(acme)
        with pytest.raises(errors.InvalidProvider, match="secret"):
            sso.configure(acme, sso.Wish("https://other.example", "leasehold"), by="tests")
        sso.configure(acme, sso.Wish("https://other.example", "leasehold", "new"), by="tests")
        assert not SsoAccount.objects.filter(tenant_id=acme.id).exists()
        now = sso.of(acme)
        assert former is not None
        assert now is not None
        assert now.id != former.id, "sessions that the former provider began count as the new one's"


def test_another_provider_stays_as_strict_as_the_former(acme: Entry) -> None:
    with context.identity():
        sso.configure(acme, replace(WISH, jit=True, enforced=True), by="tests")
        since = sso.of(acme)
        moved = replace(WISH, issuer="https://other.example", jit=True, enforced=True)
        now = sso.configure(acme, moved, by="tests")
    assert since is not None
    assert (now.jit_since, now.enforced_since) == (since.jit_since, since.enforced_since)


def test_a_removed_provider_leaves_nothing(acme: Entry) -> None:
    with context.identity():
        sso.remove(acme, by="tests")
        assert sso.of(acme) is None
        assert not IdentityProviderSecret.objects.filter(tenant_id=acme.id).exists()
        with pytest.raises(errors.SsoError):
            sso.client_of(acme)
