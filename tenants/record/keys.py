"""The keys of seals, derived from SECRET_KEY: whoever has the database alone can make no seal that verifies."""

import hashlib
import hmac

from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"tenants.record.seal"
ID_LENGTH = 16


def current() -> tuple[str, bytes]:
    """Return the id and the key that seal now."""
    return _derive(settings.SECRET_KEY)


def known() -> dict[str, bytes]:
    """Return every key by its id: also those of SECRET_KEY_FALLBACKS, which must stay as long as seals name them."""
    return dict(_derive(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def _derive(secret: str | bytes) -> tuple[str, bytes]:
    key = hmac.new(force_bytes(secret), PURPOSE, hashlib.sha256).digest()
    return hashlib.sha256(key).hexdigest()[:ID_LENGTH], key
