"""The second step of signing in: set up at the first sign-in, asked for at each later one, once per code, not for ever."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.test import override_settings
from django.utils import timezone

from tenants import context
from tenants.models import Operator, OperatorEntry, OperatorRole, User
from tests import databases
from tests.saas.console.conftest import Browser

EMAIL = "dana@leasehold.example"
PERIOD = 30


@pytest.fixture(autouse=True)
def asked_for(console: Browser) -> Any:
    with context.owner():
        person = User.objects.create_user(EMAIL, name="Dana", password=databases.PASSWORD)
        Operator.objects.create(user=person, role=OperatorRole.ADMIN)
    with override_settings(LEASEHOLD_CONSOLE_MFA=True):
        yield


def code(secret: str, *, steps: int = 0) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // PERIOD + steps)))


def set_up(console: Browser, *, steps: int = -1) -> tuple[str, list[str]]:
    """Sign in for the first time; return the app's secret and the recovery codes."""
    console.sign_in(EMAIL)
    page = console.get("/factor/").content.decode()
    found = re.search(r"Secret: <code>(\w+)</code>", page)
    assert found is not None
    answer = console.post("/factor/", {"code": code(found[1], steps=steps)})
    return found[1], re.findall(r"<li><code>(\d+)</code>", answer.content.decode())


def actions() -> list[str]:
    with context.operator():
        return list(
            OperatorEntry.objects.exclude(action="read").order_by("id").values_list("action", flat=True)
        )


def test_the_first_sign_in_sets_a_factor_up(console: Browser) -> None:
    answer = console.post(
        "/login/?next=/tenants/tenant/", {"username": EMAIL, "password": databases.PASSWORD}
    )
    assert answer.status_code == 302
    blocked = console.get("/tenants/tenant/", follow=True)
    assert blocked.redirect_chain[-1][0].startswith("/factor/?next=")
    page = blocked.content.decode()
    assert "<svg" in page
    assert 'for="code"' in page
    shown = {
        re.findall(r"Secret: <code>(\w+)</code>", console.get("/factor/").content.decode())[0] for _ in "ab"
    }
    assert len(shown) == 1  # the same until it is proven
    _, recovery = set_up(console)
    assert len(recovery) == 10
    assert console.get("/tenants/tenant/").status_code == 200
    assert actions() == ["session.started", "session.started", "factor.set_up"]


def test_no_page_answers_before_the_second_step(console: Browser) -> None:
    console.sign_in(EMAIL)
    for path in ("/", "/tenants/tenant/", "/tenants/operatorentry/", "/password_change/"):
        answer = console.get(path)
        assert (answer.status_code, answer.headers["Location"][:7]) == (302, "/login/"), path
    assert console.post("/tenants/tenant/", {"action": "suspend"}).status_code == 302


def test_a_later_sign_in_asks_for_a_code_and_takes_each_once(console: Browser) -> None:
    secret, _ = set_up(console)
    other = Browser()
    other.sign_in(EMAIL)
    page = other.get("/factor/").content.decode()
    assert "<svg" not in page
    assert secret not in page
    used = other.post("/factor/", {"code": code(secret, steps=-1)})
    assert 'role="alert"' in used.content.decode()
    assert other.get("/").status_code == 302
    assert (
        other.post("/factor/?next=/tenants/tenant/", {"code": code(secret)}).headers["Location"]
        == "/tenants/tenant/"
    )
    assert other.get("/").status_code == 200
    assert actions()[-3:] == ["session.started", "factor.refused", "factor.shown"]


def test_a_recovery_code_lets_in_once(console: Browser) -> None:
    _, recovery = set_up(console)
    for expected in (302, 200):
        other = Browser()
        other.sign_in(EMAIL)
        assert other.post("/factor/", {"code": recovery[0]}).status_code == expected


def test_after_five_wrong_codes_the_right_one_waits(console: Browser, time_machine: Any) -> None:
    time_machine.move_to("2030-01-01T00:00:00Z", tick=False)
    secret, _ = set_up(console)
    other = Browser()
    other.sign_in(EMAIL)
    for _ in range(5):
        other.post("/factor/", {"code": "no"})
    answer = other.post("/factor/", {"code": code(secret)})
    assert "too many tries" in answer.content.decode()
    assert other.get("/").status_code == 302
    time_machine.move_to(timezone.now() + timedelta(minutes=5, seconds=1))
    assert other.post("/factor/", {"code": code(secret)}).status_code == 302
    assert other.get("/").status_code == 200


def test_it_leads_to_no_other_host(console: Browser) -> None:
    secret, _ = set_up(console)
    other = Browser()
    other.sign_in(EMAIL)
    answer = other.post("/factor/?next=https://evil.example/", {"code": code(secret)})
    assert answer.headers["Location"] == "/"


def test_who_has_not_signed_in_sees_no_secret(console: Browser) -> None:
    assert console.get("/factor/").status_code == 302
    console.sign_in("owner@acme.example")
    assert console.get("/factor/").status_code == 302


def test_an_admin_has_a_lost_factor_forgotten(console: Browser) -> None:
    set_up(console)
    with context.operator():
        me = User.objects.get(email=EMAIL)
    form = {"action": "forget_factor", "_selected_action": [str(me.pk)], "index": "0"}
    assert console.post("/tenants/operator/", form).status_code == 302
    assert console.get("/").status_code == 302  # signed out everywhere
    other = Browser()
    other.sign_in(EMAIL)
    assert "<svg" in other.get("/factor/").content.decode()


def test_signing_out_before_the_second_step_ends_the_session(console: Browser) -> None:
    console.sign_in(EMAIL)
    assert console.post("/factor/leave/").status_code == 302
    assert "<svg" not in console.get("/factor/", follow=True).content.decode()


def test_a_wrong_password_is_recorded_with_what_was_typed(console: Browser) -> None:
    console.sign_in(EMAIL, "wrong")
    with context.operator():
        [entry] = OperatorEntry.objects.all()
    assert (entry.action, entry.operator, entry.operator_id) == ("session.refused", EMAIL, None)


def test_passwords_are_tried_ten_times_whoever_it_is(console: Browser, time_machine: Any) -> None:
    time_machine.move_to("2030-01-01T00:00:00Z", tick=False)
    for email in (EMAIL, "nobody@leasehold.example"):
        for wanted in [*["is wrong"] * 10, "too many tries"]:
            page = Browser().post("/login/", {"username": email, "password": "wrong"}).content.decode()
            assert wanted in page
