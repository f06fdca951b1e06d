"""System checks that refuse to start a process which could not keep tenants apart."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connections

from tenants import exceptions, guard
from tenants.db import powers

HOST_MIDDLEWARE = "tenants.middleware.HostMiddleware"
ENGINE = "tenants.db"


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
    """tenants.E003: row-level security does not hold for superusers and for BYPASSRLS; each connection asks, too."""
    return [
        Error(
            refusal, hint="Connect as app, console, owner or backup; see deploy/roles.sql.", id="tenants.E003"
        )
        for alias in databases or ()
        if connections[alias].settings_dict.get("ENGINE") == ENGINE and (refusal := _refusal(alias))
    ]


def refuse_to_serve() -> None:
    """Raise SystemCheckError when this process could not keep tenants apart: for what serves without any command.

    Django runs checks for commands, and those of databases for `migrate` alone: a web server and a worker call this
    when they start. A database that cannot be reached is asked by the first connection instead.
    """
    with ThreadPoolExecutor(1) as thread:  # An ASGI server loads its application inside the event loop.
        errors = thread.submit(_errors_at_start).result()
    if errors:
        raise SystemCheckError("\n".join(f"{error.id}: {error.msg} {error.hint}" for error in errors))


def _errors_at_start() -> list[CheckMessage]:
    aliases = [alias for alias, database in settings.DATABASES.items() if database.get("ENGINE") == ENGINE]
    errors = [*host_middleware_is_first(None), *engine_is_ours(None)]
    try:
        for alias in aliases:
            with suppress(OperationalError):
                errors += logins_obey_policies(None, databases=[alias])
        return errors
    finally:
        connections.close_all()  # of this thread, and before a server forks


def _refusal(alias: str) -> str:
    """Return why the alias's login may not serve; empty when it may. A connection that is open is asked again."""
    connection = connections[alias]
    try:
        connection.ensure_connection()
        powers.refuse(connection.connection.pgconn, alias)
    except exceptions.UnsafeLogin as error:
        return str(error)
    return ""
