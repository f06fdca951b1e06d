"""Keys of seals: one for each secret, told apart by an id that gives nothing away."""

from typing import Any

from tenants.record import keys


def test_each_secret_has_its_own_key_and_the_fallbacks_are_known(settings: Any) -> None:
    first = keys.current()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-of-more-than-thirty-two-characters"
    second = keys.current()
    assert first[0] != second[0]
    assert first[1] != second[1]
    assert keys.known() == dict([first, second])


def test_neither_id_nor_key_holds_the_secret(settings: Any) -> None:
    key_id, key = keys.current()
    assert len(key_id) == 16
    assert key_id not in key.hex()
    assert settings.SECRET_KEY.encode() not in key
