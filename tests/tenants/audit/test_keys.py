"""tenants.audit.keys: a relation between two tenants' tables is held by a composite key, or is found."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest

from tenants.audit import keys
from tenants.models import (
    ApiKey,
    ApiKeyDigest,
    Group,
    GroupMembership,
    IdentityProviderSecret,
    ImpersonationCode,
    ImpersonationGrant,
    Invitation,
    InvitationDigest,
    Membership,
    OneTimeCode,
)
from tests import databases

Cursor = psycopg.Cursor[tuple[Any, ...]]


@pytest.fixture
def admin(module_db: str) -> Iterator[Cursor]:
    """A superuser's cursor in a transaction that is rolled back."""
    with psycopg.connect(databases.servers().admin_url(module_db)) as connection:
        yield connection.cursor()
        connection.rollback()


def audit(cursor: Cursor) -> list[str]:
    return [finding.object for finding in keys.find(cursor)]


def test_it_asks_for_every_relation_between_shared_models_of_tenants() -> None:
    assert {(model, field.name) for model, field in keys.relations()} == {
        (ApiKey, "membership"),
        (ApiKey, "replaces"),
        (ApiKey, "service_account"),
        (ApiKeyDigest, "key"),
        (IdentityProviderSecret, "provider"),
        (Group, "custom_role"),
        (GroupMembership, "group"),
        (GroupMembership, "membership"),
        (Invitation, "accepted_by"),
        (Invitation, "invited_by"),
        (InvitationDigest, "invitation"),
        (Membership, "custom_role"),
        (OneTimeCode, "membership"),
        (ImpersonationCode, "grant"),
        (ImpersonationGrant, "membership"),
    }


def test_a_fresh_database_holds_them_all(admin: Cursor) -> None:
    assert audit(admin) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (
            "ALTER TABLE public.tenants_apikey DROP CONSTRAINT apikey_membership_id_same_tenant",
            "column public.tenants_apikey.membership_id",
        ),
        (
            "ALTER TABLE public.tenants_apikeydigest DROP CONSTRAINT apikeydigest_key_id_same_tenant",
            "column public.tenants_apikeydigest.key_id",
        ),
        (  # without the tenant it holds nothing
            "ALTER TABLE public.tenants_apikey DROP CONSTRAINT apikey_membership_id_same_tenant;"
            " ALTER TABLE public.tenants_apikey ADD CONSTRAINT k FOREIGN KEY (membership_id)"
            " REFERENCES public.tenants_membership (id)",
            "column public.tenants_apikey.membership_id",
        ),
        (  # what was there before it is not checked
            "ALTER TABLE public.tenants_apikey DROP CONSTRAINT apikey_membership_id_same_tenant;"
            " ALTER TABLE public.tenants_apikey ADD CONSTRAINT k FOREIGN KEY (tenant_id, membership_id)"
            " REFERENCES public.tenants_membership (tenant_id, id) NOT VALID",
            "column public.tenants_apikey.membership_id",
        ),
    ],
)
def test_a_relation_without_its_composite_key_is_found(
    admin: Cursor, planted: LiteralString, found: str
) -> None:
    admin.execute(planted)
    assert audit(admin) == [found]
