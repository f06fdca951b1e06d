"""The operators' command for e-mail domains."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tenants import context
from tenants.models import AuditEntry, EmailDomain
from tenants.people import email_domains

pytestmark = pytest.mark.usefixtures("fresh_db")


def run(*arguments: str) -> Any:
    out = StringIO()
    call_command("tenant_email_domain", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_an_operator_adds_verifies_lists_and_removes_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    (added,) = run("acme", "add", "ours.example")
    assert (added["record"], added["verified"]) == ("_leasehold-challenge.ours.example", None)
    published: dict[str, list[str]] = {}
    # As a default it is bound already.
    monkeypatch.setitem(
        email_domains.verify.__kwdefaults__ or {}, "resolver", lambda name: published.get(name, [])
    )
    with pytest.raises(CommandError, match="TXT record"):
        run("acme", "verify", "ours.example")
    published[added["record"]] = [added["value"]]
    assert run("acme", "verify", "ours.example")[0]["verified"]
    assert run("globex", "list") == []
    with pytest.raises(CommandError):
        run("globex", "remove", "ours.example")
    assert run("acme", "remove", "ours.example") == []
    with context.operator():
        assert not EmailDomain.objects.exists()
        actions = (
            AuditEntry.objects.filter(subject="ours.example").order_by("at").values_list("action", flat=True)
        )
        assert list(actions) == ["email_domain.claimed", "email_domain.verified", "email_domain.removed"]


@pytest.mark.parametrize("arguments", [("acme", "list", "x.example"), ("acme", "add"), ("nobody", "list")])
def test_it_refuses_what_makes_no_sense(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_the_console_s_login_notes_a_lost_domain() -> None:
    """As the task does it, which runs under that login."""
    run("acme", "add", "ours.example")
    with context.owner():
        value = f"leasehold={EmailDomain.objects.get().token}"
    with context.operator():
        tenant = EmailDomain.objects.select_related("tenant").get().tenant
    email_domains.verify(tenant, "ours.example", by="tests", resolver=lambda _: [value], enter=context.owner)
    assert email_domains.recheck(lambda _: [], enter=context.operator) == ["ours.example"]
    assert run("acme", "list")[0]["lost"]
