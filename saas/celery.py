"""The Celery application: which queues there are and what beat starts."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")

app = Celery("leasehold")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The worker of the queue `ddl` holds the owner's and the console's login; no other worker does.
app.conf.task_routes = {
    "tenants.tasks.sweep": {"queue": "ddl"},
    "tenants.tasks.request_backups": {"queue": "ddl"},
    "billing.tasks.roll_up": {"queue": "ddl"},
}
app.conf.beat_schedule = {
    "nightly-backups": {"task": "tenants.tasks.request_backups", "schedule": crontab(hour="2", minute="0")},
    "sweep": {"task": "tenants.tasks.sweep", "schedule": 15.0},
    "usage-roll-up": {"task": "billing.tasks.roll_up", "schedule": crontab(minute="5")},
}
