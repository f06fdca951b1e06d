"""Rows that say who a tenant is and who works in it: what the database refuses, and one-row questions."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tenants import context, ids
from tenants.directory import Entry
from tenants.models import Backup, Credential, DirectoryVersion, Domain, Operator, Tenant, User

pytestmark = pytest.mark.usefixtures("module_db")
TwoTenants = tuple[Entry, Entry]
NOW = timezone.now()


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({}, "active"),
        ({"suspended_at": NOW}, "suspended"),
        ({"archived_at": NOW}, "archived"),
        ({"suspended_at": NOW, "archived_at": NOW}, "archived"),
        ({"suspended_at": NOW, "archived_at": NOW, "destroyed_at": NOW}, "destroyed"),
    ],
)
def test_the_state_of_a_tenant_follows_from_its_dates(dates: dict[str, Any], state: str) -> None:
    assert Tenant(slug="x", **dates).state == state


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({}, "requested"),
        ({"started_at": NOW}, "running"),
        ({"started_at": NOW, "finished_at": NOW}, "finished"),
        ({"started_at": NOW, "failed_at": NOW}, "failed"),
    ],
)
def test_the_state_of_a_backup_follows_from_its_dates(dates: dict[str, Any], state: str) -> None:
    assert Backup(**dates).state == state


@pytest.mark.parametrize("slug", ["Acme", "1acme", "a", "a_b", "", "acme.", "ac me", "äcme"])
def test_the_database_refuses_a_slug_that_is_none(slug: str) -> None:
    with pytest.raises(IntegrityError, match="slug"), context.owner():
        Tenant.objects.create(slug=slug, name="x")


def test_the_database_refuses_a_slug_twice_unless_the_first_is_destroyed() -> None:
    with context.owner():
        Tenant.objects.create(slug="gone", name="x", destroyed_at=NOW)
        Tenant.objects.create(slug="gone", name="x", destroyed_at=NOW)
        Tenant.objects.create(slug="gone", name="x")
        context.roll_back()
    with pytest.raises(IntegrityError, match="tenants_tenant_slug"), context.owner():
        Tenant.objects.create(slug="acme", name="x")


@pytest.mark.parametrize("hostname", ["acme.localhost", "Shop.example"])
def test_the_database_refuses_a_host_name_twice_or_in_capitals(
    two_tenants: TwoTenants, hostname: str
) -> None:
    with pytest.raises(IntegrityError, match="domain"), context.owner():
        Domain.objects.create(tenant_id=two_tenants[1].id, hostname=hostname)


def test_a_tenant_has_one_primary_host(two_tenants: TwoTenants) -> None:
    with pytest.raises(IntegrityError, match="one_primary"), context.owner():
        Domain.objects.create(tenant_id=two_tenants[0].id, hostname="shop.example", is_primary=True)


def test_there_is_one_row_of_the_directory_s_version() -> None:
    with pytest.raises(IntegrityError), context.owner():
        DirectoryVersion.objects.create(id=2)


@pytest.mark.parametrize("email", ["owner@acme.example", "Owner@ACME.example"])
def test_an_address_is_one_person_in_every_case(email: str) -> None:
    with pytest.raises(IntegrityError, match="tenants_user_email"), context.identity():
        User.objects.create_user(email)


def test_a_person_holds_no_secret() -> None:
    assert {field.column for field in User._meta.concrete_fields} == {
        "id",
        "email",
        "name",
        "created_at",
        "deactivated_at",
        "session_epoch",
    }


def test_a_new_password_replaces_the_old_and_the_epoch_of_sessions() -> None:
    with context.identity():
        user = User.objects.create_user(f"{ids.new()}@example.com", password="first password")
        first = user.get_session_auth_hash()
        user.set_password("second password")
        kept = User.objects.get(pk=user.pk)
        assert kept.get_session_auth_hash() != first
        assert (kept.check_password("first password"), kept.check_password("second password")) == (
            False,
            True,
        )
        assert Credential.objects.filter(user=user).count() == 1


def test_the_hash_of_a_session_is_one_person_s() -> None:
    epoch = ids.new_epoch()
    hashes = {User(id=ids.new(), session_epoch=epoch).get_session_auth_hash() for _ in range(2)}
    assert len(hashes) == 2


def test_the_hash_of_a_session_is_of_one_tenant_and_epoch() -> None:
    user = User(id=ids.new())
    hashes = set()
    for scope in ("", f"{'a' * 32}:{'1' * 32}", f"{'a' * 32}:{'2' * 32}", f"{'b' * 32}:{'1' * 32}"):
        user.session_scope = scope
        hashes.add(user.get_session_auth_hash())
    assert len(hashes) == 4


def test_an_operator_is_staff_until_a_date() -> None:
    with context.owner():
        user = User.objects.create_user(f"{ids.new()}@example.com")
        operator = Operator.objects.create(user=user)
    with context.operator():
        assert user.is_staff
        assert user.has_perm("tenants.view_tenant")
        assert not User.objects.get(email="owner@acme.example").is_staff
    with context.owner():
        operator.ended_at = NOW - timedelta(days=1)
        operator.save()
    with context.operator():
        assert user.is_staff  # this instance has asked already
        assert not User.objects.get(pk=user.pk).is_staff
