"""The password says who it is, and an unknown address is answered like a wrong password."""

from typing import Any

import pytest
from django.contrib.auth import authenticate, hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone

from tenants import context
from tenants.models import Credential, User
from tenants.people.backends import MemberBackend
from tests import factories

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
