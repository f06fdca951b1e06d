"""The password says who it is, and an unknown address is answered like a wrong password."""

from typing import Any

import pytest
from django.contrib.auth import authenticate, hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.module_loading import import_string

from tenants import context
from tenants.directory import Entry
from tenants.models import Credential, Operator, Role, User
from tenants.people import memberships, permissions
from tenants.people.backends import MemberBackend, Permissions
from tenants.people.operators import OperatorBackend
from tests import factories

TwoTenants = tuple[Entry, Entry]
PASSWORD = "a long password"


def test_the_right_password_is_the_person(db: None) -> None:
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com", password=PASSWORD)
        assert authenticate(None, username="ada@example.com", password=PASSWORD) == ada
        assert authenticate(None, username="Ada@Example.com", password=PASSWORD) == ada


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", "a wrong password"),
        ("ada@example.com", ""),
        ("ada@example.com", None),
        ("bob@example.com", PASSWORD),
        ("", PASSWORD),
        (None, None),
    ],
)
def test_anything_else_is_nobody(db: None, email: str | None, password: str | None) -> None:
    with context.identity():
        factories.UserFactory(email="ada@example.com", password=PASSWORD)
        assert authenticate(None, username=email, password=password) is None


def test_without_a_password_nobody_signs_in(db: None) -> None:
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com")
        assert not ada.has_usable_password()
        assert authenticate(None, username="ada@example.com", password="") is None


def test_a_deactivated_person_is_nobody(db: None) -> None:
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com", password=PASSWORD)
        User.objects.filter(pk=ada.pk).update(deactivated_at=timezone.now())
        assert authenticate(None, username="ada@example.com", password=PASSWORD) is None
        assert MemberBackend().get_user(ada.pk) is None


def test_an_unknown_address_costs_a_hash_as_well(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def count(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    with context.identity():
        factories.UserFactory(email="ada@example.com", password=PASSWORD)
        monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", count)
        for email in ("ada@example.com", "nobody@example.com"):
            hashed.clear()
            authenticate(None, username=email, password="wrong")
            assert hashed == ["wrong"]


def test_an_outdated_hash_is_renewed_and_ends_no_session(db: None, settings: Any) -> None:
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com", password=PASSWORD)
        session = ada.get_session_auth_hash()
        before = Credential.objects.get(user=ada).password_hash
        settings.PASSWORD_HASHERS = [
            f"{PBKDF2PasswordHasher.__module__}.{PBKDF2PasswordHasher.__qualname__}",
            *settings.PASSWORD_HASHERS,
        ]
        hashers.get_hashers.cache_clear()  # type: ignore[attr-defined]
        assert ada.check_password(PASSWORD)
        after = Credential.objects.get(user=ada).password_hash
        assert (before.split("$")[0], after.split("$")[0]) == ("md5", "pbkdf2_sha256")
        assert User.objects.get(pk=ada.pk).get_session_auth_hash() == session
    hashers.get_hashers.cache_clear()  # type: ignore[attr-defined]


# What Django asks a backend: may they?


def seen(tenant: Entry, role: str) -> User:
    """Return a new member as a request on the tenant's host has them."""
    user = factories.member(tenant, role)
    with context.use(tenant):
        return memberships.require(user, tenant, "tenant.read").user


def test_every_backend_answers_by_the_membership(settings: Any) -> None:
    """But the console's, which answers inside of `context.operator()` alone."""
    for path in settings.AUTHENTICATION_BACKENDS:
        assert issubclass(import_string(path), (Permissions, OperatorBackend))


def test_has_perm_is_what_the_membership_holds(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    editor, viewer = seen(acme, Role.EDITOR), seen(acme, Role.VIEWER)
    with context.use(acme):
        for permission in permissions.known():
            assert editor.has_perm(permission) == (permission in permissions.of_role(Role.EDITOR))
        for name in ("products.write", "commerce.change_product", "commerce.delete_category"):
            assert (editor.has_perm(name), viewer.has_perm(name)) == (True, False)
        assert viewer.has_perm("commerce.view_product")
        assert editor.has_perms(["products.read", "products.write"])
        assert not editor.has_perms(["products.write", "keys.manage"])
        assert (editor.has_module_perms("commerce"), editor.has_module_perms("keys")) == (True, False)
        for name in ("tenants.view_tenant", "commerce.fly", "", "products"):
            assert not editor.has_perm(name)


def test_a_flag_of_the_person_means_nothing_on_a_tenant_s_host(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    viewer = seen(acme, Role.VIEWER)
    viewer.is_superuser = True  # type: ignore[attr-defined]
    with context.use(acme):
        assert not viewer.is_staff
        assert not viewer.has_perm("keys.manage")
        assert not viewer.has_module_perms("keys")
        assert MemberBackend().get_all_permissions(viewer) == permissions.of_role(Role.VIEWER)


def test_an_operator_is_nobody_special_on_a_tenant_s_host(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    viewer = seen(acme, Role.VIEWER)
    with context.owner():
        Operator.objects.create(user=viewer)
    again = MemberBackend()
    with context.use(acme):
        member = memberships.require(viewer, acme, "tenant.read").user
        assert not member.is_staff
        assert not again.has_perm(member, "keys.manage")
    with context.operator():
        operator = User.objects.get(pk=viewer.pk)
        assert operator.has_perm("tenants.view_tenant")
        assert operator.has_module_perms("tenants")
        assert not again.has_perm(operator, "tenants.view_tenant")


def test_nobody_and_somebody_who_is_deactivated_have_nothing(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    owner = seen(acme, Role.OWNER)
    with context.use(acme):
        assert owner.has_perm("keys.manage")
        owner.deactivated_at = timezone.now()
        assert not owner.has_perm("keys.manage")
        assert not owner.has_module_perms("keys")
        assert not MemberBackend().has_perm(owner, "keys.manage")
        assert not AnonymousUser().has_perm("products.read")
        assert not AnonymousUser().has_module_perms("products")


def test_the_same_person_has_other_permissions_in_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    user = seen(acme, Role.OWNER)
    with context.identity():
        memberships.add(user, globex, Role.VIEWER, by="test")
    with context.use(globex):
        there = memberships.require(user, globex, "tenant.read").user
        assert (there.has_perm("keys.manage"), user.has_perm("keys.manage")) == (False, True)
