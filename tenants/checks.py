"""System checks that refuse to start a process which could not keep tenants apart."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connections
from django.utils.module_loading import import_string

from tenants import exceptions, guard
from tenants.db import powers

HOST_MIDDLEWARE = "tenants.middleware.HostMiddleware"
ENGINE = "tenants.db"
KEY_FUNCTIONS = ("tenants.caching.make_key", "tenants.caching.make_global_key")
SHARED = "global"
# By name: a web process imports this module before Django has its models.
STORAGE = "tenants.files.TenantStorage"
SIGNING_BACKEND = "tenants.signing.TimestampSigner"


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


@register(Tags.security)
def cache_keys_hold_the_tenant(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E010: Django's own keys are the same in every tenant; what is global says so by its alias."""
    wrong = [
        alias
        for alias in sorted({"default", SHARED, *settings.CACHES})
        if settings.CACHES.get(alias, {}).get("KEY_FUNCTION") not in _key_functions(alias)
    ]
    return [
        Error(
            f"The cache alias {alias!r} does not put the tenant into its keys, and does not say that it is global.",
            hint=f"Set its KEY_FUNCTION to {KEY_FUNCTIONS[alias == SHARED]!r}.",
            id="tenants.E010",
        )
        for alias in wrong
    ]


@register(Tags.security)
def cookies_belong_to_one_host(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E011: a cookie of a whole domain is sent to every tenant below it, and can be planted by each."""
    domains = [
        Error(
            f"{name} is set: the cookie would go to every host below that domain.",
            hint=f"Remove {name}, so that the cookie belongs to the host that set it.",
            id="tenants.E011",
        )
        for name in ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN")
        if getattr(settings, name)
    ]
    prefixed = [
        Error(
            f"{kind}_COOKIE_NAME begins with __Host-, and a browser refuses such a cookie as it is set here.",
            hint=f"Set {kind}_COOKIE_SECURE = True and {kind}_COOKIE_PATH = '/'.",
            id="tenants.E011",
        )
        for kind in ("SESSION", "CSRF")
        if _setting(kind, "NAME").startswith("__Host-")
        and not (_setting(kind, "SECURE") is True and _setting(kind, "PATH") == "/")
    ]
    return [*domains, *prefixed]


@register(Tags.security)
def no_tenant_is_a_trusted_origin(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E012: a trusted origin may send forms to every host of the site, so it must not be a tenant's."""
    apex = getattr(settings, "LEASEHOLD_APEX_HOST", None)
    return [
        Error(
            f"CSRF_TRUSTED_ORIGINS holds {origin!r}: a page of one tenant could act in another.",
            hint="Remove it. A tenant's own host needs no entry; name other sites one by one, without a wildcard.",
            id="tenants.E012",
        )
        for origin in settings.CSRF_TRUSTED_ORIGINS
        if "*" in origin or (apex and f".{urlsplit(origin).hostname or ''}".endswith(f".{apex}"))
    ]


@register(Tags.security)
def no_proxy_names_the_host(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E013: Django would build links from a header that any client can send."""
    if not settings.USE_X_FORWARDED_HOST:
        return []
    return [
        Error(
            "USE_X_FORWARDED_HOST is on: X-Forwarded-Host would name another tenant than the one that answers.",
            hint="Turn it off, and have the proxy pass the Host header on as it is.",
            id="tenants.E013",
        )
    ]


@register(Tags.security)
def signatures_hold_the_tenant(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E014: a signed cookie of one tenant would be good in all of them."""
    if HOST_MIDDLEWARE not in settings.MIDDLEWARE or settings.SIGNING_BACKEND == SIGNING_BACKEND:
        return []
    return [
        Error(
            f"SIGNING_BACKEND is {settings.SIGNING_BACKEND!r}: what it signs in one tenant is good in every other.",
            hint=f"Set it to {SIGNING_BACKEND!r}.",
            id="tenants.E014",
        )
    ]


@register(Tags.security)
def files_hold_the_tenant(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """tenants.E015: tenants that upload the same name would meet in one file."""
    backend = cast(dict[str, Any], settings.STORAGES["default"])["BACKEND"]
    if HOST_MIDDLEWARE not in settings.MIDDLEWARE or issubclass(
        import_string(backend), import_string(STORAGE)
    ):
        return []
    return [
        Error(
            f"The default file storage is {backend!r}: its paths are the same in every tenant.",
            hint=f"Set STORAGES['default'] to {STORAGE!r}, with the other storage as its `backend`.",
            id="tenants.E015",
        )
    ]


def _key_functions(alias: str) -> tuple[str, ...]:
    """Return what an alias may have: a project's further aliases may be either."""
    return {"default": KEY_FUNCTIONS[:1], SHARED: KEY_FUNCTIONS[1:]}.get(alias, KEY_FUNCTIONS)


def _setting(kind: str, name: str) -> Any:
    return getattr(settings, f"{kind}_COOKIE_{name}")
