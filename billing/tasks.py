"""Celery tasks of billing: doors to the verbs."""

from celery import shared_task

from billing import usage
from tenants.tasks import OperatorTask


@shared_task(base=OperatorTask)
def roll_up() -> int:
    """Add flushed display counters to their hours."""
    return usage.roll_up()
