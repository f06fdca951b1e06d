"""Tokens that prove a person may set a new password: of one tenant and epoch, for one use and a limited time."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from tenants import signing
from tenants.models import User


class TokenGenerator(PasswordResetTokenGenerator):
    """Django's, for one tenant. A new password changes the person's `session_epoch` and so ends all their tokens."""

    key_salt = "tenants.people.tokens"

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{self.scope}:{user.pk}:{user.session_epoch}:{timestamp}:{user.email}"


def make(user: User, tenant: signing.HasEpoch | None = None) -> str:
    """Return a token with which user may set a new password in this tenant, for PASSWORD_RESET_TIMEOUT seconds.

    tenant is needed in `context.identity()`. Raises NoTenant, WrongTenant.
    """
    return TokenGenerator(signing.scope(tenant)).make_token(user)


def check(user: User, token: str, tenant: signing.HasEpoch | None = None) -> bool:
    """Whether token was made for user in this tenant and epoch, is young enough, and the password is still the same."""
    return TokenGenerator(signing.scope(tenant)).check_token(user, token)
