"""Tasks of many tenants through a real broker and worker: reused processes, time limits, forged messages."""

import base64
import json
import os
import secrets
import time
from collections.abc import Callable
from typing import Any

import kombu
import redis
from django.conf import settings
from django.core import signing

from saas.celery import app
from tenants.tasks import HEADER
from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import tasks, worker

QUEUE, APART = "celery", "bench"  # nothing works on the second one
DRAIN_SECONDS = 60.0
KINDS = "plain plain plain plain raise swallow retry eta soft query hard exit".split()
SLOW = ("soft", "query", "hard", "exit")
REPLAYED = 0.1


def publish(run: Run, tenant: Tenant, kind: str, *, queue: str = QUEUE) -> str:
    """Publish a task as the tenant's code does, its canary among the arguments; return its token."""
    token = secrets.token_hex(8)
    with run.side.enter(tenant):
        options = tasks.OPTIONS.get(kind, {})
        tasks.work.apply_async([token, kind], {"note": tenant.canary}, queue=queue, **options)
    return token


def taken(queue: str = APART) -> list[kombu.Message]:
    """Take all messages of a queue."""
    found: list[kombu.Message] = []
    with kombu.Connection(settings.CELERY_BROKER_URL) as connection, connection.SimpleQueue(queue) as simple:
        while True:
            try:
                message = simple.get(block=False)
            except simple.Empty:
                return found
            message.ack()
            found.append(message)


def wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)


@attack("what is queued", tries=400, quick=40, sides=(OURS,))
def queued(run: Run) -> None:
    """List every message in the broker, before any is worked on, and read all of it."""
    owners = {}
    for _ in range(run.tries):
        tenant = run.rng.choice(run.side.tenants)
        owners[publish(run, tenant, "plain", queue=APART)] = tenant
    with redis.Redis.from_url(os.environ["BENCH_VALKEY_URL"]) as valkey:
        valkey.select(int(settings.CELERY_BROKER_URL.rpartition("=")[2]))
        for raw in valkey.lrange(APART, 0, -1):
            message = json.loads(raw)
            body = base64.b64decode(message["body"])
            tenant = owners[json.loads(body)[0][0]]
            with run.tally.attempt(tenant) as found:
                signed = str(message["headers"][HEADER])
                scope = signing.b64_decode(signed.partition(":")[0].lstrip(".").encode())
                found.saw([raw, body, scope], "message")
                if tenant.id.replace("-", "").encode() not in scope:
                    found.leaks.append(f"the scope of another tenant: {scope!r}")
    taken()


@attack(
    "a worker's processes, reused by all tenants", tries=500, quick=0, sides=(OURS,), passes=Passes.EITHER
)
def reuse(run: Run) -> None:
    """Errors, time limits, retries, ETA and replays of all tenants, one after the other in two processes."""
    asked: dict[str, tuple[Tenant, str]] = {}
    for n in range(run.tries):
        kind = KINDS[n % len(KINDS)]
        if kind in SLOW and run.rng.random() < 0.6:  # each takes half a second
            kind = "plain"
        tenant = run.rng.choice(run.side.tenants)
        asked[publish(run, tenant, kind)] = tenant, kind
        if run.rng.random() < REPLAYED:
            _replay(run, tenant)
    with worker.running():
        wait(lambda: bool(tasks.recorded([*asked][-1])))  # about the last one; asking for all of them is dear
        wait(lambda: _done(asked))
    for token, (tenant, kind) in asked.items():
        with run.tally.attempt(tenant) as found:
            found.saw(tasks.recorded(token), kind)
            assert found.seen, f"a task of the kind {kind} left nothing"


def _done(asked: dict[str, tuple[Tenant, str]]) -> bool:
    """Whether each task has read once, and those that read twice have done so."""
    twice = ("plain", "retry", "eta", "exit")
    written = tasks.written()
    return all(written.get(token, 0) > (kind in twice) for token, (_, kind) in asked.items())


def _replay(run: Run, tenant: Tenant) -> None:
    """Send a message again, as it is: it may run again, for its own tenant."""
    publish(run, tenant, "plain", queue=APART)
    for message in taken():
        for _ in range(2):
            send(message.headers, message.body, message.properties)


def send(headers: dict[str, Any], body: Any, properties: dict[str, Any]) -> None:
    """Put a message into the queue that the worker reads."""
    kept = {
        name: properties[name] for name in ("correlation_id", "reply_to", "priority") if name in properties
    }
    with app.producer_pool.acquire(block=True) as producer:
        producer.publish(
            body,
            exchange="",
            routing_key=QUEUE,
            headers=headers,
            content_type=properties.get("content_type", "application/json"),
            content_encoding=properties.get("content_encoding", "utf-8"),
            delivery_mode=2,
            **kept,
        )
