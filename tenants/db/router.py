"""The one router: the alias of the current context; which app migrates where is django-tenants' split."""

from typing import Any

from django.db.models import Model
from django_tenants.routers import TenantSyncRouter

from tenants import context, guard


class Router(TenantSyncRouter):  # type: ignore[misc]
    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Return the login of the current context. Raises WrongTenant for the relation of another tenant's row."""
        if (instance := hints.get("instance")) is not None:
            guard.check_instance(instance)
        current = context.current()
        return None if current is None else current.alias

    db_for_write = db_for_read

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        """Aliases are logins to one database, so an alias says nothing about whether two rows may meet: tenants do."""
        guard.check_instance(obj1)
        guard.check_instance(obj2)
        return True
