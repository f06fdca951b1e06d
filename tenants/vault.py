"""Encryption of what the database keeps and must not be able to read: keys are derived from SECRET_KEY, one per use."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

LENGTH = 32  # bytes


def cipher(purpose: str) -> MultiFernet:
    """Return what encrypts for purpose with the newest key, and decrypts with SECRET_KEY_FALLBACKS as well.

    What was encrypted for another purpose, or with a SECRET_KEY that is gone, raises cryptography's InvalidToken.
    """
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys(purpose)])


def keys(purpose: str) -> list[bytes]:
    """Return the keys of purpose, of LENGTH bytes, newest first. Source: RFC 5869, without salt."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [_derive(force_bytes(secret), purpose.encode()) for secret in secrets]


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=LENGTH, salt=None, info=purpose).derive(secret)
