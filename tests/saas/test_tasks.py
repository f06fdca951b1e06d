"""Hashtags of every open tenant are brought to now, each in its own context."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from saas import tasks
from saas.celery import app
from saas.social.models import Hashtag
from tenants import context, lifecycle
from tenants.directory import Entry
from tenants.models import Tenant


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the slugs of the tenants for which the task is published, instead of publishing it."""
    slugs: list[str] = []

    def publish(*, tenant: Tenant, **_: Any) -> None:
        slugs.append(tenant.slug)

    monkeypatch.setattr(tasks.decay_hashtags, "apply_async", publish)
    return slugs


def test_each_open_tenant_is_asked(fresh_db: str, sent: list[str], tenant: Callable[[str], Entry]) -> None:
    with context.operator():
        lifecycle.suspend("initech", by="test")
        assert tasks.decay_all_hashtags.run() == len(sent)
    assert {"acme", "globex"} <= set(sent)
    assert "initech" not in sent


def test_the_task_works_in_its_tenant(two_tenants: tuple[Entry, Entry]) -> None:
    ago = timezone.now() - timedelta(hours=6)
    with context.use(two_tenants[1]):
        Hashtag.objects.create(name="tea", score=8, scored_at=ago)
    with context.use(two_tenants[0]):
        Hashtag.objects.create(name="tea", score=8, scored_at=ago)
        assert tasks.decay_hashtags.run() == 1
        assert Hashtag.objects.get().score == pytest.approx(4, rel=0.01)
    with context.use(two_tenants[1]):
        assert Hashtag.objects.get().score == 8


def test_beat_asks_for_it_where_an_operator_s_login_is() -> None:
    assert app.conf.beat_schedule["hashtags"] == {
        "task": tasks.decay_all_hashtags.name,
        "schedule": tasks.EVERY,
    }
    assert app.conf.task_routes[tasks.decay_all_hashtags.name] == {"queue": "ddl"}
