"""Rules that the running application answers: its models and its settings. A rule's name is its code, `_` for `-`."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings

from tenants import checks, context, guard
from tenants.audit.findings import Finding

Violation = tuple[str, str, str]  # object, problem, repair

ROUTER = "tenants.db.router.Router"
SESSION_ENGINES = ("tenants.people.sessions", "tenants.people.operator_sessions")
CACHE_KEYS = "tenants.caching.make_key"
GLOBAL_CACHE_KEYS = "tenants.caching.make_global_key"
NO_CACHE = "django.core.cache.backends.dummy.DummyCache"
# In this order; others may stand between.
MIDDLEWARE = [
    checks.HOST_MIDDLEWARE,
    "tenants.middleware.SessionMiddleware",
    "tenants.middleware.ContextMiddleware",
]
ONLY_SHARED = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.admin",
    "tenants",
)


def find(_: Any) -> Iterator[Finding]:
    """Yield what models and settings of this process show."""
    for rule in RULES:
        for violation in rule():
            yield Finding(code(rule), *violation)


def code(rule: Any) -> str:
    return str(rule.__name__).replace("_", "-")


def model_unguarded() -> Iterator[Violation]:
    """A model of a tenant app remembers its tenant: else an instance of one tenant is saved over another's row."""
    for warning in checks.models_are_guarded(None):
        yield f"model {warning.obj._meta.label}", warning.msg, str(warning.hint)


def model_without_on_clone() -> Iterator[Violation]:
    """A shared table with a tenant's rows says what a clone and a backup do with them; None: they stay out of both."""
    for config in apps.get_app_configs():
        for model in () if guard.is_tenant_app(config) else config.get_models():
            columns = {field.column for field in model._meta.local_fields}
            if "tenant_id" in columns and not hasattr(model, "ON_CLONE"):
                yield (
                    f"model {model._meta.label}",
                    "It does not say what a clone does with a tenant's rows.",
                    'Set ON_CLONE to "copy", "skip" (in backups only) or None (in neither) in the class.',
                )


def app_not_shared() -> Iterator[Violation]:
    """Content types, permissions and people exist once: their ids are cached per process, for all tenants."""
    for config in apps.get_app_configs():
        if config.name in ONLY_SHARED and guard.is_tenant_app(config):
            yield (
                f"app {config.name}",
                "It is a tenant app, so that each schema has tables of it.",
                "Move it from TENANT_APPS to SHARED_APPS.",
            )


def database_engine() -> Iterator[Violation]:
    """Another backend enters no context, and lets every statement through."""
    for error in checks.engine_is_ours(None):
        yield "setting DATABASES", error.msg, str(error.hint)


def database_alias_unknown() -> Iterator[Violation]:
    """An alias is a login; no context leads to one that is not ours, and queries could name it with using()."""
    for alias in settings.DATABASES:
        if alias not in context.ALIAS.values():
            yield (
                f"database alias {alias}",
                "No context uses it.",
                f"Remove it from DATABASES; ours are {', '.join(sorted(set(context.ALIAS.values())))}.",
            )


def database_login_shared() -> Iterator[Violation]:
    """Two aliases of one login would be two contexts with the privileges of both."""
    aliases: dict[str, list[str]] = {}
    for alias, database in settings.DATABASES.items():
        if database.get("USER"):
            aliases.setdefault(database["USER"], []).append(alias)
    for user, names in aliases.items():
        if len(names) > 1:
            yield (
                f"login {user}",
                f"The aliases {' and '.join(names)} connect as it.",
                "Give each alias its own login: app, console, owner, backup.",
            )


def router_not_first() -> Iterator[Violation]:
    """Only our router asks the current context where a query goes; one before it would decide instead."""
    if list(settings.DATABASE_ROUTERS)[:1] != [ROUTER]:
        yield (
            "setting DATABASE_ROUTERS",
            "Our router is not the first.",
            f"Put {ROUTER!r} first in DATABASE_ROUTERS.",
        )


def cache_without_tenant() -> Iterator[Violation]:
    """A cache key holds the tenant: else one tenant is answered with what was stored for another."""
    for alias, cache in settings.CACHES.items():
        allowed = [CACHE_KEYS] if alias == "default" else [CACHE_KEYS, GLOBAL_CACHE_KEYS]
        if cache["BACKEND"] != NO_CACHE and cache.get("KEY_FUNCTION") not in allowed:
            yield (
                f"cache {alias}",
                f"Its keys are made by {cache.get('KEY_FUNCTION') or 'Django'}.",
                f"Set its KEY_FUNCTION to {CACHE_KEYS!r}.",
            )


def session_engine_unbound() -> Iterator[Violation]:
    """A session belongs to one host; Django's own engines accept it on every host."""
    if settings.SESSION_ENGINE not in SESSION_ENGINES:
        yield (
            "setting SESSION_ENGINE",
            f"{settings.SESSION_ENGINE} binds no session to a tenant.",
            f"Set it to {SESSION_ENGINES[0]!r}.",
        )


def middleware_order() -> Iterator[Violation]:
    """Host, session, context: nothing trusts the Host header before the first, or reads rows before the last."""
    if "*" not in settings.ALLOWED_HOSTS and checks.HOST_MIDDLEWARE not in settings.MIDDLEWARE:
        return  # the operators' console
    ours = [name for name in settings.MIDDLEWARE if name in MIDDLEWARE]
    if ours != MIDDLEWARE or settings.MIDDLEWARE[0] != MIDDLEWARE[0]:
        yield (
            "setting MIDDLEWARE",
            f"Ours stand in it as {', '.join(ours) or 'none'}.",
            f"Put {MIDDLEWARE[0]!r} first, then {' and '.join(map(repr, MIDDLEWARE[1:]))} in this order.",
        )


RULES = (
    model_unguarded,
    model_without_on_clone,
    app_not_shared,
    database_engine,
    database_alias_unknown,
    database_login_shared,
    router_not_first,
    cache_without_tenant,
    session_engine_unbound,
    middleware_order,
)
