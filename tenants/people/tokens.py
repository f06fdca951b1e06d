"""Tokens that prove a person may set a new password: of one tenant and epoch, for one use and a limited time."""

from typing import Any

from allauth.core import context as allauth_context
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from tenants import signing
from tenants.models import User
from tenants.people import memberships


class TokenGenerator(PasswordResetTokenGenerator):
    """Django's, for one tenant. A new password changes the person's `session_epoch` and so ends all their tokens."""

    key_salt = "tenants.people.tokens"

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{self.scope}:{user.pk}:{user.session_epoch}:{timestamp}:{user.email}"


class HostTokenGenerator(TokenGenerator):
    """Of the tenant whose host the current request asks: what allauth makes and checks tokens with.

    allauth makes one when its forms are imported and keeps it, so whose it is, is asked at each use.
    """

    def __init__(self) -> None:
        super().__init__("")

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        tenant = allauth_context.request.tenant
        return TokenGenerator(signing.scope(tenant))._make_hash_value(user, timestamp)

    def check_token(self, user: Any, token: str | None) -> bool:
        """Refuse who is no member any more, too."""
        tenant = allauth_context.request.tenant
        return super().check_token(user, token) and memberships.by_user(user.pk, tenant) is not None


def make(user: User, tenant: signing.HasEpoch | None = None) -> str:
    """Return a token with which user may set a new password in this tenant, for PASSWORD_RESET_TIMEOUT seconds.

    tenant is needed in `context.identity()`. Raises NoTenant, WrongTenant.
    """
    return TokenGenerator(signing.scope(tenant)).make_token(user)


def check(user: User, token: str, tenant: signing.HasEpoch | None = None) -> bool:
    """Whether token was made for user in this tenant and epoch, is young enough, and the password is still the same."""
    return TokenGenerator(signing.scope(tenant)).check_token(user, token)
