"""The settings of each kind of process, read as the process would: in an interpreter of its own."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

SECRET = "a-secret-of-more-than-32-characters-0123456789"
PRODUCTION = {"LEASEHOLD_ENV": "production", "SECRET_KEY": SECRET, "REDIS_URL": "redis://localhost/1"}
SHOW = """
import json
from saas import settings as s
print(json.dumps([s.ROOT_URLCONF, sorted(a for a, d in s.DATABASES.items() if d), s.MIDDLEWARE[0], s.CELERY_BROKER_URL]))
"""


def read(*, show: str = SHOW, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "LEASEHOLD_ENV_FILE": "none", **variables}
    command = [sys.executable, "-c", show]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DEBUG": "true"}, "DEBUG is on in production"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"LEASEHOLD_ENV": "prod"}, "LEASEHOLD_ENV is 'prod'"),
        ({"LEASEHOLD_CONSOLE_MFA": "false"}, "LEASEHOLD_CONSOLE_MFA is off in production"),
        ({"LEASEHOLD_SITE": "both"}, "LEASEHOLD_SITE is 'both'"),
        ({"LEASEHOLD_STRICT_KEY": "short"}, "LEASEHOLD_STRICT_KEY"),
        ({"LEASEHOLD_STRICT_CONNECTIONS": "0"}, "LEASEHOLD_STRICT_CONNECTIONS"),
        ({"LEASEHOLD_POOL_SIZE": "-1"}, "LEASEHOLD_POOL_SIZE"),
        ({"LEASEHOLD_STATEMENT_TIMEOUT_MS": "soon"}, "LEASEHOLD_STATEMENT_TIMEOUT_MS"),
        ({"LEASEHOLD_MANAGED_POSTGRES": "perhaps"}, "LEASEHOLD_MANAGED_POSTGRES"),
        ({"LEASEHOLD_EMAIL_URL": "file:///tmp/mail"}, "LEASEHOLD_EMAIL_URL"),
        ({"LEASEHOLD_EMAIL_FROM": "nobody"}, "LEASEHOLD_EMAIL_FROM"),
        ({"DATABASE_URL": "mysql://app@localhost/x"}, "DATABASE_URL"),
    ],
)
def test_production_refuses_to_start_and_names_the_variable(change: dict[str, str], reason: str) -> None:
    done = read(**{**PRODUCTION, **change})
    assert done.returncode != 0
    assert reason in done.stderr.splitlines()[-1]


def test_production_is_what_a_process_is_without_being_told() -> None:
    done = read(SECRET_KEY=SECRET)
    assert done.returncode != 0
    assert "Production needs Valkey" in done.stderr.splitlines()[-1]


def test_a_tenant_facing_process_holds_the_login_app_alone() -> None:
    done = read(**PRODUCTION, DATABASE_URL="postgresql://app@localhost/x")
    urls, logins, first, _ = json.loads(done.stdout)
    assert (urls, logins) == ("saas.urls_tenant", ["default"])
    assert first == "tenants.middleware.HostMiddleware"


def test_a_pool_is_of_the_login_app_and_no_thread_keeps_a_connection_then() -> None:
    urls = {
        "DATABASE_URL": "postgresql://app@localhost/x",
        "DATABASE_URL_OWNER": "postgresql://owner@localhost/x",
    }
    show = "print([(d['CONN_MAX_AGE'], d['OPTIONS'].get('pool', {}).get('max_size')) for d in s.DATABASES.values()])"
    done = read(**PRODUCTION, **urls, LEASEHOLD_POOL_SIZE="7", show=f"from saas import settings as s; {show}")
    assert done.stdout.strip() == "[(0, 7), (60, None)]"


def test_the_console_holds_its_own_login_alone() -> None:
    done = read(
        **PRODUCTION, LEASEHOLD_SITE="console", DATABASE_URL_CONSOLE="postgresql://console@localhost/x"
    )
    urls, logins, _, _ = json.loads(done.stdout)
    assert (urls, logins) == ("saas.urls_console", ["console"])


def test_the_broker_is_the_cache_s_server_when_none_is_named() -> None:
    done = read(**{**PRODUCTION, "REDIS_URL": "unix:///run/valkey.sock?db=1"})
    assert json.loads(done.stdout)[3] == "redis+socket:///run/valkey.sock?virtual_host=1"


COOKIES = """
import json
from saas import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE]))
"""


@pytest.mark.parametrize(
    ("site", "names"),
    [("tenants", ["session", "tenants_csrf"]), ("console", ["console_session", "console_csrf"])],
)
def test_cookies_of_production_belong_to_one_host(site: str, names: list[str]) -> None:
    production = json.loads(read(show=COOKIES, **PRODUCTION, LEASEHOLD_SITE=site).stdout)
    assert production == [*(f"__Host-{name}" for name in names), True, True]
    # A browser takes no such cookie over the plain http of the demo.
    demo = json.loads(read(show=COOKIES, LEASEHOLD_ENV="development", LEASEHOLD_SITE=site).stdout)
    assert demo == [*names, False, False]
