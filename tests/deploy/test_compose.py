"""deploy/compose.yaml: each process is given the logins that DESIGN 4 lets it hold, and no other."""

from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
LOGINS = {
    "web": {"DATABASE_URL"},
    "console": {"DATABASE_URL_CONSOLE"},
    "worker": {"DATABASE_URL", "DATABASE_URL_BACKUP"},
    "ddl-worker": {"DATABASE_URL_OWNER", "DATABASE_URL_CONSOLE"},
    "beat": set(),
    "migrate": {"DATABASE_URL_OWNER"},
}
USERS = {
    "DATABASE_URL": "app",
    "DATABASE_URL_CONSOLE": "console",
    "DATABASE_URL_OWNER": "owner",
    "DATABASE_URL_BACKUP": "backup",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services: dict[str, Any] = loaded["services"]
    return services


def ours(services: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {name: service["environment"] for name, service in services.items() if "build" in service}


def test_each_process_holds_the_logins_that_it_may(services: dict[str, Any]) -> None:
    found = {name: set(environment) & set(USERS) for name, environment in ours(services).items()}
    assert found == LOGINS


def test_each_variable_names_its_own_login(services: dict[str, Any]) -> None:
    for environment in ours(services).values():
        for variable in set(environment) & set(USERS):
            user = USERS[variable]
            assert environment[variable].startswith(
                f"postgresql://{user}:${{{user.upper()}_PASSWORD:?}}@postgres:"
            )


def test_whoever_enters_tenants_can_enter_strict_ones_and_sees_their_files(services: dict[str, Any]) -> None:
    entering = {name for name, environment in ours(services).items() if "DATABASE_URL" in environment}
    holding = {name for name, environment in ours(services).items() if "LEASEHOLD_STRICT_KEY" in environment}
    volume = "files:/var/lib/leasehold/files"
    sharing = {name for name, service in services.items() if volume in service.get("volumes", [])}
    assert holding == sharing == entering
    assert f"LEASEHOLD_FILES_DIR={volume.split(':')[1]}\n" in (DEPLOY / "Dockerfile").read_text(
        encoding="utf-8"
    )


def test_only_the_roles_service_knows_the_administrator(services: dict[str, Any]) -> None:
    knows = {
        name
        for name, service in services.items()
        if "${POSTGRES_PASSWORD:?}" in str(service.get("environment"))
    }
    assert knows == {"postgres", "roles"}


def test_no_process_of_ours_runs_in_development(services: dict[str, Any]) -> None:
    assert {environment["LEASEHOLD_ENV"] for environment in ours(services).values()} == {"production"}


def test_who_speaks_to_other_hosts_reaches_them(services: dict[str, Any]) -> None:
    """Web: identity providers and DNS; worker: the mail server; ddl-worker: DNS, for proven e-mail domains."""
    outside = {name for name, service in services.items() if "outside" in service["networks"]}
    assert outside == {"web", "console", "worker", "ddl-worker"}
    assert "LEASEHOLD_EMAIL_URL" in services["worker"]["environment"]


def test_the_proxy_in_front_is_counted(services: dict[str, Any]) -> None:
    assert {environment["LEASEHOLD_TRUSTED_PROXIES"] for environment in ours(services).values()} == {"1"}
