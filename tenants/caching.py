"""Cache keys: each holds the tenant's id and epoch; what is global has an alias of its own and must say so."""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends import redis
from django.utils.connection import ConnectionProxy

from tenants import context, exceptions, signing

SHARED = "global"
# For what no tenant owns, and for what is read before a tenant's context opens: its users put the tenant into the key.
shared: Any = ConnectionProxy(caches, SHARED)


def make_key(key: Any, key_prefix: str, version: Any) -> str:
    """Return the key of the current tenant (KEY_FUNCTION of the alias `default`). Raises NoTenant.

    The tenant stands first and has a fixed length, so no choice of key, version or prefix reaches another's.
    """
    return f"t_{signing.scope()}:{key_prefix}:{version}:{key}"


def make_global_key(key: Any, key_prefix: str, version: Any) -> str:
    """Return a key that all tenants share (KEY_FUNCTION of the alias `global`)."""
    return f"{SHARED}:{key_prefix}:{version}:{key}"


class RedisCache(redis.RedisCache):
    """Django's Redis cache, whose `clear()` no tenant may call: it empties the database that all of them share."""

    def clear(self) -> None:
        """Empty the cache of everybody. Raises ClearRefused in a tenant's context."""
        current = context.current()
        if current is not None and current.tenant_id is not None:
            raise exceptions.ClearRefused()
        super().clear()

    def validate_key(self, key: str) -> None:
        """Redis takes any bytes; Django's warnings are about memcached."""
