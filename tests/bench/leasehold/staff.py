"""What operators do to tenants during an attack: it runs in a process that holds every login, one verb at a time."""

import json
import os
import subprocess
import sys
from typing import Any

from django.utils import timezone

from saas import local
from tenants import context, lifecycle
from tenants.models import Tenant
from tests.bench.leasehold import side


def call(verb: str, **arguments: Any) -> Any:
    """Run a function of this module in a process that holds every login, and return what it returns."""
    admin = os.environ["BENCH_ADMIN_URL"]
    logins = {name: admin.replace("//postgres@", f"//{user}@") for name, user in local.DATABASE_USERS.items()}
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.child", __name__],
        input=json.dumps([verb, arguments]) + "\n",
        env={**os.environ, **logins, "BENCH_CONNECTION": "direct"},
        cwd=local.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def create(slugs: list[str]) -> list[dict[str, Any]]:
    """Make tenants, and return what their members know."""
    return [side.make(slug) for slug in slugs]


def close(slug: str, how: str) -> None:
    """Suspend, archive or destroy a tenant."""
    if how == "archive":  # there is no verb for it yet
        with context.operator():
            Tenant.objects.filter(slug=slug).update(archived_at=timezone.now())
    else:
        getattr(lifecycle, how)(slug, by="bench")


def rotate(slugs: list[str]) -> None:
    """Give tenants a new epoch."""
    for slug in slugs:
        lifecycle.rotate_epoch(slug, by="bench")
