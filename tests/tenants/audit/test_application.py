"""tenants.audit.application: this project breaks no rule, and each rule finds what is planted for it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from saas.commerce.models import Product
from tenants.audit import allowed, application
from tenants.models import Membership

PLANTED: dict[Callable[..., Any], list[tuple[str, Any, str]]] = {
    application.database_engine: [
        ("DATABASES", {"default": {"ENGINE": "django.db.backends.postgresql"}}, "setting DATABASES")
    ],
    application.database_alias_unknown: [
        ("DATABASES", {"default": {}, "reporting": {}}, "database alias reporting")
    ],
    application.database_login_shared: [
        ("DATABASES", {"default": {"USER": "owner"}, "owner": {"USER": "owner"}}, "login owner")
    ],
    application.router_not_first: [
        ("DATABASE_ROUTERS", [], "setting DATABASE_ROUTERS"),
        ("DATABASE_ROUTERS", ["reports.Router", application.ROUTER], "setting DATABASE_ROUTERS"),
    ],
    application.cache_without_tenant: [
        ("CACHES", {"default": {"BACKEND": "x.Cache"}}, "cache default"),
        ("CACHES", {"default": {"BACKEND": "x.Cache", "KEY_FUNCTION": "x.key"}}, "cache default"),
        (
            "CACHES",
            {"default": {"BACKEND": "x.Cache", "KEY_FUNCTION": application.GLOBAL_CACHE_KEYS}},
            "cache default",
        ),
    ],
    application.session_engine_unbound: [
        ("SESSION_ENGINE", f"django.contrib.sessions.backends.{name}", "setting SESSION_ENGINE")
        for name in ("db", "cache", "cached_db", "file", "signed_cookies")
    ],
    application.middleware_order: [
        ("MIDDLEWARE", [], "setting MIDDLEWARE"),
        ("MIDDLEWARE", ["x.First", *application.MIDDLEWARE], "setting MIDDLEWARE"),
        ("MIDDLEWARE", application.MIDDLEWARE[:2], "setting MIDDLEWARE"),
        (
            "MIDDLEWARE",
            [application.MIDDLEWARE[0], application.MIDDLEWARE[2], application.MIDDLEWARE[1]],
            "setting MIDDLEWARE",
        ),
    ],
    application.app_not_shared: [
        ("TENANT_APPS", ["saas.commerce", "django.contrib.contenttypes"], "app django.contrib.contenttypes")
    ],
}
CASES = [(rule, *case) for rule, cases in PLANTED.items() for case in cases]


def objects(rule: Callable[..., Any]) -> list[str]:
    """Return what a rule of this project's finds, without what an app declares."""
    known = allowed.declared()
    return [name for name, _, _ in rule() if (application.code(rule), name) not in known]


@pytest.mark.parametrize("rule", application.RULES, ids=application.code)
def test_this_project_breaks_no_rule(rule: Callable[..., Any]) -> None:
    assert objects(rule) == []
    assert rule.__doc__


@pytest.mark.parametrize(("rule", "setting", "value", "found"), CASES)
def test_a_setting_that_breaks_a_rule_is_found(
    monkeypatch: pytest.MonkeyPatch, rule: Callable[..., Any], setting: str, value: Any, found: str
) -> None:
    monkeypatch.setattr(f"django.conf.settings.{setting}", value)
    (violation,) = rule()
    assert violation[0] == found
    assert all(violation)


def test_a_model_that_is_not_guarded_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.guard.is_guarded", lambda model: model is not Product)
    assert objects(application.model_unguarded) == ["model commerce.Product"]


def test_a_shared_model_that_does_not_say_what_a_clone_does_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Membership, "ON_CLONE")
    assert objects(application.model_without_on_clone) == ["model tenants.Membership"]


def test_every_rule_has_a_planted_violation() -> None:
    by_model = {application.model_unguarded, application.model_without_on_clone}
    assert {*PLANTED, *by_model} == set(application.RULES)


def test_the_console_which_lists_its_hosts_needs_no_middleware_of_tenants(settings: Any) -> None:
    settings.MIDDLEWARE, settings.ALLOWED_HOSTS = settings.CONSOLE_MIDDLEWARE, ["console.example"]
    assert objects(application.middleware_order) == []


@pytest.mark.parametrize(
    ("alias", "cache"),
    [
        ("default", {"BACKEND": "x.Cache", "KEY_FUNCTION": application.CACHE_KEYS}),
        ("global", {"BACKEND": "x.Cache", "KEY_FUNCTION": application.GLOBAL_CACHE_KEYS}),
        ("default", {"BACKEND": application.NO_CACHE}),
    ],
)
def test_a_cache_whose_keys_say_whose_they_are_is_none(
    settings: Any, alias: str, cache: dict[str, str]
) -> None:
    settings.CACHES = {alias: cache}
    assert list(application.cache_without_tenant()) == []


def test_a_finding_carries_the_code_of_its_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.DATABASE_ROUTERS", [])
    (finding,) = (one for one in application.find(None) if one.object == "setting DATABASE_ROUTERS")
    assert finding.rule == "router-not-first"
    assert application.ROUTER in finding.repair


def test_the_names_of_the_rules_fit_apps_that_are_installed() -> None:
    assert {apps.get_app_config("contenttypes").name, apps.get_app_config("auth").name} <= set(
        application.ONLY_SHARED
    )
