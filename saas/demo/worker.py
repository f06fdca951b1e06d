"""Celery's application as the demo runs it: pool processes end with their parent, and readiness is told."""

import signal
from typing import Any

from celery.signals import beat_init, worker_process_init, worker_ready

from saas import local
from saas.celery import app
from saas.demo import readiness

__all__ = ["app"]

# Made in the parent, so that a forked child compares its parent with us.
_end_with_parent = local.die_with_parent(signal.SIGKILL)


@worker_process_init.connect
def end_with_parent(**_: Any) -> None:
    _end_with_parent()


@worker_ready.connect
@beat_init.connect
def tell(**_: Any) -> None:
    readiness.tell()
