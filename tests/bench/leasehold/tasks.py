"""Tasks that a developer of a tenant app could have written, with every way of ending; they write down what they saw."""

import json
import os
import time
from typing import Any

import redis
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection

from saas.commerce.models import Product
from tenants import context
from tenants.tasks import OperatorTask, TenantTask

LONG_SECONDS = 30.0


def client() -> redis.Redis:
    return redis.Redis.from_url(os.environ["BENCH_VALKEY_URL"])


def record(token: str, what: Any) -> None:
    """Write down what a task saw, under the tenant whose context it runs in."""
    current = context.current()
    owner = f"t_{current.tenant_id.hex}" if current and current.tenant_id else "global"
    with client() as valkey:
        valkey.rpush(f"{owner}:bench:{token}", json.dumps(what))


def recorded(token: str) -> list[bytes]:
    """Return everything that was written down for a token, with the names it was written under."""
    with client() as valkey:
        return [
            part
            for key in valkey.scan_iter(f"*:bench:{token}", 5_000)
            for part in (key, *valkey.lrange(key, 0, -1))
        ]


def written() -> dict[str, int]:
    """Return how often something was written down for each token, in one pass."""
    with client() as valkey:
        keys = list(valkey.scan_iter("*:bench:*", 5_000))
        return {key.rpartition(b":")[2].decode(): valkey.llen(key) for key in keys}


def names() -> list[tuple[str, str]]:
    return list(Product.objects.values_list("name", "description"))


@shared_task(base=TenantTask, bind=True, name="bench.work", max_retries=2)
def work(task: Any, token: str, kind: str, note: str = "") -> None:
    """Read, end in the way that kind names, and read again where that is possible. note is there to be queued."""
    record(token, names())
    ENDS[kind](task, token)
    record(token, names())


@shared_task(base=OperatorTask, name="bench.survey")
def survey(token: str) -> None:
    record(token, "an operator's task ran")


def _raise(task: Any, token: str) -> None:
    raise RuntimeError("; ".join(map(str, names())))


def _swallow(task: Any, token: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
    except DatabaseError:
        record(token, "went on after an error")


def _sleep(task: Any, token: str) -> None:
    try:
        time.sleep(LONG_SECONDS)
    except SoftTimeLimitExceeded:
        record(token, names())
        raise


def _query(task: Any, token: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, 1000000000)")


def _retry(task: Any, token: str) -> None:
    if task.request.retries < 2:
        raise task.retry(countdown=0)


def _exit(task: Any, token: str) -> None:
    """End the process; the message comes again, and then it is done."""
    if not task.request.delivery_info.get("redelivered"):
        os._exit(1)


ENDS = {
    "plain": lambda *_: None,
    "raise": _raise,
    "swallow": _swallow,
    "soft": _sleep,
    "hard": _sleep,
    "query": _query,
    "retry": _retry,
    "eta": lambda *_: None,
    "exit": _exit,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "soft": {"soft_time_limit": 0.3},
    "hard": {"time_limit": 0.5},
    "query": {"soft_time_limit": 0.3},
    "eta": {"countdown": 1},
}
