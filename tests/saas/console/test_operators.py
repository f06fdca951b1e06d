"""Operators' roles in the console: which buttons and forms work, who appoints, and how one acts as a member."""

import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from billing.models import Plan
from tenants import context, tasks
from tenants.models import ImpersonationGrant, Membership, Operator, OperatorEntry, OperatorRole, Tenant, User
from tenants.people import impersonation
from tests import databases
from tests.saas.console.conftest import Browser, messages

Find = Callable[[str], Tenant]
REASON = "Ticket 4711: prices look wrong"


def sign_in(console: Browser, role: str) -> User:
    with context.owner():
        person = User.objects.create_user(f"{role}@leasehold.example", password=databases.PASSWORD)
        Operator.objects.create(user=person, role=role)
    assert console.sign_in(person.email).status_code == 302
    return person


def act(console: Browser, tenant: Tenant, **fields: Any) -> Any:
    with context.operator():
        member = Membership.objects.filter(tenant=tenant)[0]
    form = {
        "action": "impersonate",
        "_selected_action": [str(tenant.pk)],
        "index": "0",
        "membership": str(member.pk),
        "reason": REASON,
        "minutes": "15",
        **fields,
    }
    return console.post("/tenants/tenant/", form)


# By hand: who may press which button, and change which form.
BUTTONS = {
    "support": {"impersonate"},
    "billing": set(),
    "engineer": {"suspend", "back_up", "impersonate"},
    "admin": {"suspend", "back_up", "impersonate"},
}


@pytest.mark.parametrize("role", BUTTONS)
def test_a_tenants_page_has_the_buttons_of_the_role(console: Browser, tenants: Find, role: str) -> None:
    sign_in(console, role)
    acme = tenants("acme")
    page = console.get(f"/tenants/tenant/{acme.pk}/change/")
    assert page.status_code == 200
    shown = set(re.findall(r'name="action"\s+value="(\w+)"', page.content.decode())) or set(
        re.findall(r'value="(suspend|back_up|impersonate)"', page.content.decode())
    )
    assert shown == BUTTONS[role]


@pytest.mark.parametrize("role", BUTTONS)
def test_a_button_that_is_not_shown_does_nothing(console: Browser, tenants: Find, role: str) -> None:
    sign_in(console, role)
    with patch.object(tasks.take_backup, "apply_async"):
        console.press("suspend", tenants("acme"), reason="unpaid")
    assert (tenants("acme").suspended_at is not None) is ("suspend" in BUTTONS[role])


@pytest.mark.parametrize(
    ("role", "status"), [("support", 403), ("billing", 302), ("engineer", 403), ("admin", 302)]
)
def test_a_plan_is_changed_by_billing_alone(console: Browser, role: str, status: int) -> None:
    sign_in(console, role)
    with context.operator():
        plan = Plan.objects.get(code="pro")
    form = {"name": "Pro", "price": "5900", "currency": plan.currency, "position": plan.position}
    assert console.post(f"/billing/plan/{plan.pk}/change/", form).status_code == status
    with context.operator():
        assert (Plan.objects.get(code="pro").price == 5900) is (status == 302)


@pytest.mark.parametrize("role", ["support", "billing", "engineer"])
def test_nobody_but_an_admin_appoints(console: Browser, role: str) -> None:
    person = sign_in(console, role)
    assert console.get("/tenants/operator/").status_code == 200
    assert console.post(f"/tenants/operator/{person.pk}/change/", {"role": "admin"}).status_code == 403
    form = {"action": "end", "_selected_action": [str(person.pk)], "index": "0"}
    console.post("/tenants/operator/", form)
    with context.operator():
        found = Operator.objects.get(user=person)
    assert (found.role, found.ended_at) == (role, None)


def test_an_admin_changes_a_role_and_ends_an_operator(console: Browser) -> None:
    other = sign_in(Browser(), OperatorRole.SUPPORT)
    admin = sign_in(console, OperatorRole.ADMIN)
    assert console.post(f"/tenants/operator/{other.pk}/change/", {"role": "engineer"}).status_code == 302
    with context.operator():
        assert Operator.objects.get(user=other).role == "engineer"
    form = {"action": "end", "_selected_action": [str(other.pk)], "index": "0"}
    console.post("/tenants/operator/", form)
    with context.operator():
        assert Operator.objects.get(user=other).ended_at is not None
        changed, ended = OperatorEntry.objects.filter(action__startswith="operator.").order_by("id")
    assert (changed.operator_id, ended.operator_id) == (admin.pk, admin.pk)


def test_the_last_admin_is_told_why_they_stay(console: Browser) -> None:
    admin = sign_in(console, OperatorRole.ADMIN)
    form = {"action": "end", "_selected_action": [str(admin.pk)], "index": "0"}
    answer = console.post("/tenants/operator/", form, follow=True)
    assert "Make another operator an admin first" in messages(answer)[0]
    answer = console.post(f"/tenants/operator/{admin.pk}/change/", {"role": "support"}, follow=True)
    assert "Make another operator an admin first" in messages(answer)[0]
    assert console.get("/tenants/operator/").status_code == 200


def test_acting_as_a_member_asks_first_and_hands_over_to_the_tenants_host(
    console: Browser, tenants: Find
) -> None:
    support = sign_in(console, OperatorRole.SUPPORT)
    acme = tenants("acme")
    question = console.press("impersonate", acme).content.decode()
    assert 'name="reason"' in question
    assert 'name="write"' not in question
    assert "owner@globex.example" not in question
    answer = act(console, acme)
    assert answer.status_code == 302
    found = re.fullmatch(r"http://acme\.localhost/impersonation\?code=([\w-]+)", answer.headers["Location"])
    assert found is not None
    with context.identity():
        made = impersonation.start(found[1], acme)
    assert (made.operator_id, made.reason, made.read_only) == (support.pk, REASON, True)
    assert round((made.expires_at - made.created_at).total_seconds()) == 15 * 60


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"reason": "short"}, {"minutes": "61"}, {"minutes": "0"}, {"membership": "of globex"}],
)
def test_what_is_wrong_hands_nothing_over(console: Browser, tenants: Find, wrong: dict[str, str]) -> None:
    sign_in(console, OperatorRole.ADMIN)
    if "membership" in wrong:
        with context.operator():
            wrong = {"membership": str(Membership.objects.filter(tenant=tenants("globex"))[0].pk)}
    assert act(console, tenants("acme"), **wrong).status_code == 200
    with context.operator():
        assert not ImpersonationGrant.objects.exists()


def test_support_gets_no_write_access_by_a_forged_form(console: Browser, tenants: Find) -> None:
    sign_in(console, OperatorRole.SUPPORT)
    act(console, tenants("acme"), write="on")
    with context.operator():
        assert [row.read_only for row in ImpersonationGrant.objects.all()] == [True]


def test_an_engineer_gets_it_when_they_ask(console: Browser, tenants: Find) -> None:
    sign_in(console, OperatorRole.ENGINEER)
    act(console, tenants("acme"), write="on")
    with context.operator():
        assert [row.read_only for row in ImpersonationGrant.objects.all()] == [False]


def test_a_tenant_that_forbids_it_is_not_entered_and_the_page_says_why(
    console: Browser, tenants: Find
) -> None:
    sign_in(console, OperatorRole.ADMIN)
    acme = tenants("acme")
    with context.identity():
        impersonation.forbid(acme, by=User.objects.get(email="owner@acme.example"))
    assert "does not allow operators" in act(console, acme).content.decode()
    assert act(console, tenants("globex")).status_code == 302
