"""Tasks for tests that need a real worker: what they do to a tenant can be read from its categories."""

import time
from typing import Any

from celery import chain, chord, group, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import caches

from saas.commerce.models import Category
from tenants import context
from tenants.tasks import OperatorTask, TenantTask


def write(slug: str, name: str) -> str:
    Category.objects.create(name=name, slug=slug)
    return context.tenant_id().hex


@shared_task(base=TenantTask, name="small.note")
def note(slug: str) -> str:
    """Write a row, and return whose it is."""
    return write(slug, "note")


@shared_task(base=TenantTask, name="small.follow")
def follow(before: Any, slug: str) -> str:
    """Write a row that says what the task before has returned."""
    return write(slug, ",".join(before) if isinstance(before, list) else before)


@shared_task(base=TenantTask, name="small.stumble")
def stumble(slug: str) -> None:
    write(slug, "stumble")
    raise ZeroDivisionError


@shared_task(base=TenantTask, name="small.seen")
def seen(_task_id: str, slug: str) -> str:
    """The errback: it is told which task has failed."""
    return write(slug, "seen")


@shared_task(base=TenantTask, bind=True, name="small.again")
def again(task: Any, slug: str) -> None:
    write(f"{slug}-{task.request.retries}", "again")
    if task.request.retries < 2:
        raise task.retry(countdown=0)


@shared_task(base=TenantTask, bind=True, name="small.other")
def other(task: Any, slug: str) -> Any:
    return task.replace(note.s(slug))


@shared_task(base=TenantTask, name="small.slow", soft_time_limit=1)
def slow(slug: str) -> None:
    write(slug, "slow")
    try:
        time.sleep(60)
    except SoftTimeLimitExceeded:
        write(f"{slug}-seen", "slow")
        raise


@shared_task(base=TenantTask, name="small.stuck", time_limit=1, acks_late=False)
def stuck(slug: str) -> None:
    write(slug, "stuck")
    time.sleep(60)


@shared_task(base=OperatorTask, name="small.survey")
def survey(_before: Any) -> None:
    caches["global"].set("surveyed", str(context.current()))


@shared_task(base=TenantTask, name="small.start")
def start(kind: str) -> None:
    """Publish what `kind` names, from inside of a worker and of a tenant's context."""
    CANVASES[kind]()


def shared_headers() -> None:
    headers = {"note": "one dictionary"}
    group(note.s(f"headers-{number}") for number in range(3)).apply_async(headers=headers)


CANVASES: dict[str, Any] = {
    "chain": lambda: chain(note.s("chain-1"), follow.s("chain-2"), follow.s("chain-3"))(),
    "group": shared_headers,
    "chord": lambda: chord([note.s("chord-1"), note.s("chord-2")])(follow.s("chord-end")),
    "upgraded": lambda: chain(group(note.s("up-1"), note.s("up-2")), follow.s("up-end"))(),
    "link": lambda: note.apply_async(["link-1"], link=follow.s("link-2")),
    "error": lambda: stumble.apply_async(["error-lost"], link_error=seen.s("error-seen")),
    "clone": lambda: note.s("clone-1").clone().apply_async(),
    "countdown": lambda: note.apply_async(["countdown"], countdown=0.2),
    "retry": lambda: again.delay("retry"),
    "replace": lambda: other.delay("replaced"),
    "soft": lambda: slow.delay("soft-lost"),
    "hard": lambda: stuck.delay("hard-lost"),
    "hard error": lambda: stuck.apply_async(["hard-lost"], link_error=seen.s("hard-seen")),
    "escalate": lambda: note.apply_async(["escalate"], link=survey.s()),
    "escalate chain": lambda: chain(note.s("escalate-chain"), survey.s())(),
    "escalate error": lambda: stumble.apply_async(["x"], link_error=survey.s()),
}
# The rows that each leaves; with the task before in the second place.
ROWS = {
    "chain": ["chain-1", "chain-2", "chain-3"],
    "group": ["headers-0", "headers-1", "headers-2"],
    "chord": ["chord-1", "chord-2", "chord-end"],
    "upgraded": ["up-1", "up-2", "up-end"],
    "link": ["link-1", "link-2"],
    "error": ["error-seen"],
    "clone": ["clone-1"],
    "countdown": ["countdown"],
    "retry": ["retry-2"],
    "replace": ["replaced"],
    "soft": [],
    "hard": [],
    "hard error": [],  # the worker's main process applies this one, and does not know for whom: it is refused
    "escalate": ["escalate"],
    "escalate chain": ["escalate-chain"],
    "escalate error": [],
}
