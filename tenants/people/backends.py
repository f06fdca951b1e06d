"""Django's authentication backend: the password says who it is; what they may do is the membership's to say."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from tenants.models import User


class MemberBackend(BaseBackend):
    """Authenticates by e-mail address and password. Takes as long for an unknown address as for a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or not password:
            return None
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            User().check_password(password)  # the query and the hash that somebody who exists costs
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id, deactivated_at__isnull=True).first()
