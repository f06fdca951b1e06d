"""System checks refuse to start a process which could not keep tenants apart."""

from typing import Any

import pytest
from django.apps import apps
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
