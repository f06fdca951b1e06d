"""What a tenant asks of its members, set by its owner and held by every process from the next request on."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role, User
from tenants.people import policy
from tenants.testing import TenantClient
from tests import databases, factories

URL = "/api/v1/security"
ME = "/api/v1/me"
PASSWORD = databases.PASSWORD
NOTHING: dict[str, Any] = {"mfa_required": False, "session_minutes": None, "networks": []}


@pytest.fixture
def owner(shop: Entry) -> TenantClient:
    return TenantClient(shop).use_key(factories.member(shop, Role.OWNER))


@pytest.fixture
def person(shop: Entry) -> User:
    return factories.member(shop, Role.EDITOR, password=PASSWORD)


def put(client: TenantClient, **wish: Any) -> Any:
    return client.put(URL, wish, content_type="application/json")


def ask(tenant: Entry, **wish: Any) -> None:
    """Have the tenant ask this of its members, whatever the caller's address."""
    with context.identity():
        policy._write(tenant, policy.Policy(**wish), by="test")


def sign_in(client: TenantClient, user: User, **more: Any) -> Any:
    body = {"email": user.email, "password": PASSWORD, **more}
    return client.post("/api/v1/session", body, content_type="application/json")


def test_the_owner_reads_and_sets_it_and_the_record_says_so(owner: TenantClient, shop: Entry) -> None:
    assert owner.get(URL).json() == NOTHING
    wish = {"mfa_required": True, "session_minutes": 60, "networks": ["127.0.0.0/8", "2001:db8::/32"]}
    assert put(owner, **wish).json() == wish
    assert owner.get(URL).json() == wish
    with context.use(shop):
        entry = AuditEntry.objects.get(action="security.changed")
    assert (entry.before, entry.after) == (NOTHING, wish)


def test_nobody_else_may(admin: TenantClient, editor: TenantClient, anonymous: TenantClient) -> None:
    assert [put(client).status_code for client in (admin, editor, anonymous)] == [403, 403, 401]
    assert [client.get(URL).status_code for client in (admin, editor, anonymous)] == [403, 403, 401]


def test_it_is_one_tenant_s(owner: TenantClient, outsider: TenantClient) -> None:
    put(owner, session_minutes=60)
    assert outsider.get(URL).json() == NOTHING
    key = {"Authorization": owner.defaults["HTTP_AUTHORIZATION"]}
    stranger = TenantClient(outsider.tenant)
    assert stranger.put(URL, {}, content_type="application/json", headers=key).status_code == 401


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"session_minutes": 4}, "session_minutes"),
        ({"session_minutes": 43_201}, "session_minutes"),
        ({"networks": ["127.0.0.1/8"]}, "networks"),
        ({"networks": ["127.0.0.0/8", "hello"]}, "networks"),
        ({"networks": ["::ffff:127.0.0.0/104"]}, "networks"),
        ({"networks": ["203.0.113.0/24"]}, "networks"),
        ({"networks": ["127.0.0.1"] * 101}, "networks"),
    ],
)
def test_what_makes_no_sense_or_locks_the_caller_out_is_refused(
    owner: TenantClient, wish: dict[str, Any], field: str
) -> None:
    answer = put(owner, **wish)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_policy")
    assert answer.json()["errors"][0]["field"] == field
    assert owner.get(URL).json() == NOTHING


def test_an_address_outside_reaches_nothing_by_session_key_or_password(
    shop: Entry, globex: Entry, person: User
) -> None:
    session, keyed = TenantClient(shop).sign_in(person), TenantClient(shop).use_key(person)
    elsewhere = TenantClient(globex).sign_in(factories.member(globex))
    ask(shop, networks=("203.0.113.0/24", "2001:db8::/32"))
    for client in (session, keyed):
        answer = client.get(ME)
        assert (answer.status_code, answer.json()["code"]) == (403, "address_refused")
        for inside in ("203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9"):
            assert client.get(ME, REMOTE_ADDR=inside).status_code == 200
    for password in (PASSWORD, "wrong"):
        body = {"email": person.email, "password": password}
        assert TenantClient(shop).post("/sign-in", body).status_code == 403, "says nothing of the password"
    assert sign_in(TenantClient(shop), person).json()["code"] == "address_refused"
    allauth = TenantClient(shop).post(
        "/_allauth/browser/v1/auth/login",
        {"email": person.email, "password": PASSWORD},
        content_type="application/json",
    )
    assert allauth.status_code == 403
    assert elsewhere.get(ME).status_code == 200
    with context.use(shop):
        refused = AuditEntry.objects.filter(action="access.refused").values_list("subject", flat=True)
        assert "address 127.0.0.1" in set(refused)


def test_a_header_that_the_client_wrote_is_no_address(shop: Entry, person: User, settings: Any) -> None:
    client = TenantClient(shop).sign_in(person)
    ask(shop, networks=("203.0.113.0/24",))
    assert client.get(ME, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    settings.LEASEHOLD_TRUSTED_PROXIES = 1
    assert client.get(ME, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}).status_code == 403
    assert client.get(ME, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}).status_code == 200


def test_a_session_ends_when_the_tenant_says(shop: Entry, person: User) -> None:
    client = TenantClient(shop)
    sign_in(client, person)
    ask(shop, session_minutes=60)
    now = timezone.now()
    with time_machine.travel(now + timedelta(minutes=59)):
        assert client.get(ME).status_code == 200
    with time_machine.travel(now + timedelta(minutes=61)):
        assert client.get(ME).status_code == 401
        assert sign_in(client, person).status_code == 200, "the same browser signs in again"
        assert client.get(ME).status_code == 200


def test_a_member_without_a_second_factor_reaches_the_set_up_alone(shop: Entry, person: User) -> None:
    client = TenantClient(shop)
    token = sign_in(client, person).json()["csrf_token"]
    ask(shop, mfa_required=True)
    answer = client.get(ME)
    assert (answer.status_code, answer.json()["code"]) == (403, "mfa_setup_required")
    assert client.get("/")["Location"] == "/account"
    assert client.get("/files/x")["Location"] == "/account"
    assert client.get("/account").status_code == 200
    assert client.delete("/api/v1/session", headers={"X-CSRFToken": token}).status_code == 204
    again = TenantClient(shop)
    assert sign_in(again, person).status_code == 200
    assert again.get(ME).status_code == 403


def test_a_session_of_before_the_factor_has_to_give_it(shop: Entry, person: User) -> None:
    before = TenantClient(shop).sign_in(person)
    secret = factories.app(person)
    ask(shop, mfa_required=True)
    assert before.get(ME).status_code == 403
    assert before.post("/account/confirm", {"password": PASSWORD}).status_code == 302
    assert before.get(ME).status_code == 403, "the password is no second factor"
    assert before.post("/account/confirm", {"code": factories.code(secret)}).status_code == 302
    assert before.get(ME).status_code == 200


def test_a_member_with_a_second_factor_and_a_key_go_on(shop: Entry, person: User) -> None:
    secret = factories.app(person)
    ask(shop, mfa_required=True)
    client = TenantClient(shop)
    answer = sign_in(client, person)
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    assert sign_in(client, person, code=factories.code(secret)).status_code == 200
    assert client.get(ME).status_code == 200
    assert TenantClient(shop).use_key(person).get(ME).status_code == 200, "programs have no second factor"
