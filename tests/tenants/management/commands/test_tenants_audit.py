"""manage.py tenants_audit: what it prints for people and programs, and which exit code it ends with."""

import json
import os
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from tests import environment

PLANTED = "ALTER TABLE billing_usageevent NO FORCE ROW LEVEL SECURITY"
REPAIR = (
    "ALTER TABLE public.billing_usageevent ENABLE ROW LEVEL SECURITY;"
    " ALTER TABLE public.billing_usageevent FORCE ROW LEVEL SECURITY"
)
WARNED = "GRANT SELECT ON SEQUENCE django_admin_log_id_seq TO tenant"


def run(*arguments: str) -> tuple[str, str]:
    """Return what the command prints, and the error that it ends with."""
    out, error = StringIO(), ""
    try:
        call_command("tenants_audit", *arguments, stdout=out)
    except CommandError as raised:
        error = str(raised)
    return out.getvalue(), error


def run_json() -> tuple[dict[str, Any], str]:
    text, error = run("--json")
    return json.loads(text), error


def plant(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def test_a_fresh_database_passes(fresh_db: str) -> None:
    text, error = run()
    assert error == ""
    assert text.startswith("0 errors, 0 warnings; ")


def test_an_error_is_printed_with_its_object_and_repair_and_fails(fresh_db: str) -> None:
    plant(PLANTED)
    text, error = run()
    assert error == "Isolation is not proven: 1 errors, see above."
    shown = " ".join(text.replace("│", " ").split())
    for part in ("row-security-off", "table public.billing_usageevent", REPAIR, "1 errors, 0 warnings"):
        assert part in shown


def test_programs_get_objects_and_counts(fresh_db: str) -> None:
    plant(PLANTED)
    plant(WARNED)
    printed, error = run_json()
    assert error
    assert printed["counts"] == {"error": 1, "warning": 1}
    first, second = printed["findings"]
    assert first == {
        "rule": "row-security-off",
        "severity": "error",
        "object": "table public.billing_usageevent",
        "problem": "Row-level security is not forced on its owner.",
        "repair": REPAIR,
    }
    assert (second["rule"], second["severity"]) == ("sequence-reachable", "warning")
    assert {"rule": "shared-table-undeclared", "object": "table public.billing_plan"}.items() <= next(
        one for one in printed["exceptions"] if one["object"] == "table public.billing_plan"
    ).items()


def test_a_warning_is_shown_and_does_not_fail(fresh_db: str) -> None:
    plant(WARNED)
    text, error = run()
    assert error == ""
    assert "sequence public.django_admin_log_id_seq" in text


@pytest.mark.parametrize(("statement", "status"), [("SELECT 1", 0), (PLANTED, 1)])
def test_the_process_exits_with_1_on_an_error_alone(fresh_db: str, statement: str, status: int) -> None:
    plant(statement)
    assert environment.running is not None
    variables = environment.running.environment(fresh_db)
    done = subprocess.run(
        [sys.executable, "manage.py", "tenants_audit", "--json"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "LEASEHOLD_ENV": "test", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)["counts"]["error"]) == (status, status), done.stderr
