"""The keys of seals, derived from SECRET_KEY: whoever has the database alone can make no seal that verifies."""

import hashlib

from tenants import vault

PURPOSE = "tenants.record.seal"
ID_LENGTH = 16


def current() -> tuple[str, bytes]:
    """Return the id and the key that seal now."""
    return _named(vault.keys(PURPOSE)[0])


def known() -> dict[str, bytes]:
    """Return every key by its id: also those of SECRET_KEY_FALLBACKS, which must stay as long as seals name them."""
    return dict(map(_named, vault.keys(PURPOSE)))


def _named(key: bytes) -> tuple[str, bytes]:
    return hashlib.sha256(key).hexdigest()[:ID_LENGTH], key
