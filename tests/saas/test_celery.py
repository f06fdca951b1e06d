"""saas.celery: a worker does not start with a login that could bypass isolation."""

import os
import subprocess
import sys

from django.conf import settings

from saas.celery import app
from tests import databases, environment


def test_beat_starts_tasks_that_there_are() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert scheduled <= set(app.tasks)
    assert {"tenants.tasks.prune_mails", "tenants.tasks.prune_record", "tenants.tasks.sweep"} <= scheduled


def test_a_worker_ends_with_a_superuser(fresh_db: str) -> None:
    assert environment.running is not None
    variables = environment.running.environment(fresh_db)
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "saas.celery", "worker", "--pool", "solo"],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "LEASEHOLD_ENV": "test",
            **variables,
            "DATABASE_URL": databases.servers().admin_url(fresh_db),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "tenants.E003: The login of the database alias 'default' is a superuser" in done.stderr
