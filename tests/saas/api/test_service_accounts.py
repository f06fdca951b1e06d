import uuid
from typing import Any

import pytest
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import ApiKey, AuditEntry, ServiceAccount
from tenants.people import memberships
from tenants.testing import TenantClient

URL = "/api/v1/service-accounts"
ME = "/api/v1/me"


def make(client: TenantClient, role: str = "editor", name: str = "importer") -> Any:
    return client.post(URL, {"name": name, "role": role}, "application/json")


def key_of(client: TenantClient, account: dict[str, Any], **body: Any) -> Any:
    return client.post(
        "/api/v1/keys", {"name": "k", "service_account_id": account["id"], **body}, "application/json"
    )


def program(tenant: Entry, secret: str) -> TenantClient:
    client = TenantClient(tenant)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_an_account_acts_with_its_role_and_the_record_names_it(admin: TenantClient, shop: Entry) -> None:
    account = make(admin, role="admin").json()
    robot = program(shop, key_of(admin, account).json()["secret"])
    me = robot.get(ME).json()
    assert (me["role"], me["email"], me["name"], me["id"]) == ("admin", "", "importer", account["id"])
    made = robot.post("/api/v1/keys", {"name": "of its own"}, "application/json").json()
    assert (made["service_account_id"], made["membership_id"]) == (account["id"], None)
    with context.use(shop):
        entry = AuditEntry.objects.get(action="key.created", subject=made["prefix"])
    assert (entry.actor, str(entry.actor_id)) == ("service account importer", account["id"])


def test_an_ended_account_is_refused_at_once_and_is_gone(admin: TenantClient, shop: Entry) -> None:
    account = make(admin).json()
    robot = program(shop, key_of(admin, account).json()["secret"])
    assert robot.get(ME).status_code == 200
    assert admin.delete(f"{URL}/{account['id']}").status_code == 204
    assert robot.get(ME).status_code == 401
    assert admin.get(f"{URL}/{account['id']}").status_code == 404
    assert admin.get(URL).json() == {"items": []}
    assert key_of(admin, account).status_code == 404
    assert make(admin).status_code == 201, "the name is free again"


def test_a_new_role_counts_at_once(admin: TenantClient, shop: Entry) -> None:
    account = make(admin).json()
    robot = program(shop, key_of(admin, account).json()["secret"])
    product = {"name": "x", "price": 1, "currency": "EUR"}
    assert robot.post("/api/v1/products", product, "application/json").status_code == 201
    assert (
        admin.patch(f"{URL}/{account['id']}", {"role": "viewer"}, "application/json").json()["role"]
        == "viewer"
    )
    assert robot.post("/api/v1/products", product, "application/json").status_code == 403


@pytest.mark.parametrize("role", ["owner", "king", ""])
def test_no_account_is_an_owner(owner: TenantClient, role: str) -> None:
    account = make(owner).json()
    assert make(owner, role=role, name="other").json()["code"] == "invalid_account"
    answer = owner.patch(f"{URL}/{account['id']}", {"role": role}, "application/json")
    assert answer.json()["code"] == "invalid_account"
    assert owner.get(f"{URL}/{account['id']}").json()["role"] == "editor"


def test_two_live_accounts_have_two_names(admin: TenantClient) -> None:
    assert make(admin).status_code == 201
    assert make(admin).json()["code"] == "invalid_account"
    assert len(admin.get(URL).json()["items"]) == 1


def test_a_scoped_key_makes_no_account_and_no_key_that_may_more(admin: TenantClient, shop: Entry) -> None:
    scopes = ["keys.manage", "service_accounts.manage", "tenant.read"]
    secret = admin.post("/api/v1/keys", {"name": "k", "scopes": scopes}, "application/json").json()["secret"]
    robot = program(shop, secret)
    assert make(robot).status_code == 403
    account = make(admin).json()
    assert key_of(robot, account).status_code == 403
    assert key_of(robot, account, scopes=["tenant.read"]).status_code == 201


def test_an_editor_manages_none_and_an_outsider_sees_none(
    admin: TenantClient, editor: TenantClient, outsider: TenantClient
) -> None:
    account = make(admin).json()
    assert make(editor).status_code == editor.get(URL).status_code == 403
    assert outsider.get(URL).json() == {"items": []}
    url, missing = f"{URL}/{account['id']}", f"{URL}/{uuid.uuid4()}"
    for method in ("get", "delete"):
        foreign, nothing = getattr(outsider, method)(url), getattr(outsider, method)(missing)
        assert (foreign.status_code, foreign.content) == (404, nothing.content)
    assert outsider.patch(url, {"role": "viewer"}, "application/json").status_code == 404
    assert key_of(outsider, account).status_code == 404
    assert admin.get(url).json()["role"] == "editor"


def test_an_account_holds_no_session_and_has_no_password(admin: TenantClient, shop: Entry) -> None:
    account = make(admin).json()
    with context.identity():
        key = ApiKey.objects.get(id=key_of(admin, account).json()["id"])
        stand_in = memberships.by_key(key.id, shop)
    assert stand_in is not None
    assert TenantClient(shop).sign_in(stand_in.user).get(ME).status_code == 401
    body = {"email": stand_in.user.email, "password": "anything at all"}
    assert TenantClient(shop).post("/api/v1/session", body, "application/json").status_code == 401
    with pytest.raises(TypeError, match="service account importer is no person"):
        stand_in.user.save()


def test_a_key_that_outlived_its_account_is_refused(admin: TenantClient, shop: Entry) -> None:
    account = make(admin).json()
    robot = program(shop, key_of(admin, account).json()["secret"])
    with context.identity():
        ServiceAccount.objects.filter(id=account["id"]).update(ended_at=timezone.now())
    assert robot.get(ME).status_code == 401


def test_it_invites_nobody(admin: TenantClient, shop: Entry) -> None:
    robot = program(shop, key_of(admin, make(admin, role="admin").json()).json()["secret"])
    body = {"email": "guest@example.com", "role": "viewer"}
    answer = robot.post("/api/v1/invitations", body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "service account" in answer.json()["detail"]
    assert admin.post("/api/v1/invitations", body, "application/json").status_code == 201
