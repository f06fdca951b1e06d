"""The product's Celery application with the tasks of `small_tasks` and, for chords, a place for results."""

from django.conf import settings

from saas.celery import app

app.conf.update(
    result_backend=settings.CELERY_BROKER_URL,
    include=["tests.tenants.small_tasks"],
    beat_schedule={"survey": {"task": "small.survey", "schedule": 0.5, "args": [None]}},
)
