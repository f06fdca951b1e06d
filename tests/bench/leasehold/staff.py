"""What operators do to tenants during an attack: it runs in a process that holds every login, one verb at a time."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

from django.utils import timezone

from saas import local
from tenants import context, lifecycle
from tenants.models import ImpersonationGrant, Membership, Operator, OperatorRole, Tenant, User
from tenants.people import impersonation
from tests.bench.leasehold import side, tampering


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


def hand_over(slugs: list[str]) -> list[dict[str, str]]:
    """Let an operator act as a member of each tenant, as often as it is named; return grants and codes in that order."""
    with context.operator():
        operator = User.objects.filter(operator__role=OperatorRole.ADMIN).first()
    if operator is None:
        with context.owner():
            operator = User.objects.create_user("operator@bench.example")
            Operator.objects.create(user=operator, role=OperatorRole.ADMIN)
    made = []
    for slug in slugs:
        with context.operator():
            members = Membership.objects.select_related("user").filter(tenant__slug=slug, ended_at=None)
            handover = impersonation.grant(operator, members[0], reason="The bench looks for a way in.")
        made.append({"slug": slug, "grant": str(handover.grant.id), "code": handover.code})
    return made


def pass_time(grants: list[str]) -> None:
    """Move impersonations into the past, as if their time had just run out."""
    now = timezone.now()
    with context.operator():
        ImpersonationGrant.objects.filter(id__in=grants).update(
            created_at=now - timedelta(minutes=30), expires_at=now
        )


def tamper(slugs: list[str], tries: int) -> list[dict[str, Any]]:
    """Tamper with the record of tenants, and return what `record_verify` said of each try."""
    return tampering.play(slugs, tries, [os.environ["BENCH_ADMIN_URL"], os.environ["DATABASE_URL_OWNER"]])
