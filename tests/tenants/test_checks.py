"""System checks refuse to start a process which could not keep tenants apart."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import SystemCheckError
from django.db import connections, models

from tenants import checks, guard
from tests import databases


def ids(messages: list[Any]) -> list[str | None]:
    return [message.id for message in messages]


def test_this_project_passes(db: None) -> None:
    assert [
        message for message in run_checks(databases=["default"]) if (message.id or "").startswith("tenants.")
    ] == []


def test_any_host_without_our_middleware_in_front_is_an_error(settings: Any) -> None:
    settings.MIDDLEWARE = [settings.MIDDLEWARE[1], settings.MIDDLEWARE[0], *settings.MIDDLEWARE[2:]]
    (error,) = checks.host_middleware_is_first(None)
    assert error.id == "tenants.E001"
    assert error.hint is not None
    assert "HostMiddleware" in error.hint


def test_no_middleware_at_all_is_the_same_error(settings: Any) -> None:
    settings.MIDDLEWARE = []
    assert ids(checks.host_middleware_is_first(None)) == ["tenants.E001"]


def test_a_process_that_lists_its_hosts_may_do_without(settings: Any) -> None:
    settings.MIDDLEWARE, settings.ALLOWED_HOSTS = [], ["console.example"]
    assert checks.host_middleware_is_first(None) == []


def test_another_backend_is_an_error_for_each_alias(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for alias in ("default", "console"):
        monkeypatch.setitem(settings.DATABASES[alias], "ENGINE", "django.db.backends.postgresql")
    found = checks.engine_is_ours(None)
    assert ids(found) == ["tenants.E002", "tenants.E002"]
    assert ["'default'" in found[0].msg, "'console'" in found[1].msg] == [True, True]


@pytest.mark.parametrize("alias", ["default", "console", "owner", "backup"])
def test_our_logins_obey_policies(module_db: str, alias: str) -> None:
    assert checks.logins_obey_policies(None, databases=[alias]) == []


def test_a_superuser_is_an_error(module_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "USER", "postgres")
    try:
        assert ids(checks.logins_obey_policies(None, databases=["default"])) == ["tenants.E003"]
    finally:
        connections["default"].close()


def test_a_login_that_bypasses_policies_is_an_error(module_db: str) -> None:
    databases.run_as_admin("ALTER ROLE app BYPASSRLS")
    try:
        connections["default"].close()
        assert ids(checks.logins_obey_policies(None, databases=["default"])) == ["tenants.E003"]
    finally:
        databases.run_as_admin("ALTER ROLE app NOBYPASSRLS")


def test_without_a_database_asked_for_nothing_is_connected() -> None:
    assert checks.logins_obey_policies(None, databases=None) == []


def test_a_process_that_passes_may_serve_and_keeps_no_connection(module_db: str) -> None:
    connections.close_all()
    checks.refuse_to_serve()
    assert connections["default"].connection is None


def test_a_process_may_not_serve_every_host_without_our_middleware(module_db: str, settings: Any) -> None:
    settings.MIDDLEWARE = []
    with pytest.raises(SystemCheckError, match=r"tenants\.E001: ALLOWED_HOSTS accepts every host"):
        checks.refuse_to_serve()


def test_a_process_may_not_serve_with_a_superuser(module_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for alias in ("default", "console"):
        monkeypatch.setitem(connections[alias].settings_dict, "USER", "postgres")
    with pytest.raises(SystemCheckError, match=r"(?s)'default' is a superuser.*'console' is a superuser"):
        checks.refuse_to_serve()


def test_a_model_of_a_tenant_app_that_is_not_guarded_is_a_warning() -> None:
    registered = apps.all_models["commerce"]
    try:

        class Late(models.Model):
            class Meta:
                app_label = "commerce"

        (warning,) = checks.models_are_guarded(None)
        assert (warning.id, warning.obj) == ("tenants.W001", Late)
        guard.guard(Late)
        assert checks.models_are_guarded(None) == []
    finally:
        registered.pop("late", None)
        apps.clear_cache()


def with_cache(**change: Any) -> dict[str, Any]:
    return {**settings.CACHES, **change}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"default": {"KEY_FUNCTION": None}}, "'default'"),
        ({"default": {"KEY_FUNCTION": "tenants.caching.make_global_key"}}, "'default'"),
        ({"global": {}}, "'global'"),
        ({"global": {"KEY_FUNCTION": "tenants.caching.make_key"}}, "'global'"),
        ({"more": {"BACKEND": "x"}}, "'more'"),
    ],
)
def test_a_cache_whose_keys_do_not_say_whose_they_are_is_an_error(
    override_settings: Any, change: dict[str, Any], wrong: str
) -> None:
    override_settings(CACHES=with_cache(**change))
    (error,) = checks.cache_keys_hold_the_tenant(None)
    assert (error.id, wrong in error.msg) == ("tenants.E010", True)


def test_a_project_s_further_cache_is_either_one_s_own_or_global(override_settings: Any) -> None:
    for function in checks.KEY_FUNCTIONS:
        override_settings(CACHES=with_cache(more={"KEY_FUNCTION": function}))
        assert checks.cache_keys_hold_the_tenant(None) == []


def test_no_alias_for_what_is_global_is_an_error(override_settings: Any) -> None:
    override_settings(CACHES={"default": settings.CACHES["default"]})
    assert ids(checks.cache_keys_hold_the_tenant(None)) == ["tenants.E010"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_COOKIE_DOMAIN", ".example.com"),
        ("CSRF_COOKIE_DOMAIN", "example.com"),
        ("SESSION_COOKIE_NAME", "__Host-session"),  # over http, as tests are
        ("CSRF_COOKIE_NAME", "__Host-csrf"),
    ],
)
def test_a_cookie_that_other_hosts_see_or_plant_is_an_error(
    override_settings: Any, name: str, value: str
) -> None:
    override_settings(**{name: value})
    assert ids(checks.cookies_belong_to_one_host(None)) == ["tenants.E011"]


def test_a_cookie_for_its_own_host_needs_https_and_the_whole_path(override_settings: Any) -> None:
    override_settings(SESSION_COOKIE_NAME="__Host-session", SESSION_COOKIE_SECURE=True)
    assert checks.cookies_belong_to_one_host(None) == []
    override_settings(SESSION_COOKIE_PATH="/app")
    assert ids(checks.cookies_belong_to_one_host(None)) == ["tenants.E011"]


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        ("https://*.example.com", ["tenants.E012"]),
        ("https://*", ["tenants.E012"]),
        ("http://acme.localhost", ["tenants.E012"]),
        ("http://localhost:8000", ["tenants.E012"]),
        ("https://payments.example.com", []),
        ("https://notlocalhost", []),
    ],
)
def test_a_tenant_s_page_is_no_trusted_origin(override_settings: Any, origin: str, found: list[str]) -> None:
    override_settings(CSRF_TRUSTED_ORIGINS=[origin])
    assert ids(checks.no_tenant_is_a_trusted_origin(None)) == found


def test_believing_a_proxy_s_host_is_an_error(override_settings: Any) -> None:
    override_settings(USE_X_FORWARDED_HOST=True)
    assert ids(checks.no_proxy_names_the_host(None)) == ["tenants.E013"]


def test_a_signer_that_knows_no_tenant_is_an_error(override_settings: Any) -> None:
    override_settings(SIGNING_BACKEND="django.core.signing.TimestampSigner")
    assert ids(checks.signatures_hold_the_tenant(None)) == ["tenants.E014"]
    override_settings(MIDDLEWARE=[])
    assert checks.signatures_hold_the_tenant(None) == [], "the console has no tenant"


def test_a_storage_that_knows_no_tenant_is_an_error(override_settings: Any) -> None:
    plain = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    override_settings(STORAGES={**settings.STORAGES, "default": plain})
    assert ids(checks.files_hold_the_tenant(None)) == ["tenants.E015"]


@pytest.fixture
def override_settings(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return what changes settings for this test, without what listens to a change: only checks read them here."""
    before: dict[str, Any] = {}

    def change(**values: Any) -> None:
        for name, value in values.items():
            before.setdefault(name, getattr(settings, name))
            setattr(settings, name, value)

    yield change
    for name, value in before.items():
        setattr(settings, name, value)
