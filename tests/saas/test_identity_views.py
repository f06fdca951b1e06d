"""allauth's endpoints on tenants' hosts, called as a page of the host calls them."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role, User
from tenants.people import factors
from tenants.testing import TenantClient
from tests import databases, factories

BASE = "/_allauth/browser/v1"
LOGIN = f"{BASE}/auth/login"
SESSION = f"{BASE}/auth/session"
PASSWORD = databases.PASSWORD
TwoTenants = tuple[Entry, Entry]


def post(client: TenantClient, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def code_of(user: User, *, steps: int = 0) -> str:
    with context.identity():
        secret = factors.decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    counter = int(totp.time.time()) // 30 + steps
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


@pytest.fixture
def with_app(two_tenants: TwoTenants) -> User:
    """A member who has an authenticator app."""
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    factories.app(user)
    return user


@pytest.fixture
def browser(two_tenants: TwoTenants) -> TenantClient:
    return TenantClient(two_tenants[0])


def test_a_member_signs_in_and_the_record_says_so(browser: TenantClient, two_tenants: TwoTenants) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    answer = post(browser, LOGIN, email=user.email, password=PASSWORD)
    assert (answer.status_code, answer.json()["meta"]["is_authenticated"]) == (200, True)
    assert browser.get("/api/v1/me").json()["email"] == user.email
    with context.use(two_tenants[0]):
        entry = AuditEntry.objects.get(action="session.started", actor_id=user.pk)
    assert entry.after == {"way": "password"}


def test_a_wrong_password_an_outsider_and_nobody_get_one_answer(
    browser: TenantClient, two_tenants: TwoTenants
) -> None:
    member = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    outsider = factories.member(two_tenants[1], Role.OWNER, password=PASSWORD)
    answers = [
        post(browser, LOGIN, email=member.email, password="wrong"),
        post(browser, LOGIN, email=outsider.email, password=PASSWORD),
        post(browser, LOGIN, email="nobody@example.com", password=PASSWORD),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert len({answer.content for answer in answers}) == 1
    assert browser.get("/api/v1/me").status_code == 401


def test_a_session_made_here_is_nothing_on_another_host(
    browser: TenantClient, two_tenants: TwoTenants
) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=user)
    post(browser, LOGIN, email=user.email, password=PASSWORD)
    other = TenantClient(two_tenants[1])
    other.cookies["session"] = browser.cookies["session"].value
    assert other.get(SESSION).json()["meta"]["is_authenticated"] is False
    assert browser.get(SESSION).json()["meta"]["is_authenticated"] is True


def test_a_password_alone_does_not_sign_in_who_has_an_app(browser: TenantClient, with_app: User) -> None:
    answer = post(browser, LOGIN, email=with_app.email, password=PASSWORD)
    assert answer.status_code == 401
    assert {"id": "mfa_authenticate", "is_pending": True, "types": ["recovery_codes", "totp"]} in [
        {**flow, "types": sorted(flow.get("types", []))} for flow in answer.json()["data"]["flows"]
    ]
    assert browser.get("/api/v1/me").status_code == 401
    answer = post(browser, f"{BASE}/auth/2fa/authenticate", code=code_of(with_app))
    assert answer.status_code == 200
    assert browser.get("/api/v1/me").status_code == 200


def test_a_code_is_good_once_also_in_another_tenant(
    browser: TenantClient, two_tenants: TwoTenants, with_app: User
) -> None:
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=with_app)
    code = code_of(with_app)
    post(browser, LOGIN, email=with_app.email, password=PASSWORD)
    assert post(browser, f"{BASE}/auth/2fa/authenticate", code=code).status_code == 200
    for tenant in two_tenants:
        again = TenantClient(tenant)
        post(again, LOGIN, email=with_app.email, password=PASSWORD)
        assert post(again, f"{BASE}/auth/2fa/authenticate", code=code).status_code == 400
        assert again.get("/api/v1/me").status_code == 401
    fresh = TenantClient(two_tenants[1])
    post(fresh, LOGIN, email=with_app.email, password=PASSWORD)
    assert post(fresh, f"{BASE}/auth/2fa/authenticate", code=code_of(with_app, steps=1)).status_code == 200


def test_a_new_password_ends_a_sign_in_that_waits_for_a_code(browser: TenantClient, with_app: User) -> None:
    post(browser, LOGIN, email=with_app.email, password=PASSWORD)
    with context.identity():
        with_app.set_password("another battery staple")
    assert post(browser, f"{BASE}/auth/2fa/authenticate", code=code_of(with_app)).status_code == 401
    assert browser.get("/api/v1/me").status_code == 401


def test_a_membership_that_ended_ends_a_sign_in_that_waits(
    browser: TenantClient, two_tenants: TwoTenants, with_app: User
) -> None:
    post(browser, LOGIN, email=with_app.email, password=PASSWORD)
    with context.identity():
        factories.end_membership(two_tenants[0], with_app)
    assert post(browser, f"{BASE}/auth/2fa/authenticate", code=code_of(with_app)).status_code == 401
    assert browser.get(SESSION).json()["meta"]["is_authenticated"] is False


def test_too_many_tries_of_one_person_are_429_from_every_door(
    browser: TenantClient, two_tenants: TwoTenants
) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    for _ in range(10):
        assert post(browser, LOGIN, email=user.email, password="wrong").status_code == 400
    refused = post(browser, LOGIN, email=user.email, password=PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
    assert int(refused["Retry-After"]) in range(1, 301)
    assert post(browser, "/api/v1/session", email=user.email, password=PASSWORD).status_code == 429
    assert browser.post("/sign-in", {"email": user.email, "password": PASSWORD}).status_code == 429
    other = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    assert post(browser, LOGIN, email=other.email, password=PASSWORD).status_code == 200


def test_too_many_codes_are_refused(browser: TenantClient, with_app: User) -> None:
    post(browser, LOGIN, email=with_app.email, password=PASSWORD)
    wrong = "000000" if code_of(with_app) != "000000" else "111111"
    statuses = [post(browser, f"{BASE}/auth/2fa/authenticate", code=wrong).status_code for _ in range(5)]
    assert statuses == [400] * 5
    assert post(browser, f"{BASE}/auth/2fa/authenticate", code=code_of(with_app)).status_code == 429


@pytest.mark.parametrize(
    "path",
    [
        "/auth/signup",
        "/auth/webauthn/signup",
        "/auth/provider/redirect",
        "/auth/provider/token",
        "/account/email",
        "/account/phone",
        "/account/providers",
        "/auth/code/request",
        "/auth/nothing",
    ],
)
def test_what_is_not_offered_is_not_there(browser: TenantClient, path: str) -> None:
    assert post(browser, BASE + path, email="new@example.com", password=PASSWORD).status_code == 404
    assert browser.get("/_allauth/app/v1/config").status_code == 404


def test_nothing_is_offered_to_sign_up(browser: TenantClient) -> None:
    assert browser.get(f"{BASE}/config").json()["data"]["account"]["is_open_for_signup"] is False


def test_a_change_needs_the_token_of_this_session(two_tenants: TwoTenants) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    strict = TenantClient(two_tenants[0], enforce_csrf_checks=True)
    assert post(strict, LOGIN, email=user.email, password=PASSWORD).status_code == 403
    token = strict.get("/_allauth/csrf").json()["csrf_token"]
    body = {"email": user.email, "password": PASSWORD}
    answer = strict.post(LOGIN, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 200


def test_a_member_sets_up_an_app_once_they_proved_who_they_are(
    browser: TenantClient, two_tenants: TwoTenants
) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    post(browser, LOGIN, email=user.email, password=PASSWORD)
    path = f"{BASE}/account/authenticators/totp"
    secret = browser.get(path).json()["meta"]["secret"]
    code = totp.format_hotp_value(totp.hotp_value(secret, int(totp.time.time()) // 30))
    assert post(browser, path, code=code).status_code == 401
    assert post(browser, f"{BASE}/auth/reauthenticate", password="wrong").status_code == 400
    assert post(browser, f"{BASE}/auth/reauthenticate", password=PASSWORD).status_code == 200
    assert post(browser, path, code=code).status_code == 200
    with context.identity():
        kept = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in kept
    assert factors.decrypt(kept) == secret
    again = TenantClient(two_tenants[0])
    post(again, LOGIN, email=user.email, password=PASSWORD)
    assert post(again, f"{BASE}/auth/2fa/authenticate", code=code).status_code == 400, "the set-up used it"


def test_the_reset_answers_everybody_the_same(
    browser: TenantClient, two_tenants: TwoTenants, outbox: list[Any]
) -> None:
    member = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    outsider = factories.member(two_tenants[1], Role.EDITOR, password=PASSWORD)
    path = f"{BASE}/auth/password/request"
    answers = [post(browser, path, email=email) for email in (member.email, outsider.email, "no@example.com")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.content for answer in answers}) == 1


def test_a_reset_key_sets_the_password_once_and_in_its_tenant_alone(
    browser: TenantClient, two_tenants: TwoTenants, reset_key: Callable[[Entry, User], str]
) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    with context.identity():
        factories.MembershipFactory(tenant_id=two_tenants[1].id, user=user)
    key, path = reset_key(two_tenants[0], user), f"{BASE}/auth/password/reset"
    new = "a staple for another horse"
    assert post(TenantClient(two_tenants[1]), path, key=key, password=new).status_code == 400
    assert post(browser, path, key=key, password=new).status_code == 401, "set, and nobody is signed in by it"
    assert post(browser, path, key=key, password=new).status_code == 400
    assert post(browser, LOGIN, email=user.email, password=PASSWORD).status_code == 400
    assert post(browser, LOGIN, email=user.email, password=new).status_code == 200


def test_the_present_password_is_not_guessed_where_it_is_changed(
    browser: TenantClient, two_tenants: TwoTenants
) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    post(browser, LOGIN, email=user.email, password=PASSWORD)
    path, new = f"{BASE}/account/password/change", "a staple for another horse"
    statuses = [post(browser, path, current_password="x", new_password=new).status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]
    assert browser.get("/api/v1/me").status_code == 200


def test_a_password_that_is_changed_keeps_this_session_alone(
    browser: TenantClient, two_tenants: TwoTenants
) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR, password=PASSWORD)
    other = TenantClient(two_tenants[0])
    for client in (browser, other):
        post(client, LOGIN, email=user.email, password=PASSWORD)
    path, new = f"{BASE}/account/password/change", "a staple for another horse"
    assert post(browser, path, current_password=PASSWORD, new_password=new).status_code == 200
    assert [client.get("/api/v1/me").status_code for client in (browser, other)] == [200, 401]


@pytest.mark.parametrize("credential", [{}, {"id": "x"}, {"response": {"userHandle": "eA"}}, "x", [], 7])
def test_what_is_no_credential_is_a_wrong_one(browser: TenantClient, credential: Any) -> None:
    browser.get(f"{BASE}/auth/webauthn/login")
    assert post(browser, f"{BASE}/auth/webauthn/login", credential=credential).status_code == 400
