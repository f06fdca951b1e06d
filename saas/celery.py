"""The Celery application: which queues there are and what beat starts."""

import os
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from django.core.management.base import SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")

app = Celery("leasehold")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The worker of the queue `ddl` holds the owner's and the console's login; no other worker does.
app.conf.task_routes = {
    "tenants.tasks.sweep": {"queue": "ddl"},
    "tenants.tasks.request_backups": {"queue": "ddl"},
    "tenants.tasks.seal_record": {"queue": "ddl"},
    "tenants.tasks.prune_record": {"queue": "ddl"},
    "tenants.tasks.recheck_email_domains": {"queue": "ddl"},
    "tenants.tasks.build_tenant": {"queue": "ddl"},
    "billing.tasks.roll_up": {"queue": "ddl"},
    "saas.tasks.decay_all_hashtags": {"queue": "ddl"},
}
app.conf.beat_schedule = {
    "nightly-backups": {"task": "tenants.tasks.request_backups", "schedule": crontab(hour="2", minute="0")},
    "sweep": {"task": "tenants.tasks.sweep", "schedule": 15.0},
    "seal-record": {"task": "tenants.tasks.seal_record", "schedule": 60.0},
    "prune-record": {"task": "tenants.tasks.prune_record", "schedule": crontab(hour="3", minute="30")},
    "prune-mails": {"task": "tenants.tasks.prune_mails", "schedule": crontab(hour="3", minute="50")},
    "email-domains": {
        "task": "tenants.tasks.recheck_email_domains",
        "schedule": crontab(hour="*/6", minute="20"),
    },
    "hashtags": {"task": "saas.tasks.decay_all_hashtags", "schedule": 900.0},
    "usage-roll-up": {"task": "billing.tasks.roll_up", "schedule": crontab(minute="5")},
}


@signals.worker_init.connect
def refuse_to_serve(**_: Any) -> None:
    """End a worker whose logins could bypass isolation; what a receiver raises otherwise, Celery logs and goes on."""
    from tenants import checks  # not before the apps are ready

    try:
        checks.refuse_to_serve()
    except SystemCheckError as error:
        raise SystemExit(str(error)) from error
