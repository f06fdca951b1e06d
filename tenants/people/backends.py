"""Django's authentication backend: the password says who it is; what they may do is the membership's to say."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from tenants.models import User
from tenants.people import permissions


class Permissions:
    """What a person may do, for every backend that lets people in: the membership says it, and no flag of the person.

    `is_superuser` means nothing, and operators are nobody special on a tenant's host. A permission is one of ours
    (`products.write`), or one of Django's that ours covers (`commerce.change_product`).
    """

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        if not getattr(user_obj, "is_active", False):
            return False
        held: frozenset[str] | None = getattr(user_obj, "held", None)
        return held is not None and bool(held & permissions.named(perm))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        if not getattr(user_obj, "is_active", False):
            return False
        held: frozenset[str] | None = getattr(user_obj, "held", None)
        return held is not None and bool(held & permissions.of_app(app_label))

    def get_all_permissions(self, user_obj: Any, obj: object = None) -> set[str]:
        return set(getattr(user_obj, "held", None) or ())


class MemberBackend(Permissions, BaseBackend):
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
