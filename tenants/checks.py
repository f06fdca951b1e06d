"""System checks that refuse to start a process which could not keep tenants apart."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

from tenants import guard

HOST_MIDDLEWARE = "tenants.middleware.HostMiddleware"
ENGINE = "tenants.db"
BYPASSES = b"SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user"


@register(Tags.security)
def host_middleware_is_first(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E001: any Host header is accepted only because our middleware looks at it first."""
    if "*" in settings.ALLOWED_HOSTS and settings.MIDDLEWARE[:1] != [HOST_MIDDLEWARE]:
        return [
            Error(
                "ALLOWED_HOSTS accepts every host, and the middleware that refuses unknown hosts is not the first.",
                hint=f"Put {HOST_MIDDLEWARE!r} first in MIDDLEWARE.",
                id="tenants.E001",
            )
        ]
    return []


@register(Tags.models)
def models_are_guarded(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.W001: an unguarded instance of one tenant could be saved in another."""
    return [
        Caution(
            f"{model._meta.label} does not remember its tenant.",
            hint="A model that is made after the process has started needs `tenants.guard.guard(model)`.",
            obj=model,
            id="tenants.W001",
        )
        for config in app_configs or apps.get_app_configs()
        if guard.is_tenant_app(config)
        for model in config.get_models(include_auto_created=True)
        if not guard.is_guarded(model)
    ]


@register(Tags.database)
def engine_is_ours(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E002: another backend would not enter contexts."""
    return [
        Error(
            f"The database alias {alias!r} uses the engine {database['ENGINE']!r}.",
            hint=f"Set its ENGINE to {ENGINE!r}: only that backend enters contexts.",
            id="tenants.E002",
        )
        for alias, database in settings.DATABASES.items()
        if database and database["ENGINE"] not in (ENGINE, "django.db.backends.dummy")
    ]


@register(Tags.database)
def logins_obey_policies(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """tenants.E003: row-level security does not hold for superusers and for BYPASSRLS."""
    return [
        Error(
            f"The login of the database alias {alias!r} can bypass row-level security.",
            hint="Connect as app, console, owner or backup; see deploy/roles.sql.",
            id="tenants.E003",
        )
        for alias in databases or ()
        if connections[alias].settings_dict.get("ENGINE") == ENGINE and _may_bypass(alias)
    ]


def _may_bypass(alias: str) -> bool:
    connection = connections[alias]
    connection.ensure_connection()
    # Below our guard, which lets no statement through outside a context.
    answer: bytes | None = connection.connection.pgconn.exec_(BYPASSES).get_value(0, 0)
    return answer != b"f"
