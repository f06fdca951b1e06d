from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Membership, Role
from tenants.people import memberships, signers
from tenants.testing import TenantClient
from tests import factories

URL = "/api/v1/tokens"
ME = "/api/v1/me"


@pytest.fixture(autouse=True)
def no_signer_of_the_test_before() -> None:
    signers.forget_all()


def ask(client: TenantClient, **body: Any) -> Any:
    return client.post(URL, body, "application/json")


def holder(tenant: Entry, token: str) -> TenantClient:
    client = TenantClient(tenant)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def test_a_token_acts_as_who_asked_for_it_until_it_expires(editor: TenantClient, shop: Entry) -> None:
    start = timezone.now()
    answer = ask(editor)
    assert (answer.status_code, answer.json()["token_type"]) == (201, "Bearer")
    client = holder(shop, answer.json()["token"])
    assert client.get(ME).json() == editor.get(ME).json()
    with time_machine.travel(start + timedelta(minutes=14)):
        assert client.get(ME).status_code == 200
    with time_machine.travel(start + timedelta(minutes=16)):
        assert client.get(ME).status_code == 401


def test_a_token_has_no_more_than_its_scopes(editor: TenantClient, shop: Entry) -> None:
    answer = ask(editor, scopes=["tenant.read"])
    client = holder(shop, answer.json()["token"])
    assert client.get(ME).json()["permissions"] == ["tenant.read"]
    assert client.get("/api/v1/products").status_code == 403
    assert ask(editor, scopes=["keys.manage"]).json()["code"] == "permission_denied"
    assert ask(editor, scopes=[]).json()["code"] == "invalid_scopes"


def test_a_token_of_one_tenant_is_nobody_in_another(editor: TenantClient, globex: Entry) -> None:
    client = holder(globex, ask(editor).json()["token"])
    assert client.get(ME).status_code == 401


def test_a_token_of_a_person_of_two_tenants_stays_in_its_own(shop: Entry, globex: Entry) -> None:
    person = factories.member(shop, Role.VIEWER)
    with context.identity():
        factories.MembershipFactory(tenant_id=globex.id, user=person, role=Role.OWNER)
    token = ask(TenantClient(shop).use_key(person)).json()["token"]
    assert holder(shop, token).get(ME).json()["role"] == "viewer"
    assert holder(globex, token).get(ME).status_code == 401


def test_a_token_for_another_service_is_none_for_this_api(editor: TenantClient, shop: Entry) -> None:
    assert holder(shop, ask(editor, service="reports").json()["token"]).get(ME).status_code == 401
    assert ask(editor, service="Reports!").json()["code"] == "invalid_service"


def test_a_token_makes_neither_a_token_nor_a_key_nor_an_account(owner: TenantClient, shop: Entry) -> None:
    client = holder(shop, ask(owner).json()["token"])
    assert ask(client).status_code == 403
    assert client.post("/api/v1/keys", {"name": "k"}, "application/json").status_code == 403
    account = {"name": "a", "role": "viewer"}
    assert client.post("/api/v1/service-accounts", account, "application/json").status_code == 403


def test_a_removed_member_s_token_and_a_revoked_key_s_token_are_void_at_once(
    shop: Entry, admin: TenantClient
) -> None:
    person = factories.member(shop, Role.EDITOR)
    removed = holder(shop, ask(TenantClient(shop).use_key(person)).json()["token"])
    key = admin.post("/api/v1/keys", {"name": "k"}, "application/json").json()
    revoked = holder(shop, ask(holder(shop, key["secret"])).json()["token"])
    assert removed.get(ME).status_code == revoked.get(ME).status_code == 200
    with context.identity():
        memberships.end(Membership.objects.get(user=person, tenant_id=shop.id), by="test")
    assert admin.delete(f"/api/v1/keys/{key['id']}").status_code == 204
    assert removed.get(ME).status_code == revoked.get(ME).status_code == 401


def test_a_token_from_a_session_ends_with_a_new_password(shop: Entry) -> None:
    person = factories.member(shop, Role.EDITOR)
    client = TenantClient(shop).sign_in(person)
    token = holder(shop, ask(client).json()["token"])
    assert token.get(ME).status_code == 200
    with context.identity():
        person.set_password("another one of some length")
    assert token.get(ME).status_code == 401


def test_a_service_account_s_token_ends_with_it(admin: TenantClient, shop: Entry) -> None:
    body = {"name": "importer", "role": "editor"}
    account = admin.post("/api/v1/service-accounts", body, "application/json").json()
    key = admin.post(
        "/api/v1/keys", {"name": "k", "service_account_id": account["id"]}, "application/json"
    ).json()
    token = holder(shop, ask(holder(shop, key["secret"])).json()["token"])
    assert token.get(ME).json()["name"] == "importer"
    admin.delete(f"/api/v1/service-accounts/{account['id']}")
    assert token.get(ME).status_code == 401


def test_nobody_gets_none(anonymous: TenantClient) -> None:
    assert ask(anonymous).status_code == 401


def test_it_lasts_15_minutes_at_most(editor: TenantClient) -> None:
    assert ask(editor, seconds=901).status_code == 422
    assert ask(editor, seconds=0).status_code == 422
    assert ask(editor, seconds=900).status_code == 201


def test_issuing_is_recorded_without_the_token(editor: TenantClient, shop: Entry) -> None:
    token = ask(editor, scopes=["tenant.read"], service="reports").json()["token"]
    with context.use(shop):
        entry = AuditEntry.objects.filter(action="jwt.issued").latest("at")
    assert entry.after is not None
    assert (entry.after["service"], entry.after["scopes"]) == ("reports", ["tenant.read"])
    assert token not in str(entry.__dict__)
