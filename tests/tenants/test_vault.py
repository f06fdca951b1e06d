"""What is encrypted for one use opens for that use alone, and with no other SECRET_KEY."""

import pytest
from cryptography.fernet import InvalidToken
from django.test import override_settings

from tenants import vault


def test_it_opens_for_the_same_purpose_and_shows_nothing() -> None:
    sealed = vault.cipher("one").encrypt(b"a secret")
    assert b"a secret" not in sealed
    assert vault.cipher("one").decrypt(sealed) == b"a secret"


def test_another_purpose_does_not_open_it() -> None:
    sealed = vault.cipher("one").encrypt(b"a secret")
    for purpose in ("two", "on", "one "):
        with pytest.raises(InvalidToken):
            vault.cipher(purpose).decrypt(sealed)


def test_an_older_key_opens_and_the_newest_encrypts() -> None:
    with override_settings(SECRET_KEY="the old one", SECRET_KEY_FALLBACKS=[]):
        old = vault.cipher("one").encrypt(b"a secret")
    with override_settings(SECRET_KEY="the new one", SECRET_KEY_FALLBACKS=["the old one"]):
        assert vault.cipher("one").decrypt(old) == b"a secret"
        new = vault.cipher("one").encrypt(b"a secret")
    with override_settings(SECRET_KEY="the old one", SECRET_KEY_FALLBACKS=[]), pytest.raises(InvalidToken):
        vault.cipher("one").decrypt(new)


def test_the_keys_are_of_one_use_and_of_full_length() -> None:
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        found = [*vault.keys("one"), *vault.keys("two")]
    assert len(set(found)) == 4
    assert {len(key) for key in found} == {32}
