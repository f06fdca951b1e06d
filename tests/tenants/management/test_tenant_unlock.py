"""An operator helps members whom their tenant's policy locks out."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry
from tenants.people import policy
from tenants.testing import TenantClient
from tests import factories

pytestmark = pytest.mark.usefixtures("fresh_db")


def run(*arguments: str) -> Any:
    out = StringIO()
    call_command("tenant_unlock", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_who_was_locked_out_is_let_in_and_the_tenant_s_record_says_it(globex: Entry) -> None:
    client = TenantClient(globex).sign_in(factories.member(globex))
    with context.identity():
        policy._write(globex, policy.Policy(networks=("203.0.113.0/24",), session_minutes=60), by="test")
    assert client.get("/api/v1/me").status_code == 403
    assert run("globex", "--networks") == {
        "slug": "globex",
        "mfa_required": False,
        "session_minutes": 60,
        "networks": [],
    }
    assert client.get("/api/v1/me").status_code == 200
    with context.use(globex):
        newest = AuditEntry.objects.filter(action="security.changed").latest("at")
    assert newest.before is not None
    assert newest.before["networks"] == ["203.0.113.0/24"]


def test_it_wants_to_know_what_to_drop_and_of_whom(globex: Entry) -> None:
    with pytest.raises(CommandError, match="--networks, --mfa or both"):
        run("globex")
    with pytest.raises(CommandError, match="There is no tenant"):
        run("nobody", "--mfa")
