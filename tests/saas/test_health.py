"""Health checks, on a tenant-facing process and its apex host."""

from unittest.mock import patch

import psycopg
import pytest
from django.core.cache.backends.redis import RedisCache
from django.db import connections
from django.test import Client
from redis.exceptions import ConnectionError as CacheAway

from saas import health
from tests import databases


def test_a_living_process_answers_without_touching_anything() -> None:
    """No fixture opens the database: pytest-django would refuse a query."""
    answer = Client(headers={"host": "10.0.0.7"}).get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_a_ready_process_reaches_its_databases_and_the_cache(fresh_db: str) -> None:
    answer = Client(headers={"host": "10.0.0.7"}).get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "away": []})
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_database_that_is_away_is_named(fresh_db: str) -> None:
    with databases.pointing_at("there_is_no_such_database"):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert sorted(answer.json()["away"]) == ["backup", "console", "default", "owner"]


def test_a_connection_that_the_server_has_closed_is_opened_again(fresh_db: str) -> None:
    assert Client().get("/readyz").status_code == 200
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as admin:
        closed = admin.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", [fresh_db]
        ).fetchone()
    assert closed == (4,)
    assert Client().get("/readyz").status_code == 200


def test_a_cache_that_is_away_is_named(fresh_db: str) -> None:
    with patch.object(RedisCache, "get", side_effect=CacheAway):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["away"]) == (503, ["cache"])


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_read_only(path: str) -> None:
    assert Client().post(path).status_code == 405


def test_a_login_that_the_process_lacks_is_not_asked() -> None:
    with patch.dict(connections.settings, {"default": {"ENGINE": health.DUMMY}}):
        assert "default" not in health._logins()
