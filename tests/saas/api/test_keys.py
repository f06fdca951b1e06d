import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import ApiKey, ApiKeyDigest, AuditEntry
from tenants.testing import TenantClient

URL = "/api/v1/keys"
ME = "/api/v1/me"


def make(client: TenantClient, **body: Any) -> Any:
    return client.post(URL, {"name": "robot", **body}, content_type="application/json")


def with_secret(client: TenantClient, secret: str) -> TenantClient:
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_a_key_is_shown_once_and_then_works(admin: TenantClient, anonymous: TenantClient) -> None:
    made = make(admin)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert with_secret(anonymous, secret).get(ME).status_code == 200
    assert secret not in admin.get(URL).content.decode()


def test_the_database_holds_only_a_digest(admin: TenantClient) -> None:
    secret = make(admin).json()["secret"]
    with context.identity():
        row = ApiKeyDigest.objects.order_by("-key__created_at").values().first()
    assert row is not None
    assert secret not in str(row)
    assert len(bytes(row["digest"])) == 32


def test_a_revoked_key_is_refused_at_once_also_when_it_was_just_used(
    admin: TenantClient, anonymous: TenantClient
) -> None:
    made = make(admin).json()
    robot = with_secret(anonymous, made["secret"])
    assert robot.get(ME).status_code == 200
    assert admin.delete(f"{URL}/{made['id']}").status_code == 204
    assert robot.get(ME).status_code == 401


def test_an_expired_key_is_refused(admin: TenantClient, anonymous: TenantClient) -> None:
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    made = make(admin, expires_at=soon).json()
    assert with_secret(anonymous, made["secret"]).get(ME).status_code == 200
    with context.identity():
        ApiKey.objects.filter(id=made["id"]).update(expires_at=timezone.now())
    assert anonymous.get(ME).status_code == 401


def test_keys_of_other_tenants_are_neither_listed_nor_revoked(
    admin: TenantClient, outsider: TenantClient, anonymous: TenantClient
) -> None:
    made = make(admin).json()
    assert made["id"] not in outsider.get(URL).content.decode()
    foreign, missing = outsider.delete(f"{URL}/{made['id']}"), outsider.delete(f"{URL}/{uuid.uuid4()}")
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert with_secret(anonymous, made["secret"]).get(ME).status_code == 200


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_it_refuses_a_name_that_is_empty_or_too_long(admin: TenantClient, name: str) -> None:
    answer = make(admin, name=name)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


def test_an_editor_may_not_manage_keys(editor: TenantClient) -> None:
    assert make(editor).status_code == 403
    assert editor.get(URL).status_code == 403


def test_making_and_revoking_is_recorded_without_the_secret(admin: TenantClient, shop: Entry) -> None:
    made = make(admin).json()
    admin.delete(f"{URL}/{made['id']}")
    with context.use(shop):
        entries = list(
            AuditEntry.objects.filter(action__startswith="key.", at__gte=made["created_at"])
            .order_by("at")
            .values()
        )
    assert [entry["action"] for entry in entries] == ["key.created", "key.revoked"]
    assert made["secret"] not in str(entries)


def test_a_scoped_key_does_what_its_scopes_and_its_member_allow(
    admin: TenantClient, anonymous: TenantClient
) -> None:
    made = make(admin, scopes=["products.read", "tenant.read", "security.manage"])
    assert (made.status_code, made.json()["scopes"]) == (
        201,
        ["products.read", "security.manage", "tenant.read"],
    )
    robot = with_secret(anonymous, made.json()["secret"])
    assert robot.get("/api/v1/products").status_code == 200
    refused = robot.post("/api/v1/products", {"name": "x", "price": 1, "currency": "EUR"}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert "scopes" in refused.json()["detail"]
    assert robot.get(ME).json()["permissions"] == ["products.read", "tenant.read"], (
        "how people sign in is the owner's to set"
    )


@pytest.mark.parametrize("scopes", [[], ["products.eat"], ["*", "products.read"]])
def test_it_refuses_scopes_that_are_none_or_unknown(admin: TenantClient, scopes: list[str]) -> None:
    answer = make(admin, scopes=scopes)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_scopes")


@pytest.mark.parametrize("body", [{}, {"scopes": None}, {"scopes": ["*"]}])
def test_without_scopes_a_key_may_all_that_its_member_may(
    admin: TenantClient, anonymous: TenantClient, body: dict[str, Any]
) -> None:
    robot = with_secret(anonymous, make(admin, **body).json()["secret"])
    assert robot.get(ME).json()["permissions"] == admin.get(ME).json()["permissions"]


def test_a_scoped_key_makes_no_wider_one(admin: TenantClient, anonymous: TenantClient) -> None:
    robot = with_secret(anonymous, make(admin, scopes=["keys.manage", "tenant.read"]).json()["secret"])
    wider = make(robot, scopes=["tenant.read", "products.read"])
    assert (wider.status_code, wider.json()["code"]) == (403, "permission_denied")
    later = make(robot, scopes=["members.manage", "tenant.read"])
    assert later.status_code == 403, "its member may be an owner tomorrow"
    assert make(robot).json()["scopes"] == ["keys.manage", "tenant.read"], "its own, when none are named"
    assert make(robot, scopes=["tenant.read"]).status_code == 201


def test_it_refuses_an_end_that_has_passed(admin: TenantClient) -> None:
    answer = make(admin, expires_at=timezone.now().isoformat())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_expiry")


def rotate(client: TenantClient, key_id: str, seconds: int) -> Any:
    return client.post(f"{URL}/{key_id}/rotate", {"overlap_seconds": seconds}, "application/json")


def test_both_secrets_work_during_the_overlap_and_only_the_new_one_afterwards(
    admin: TenantClient, shop: Entry
) -> None:
    start = timezone.now()
    old = make(admin, scopes=["tenant.read"]).json()
    new = rotate(admin, old["id"], 3_600).json()
    assert (new["replaces_id"], new["scopes"], new["name"]) == (old["id"], ["tenant.read"], "robot")
    both = [with_secret(TenantClient(shop), key["secret"]) for key in (old, new)]
    with time_machine.travel(start + timedelta(minutes=59)):
        assert [robot.get(ME).status_code for robot in both] == [200, 200]
    with time_machine.travel(start + timedelta(minutes=61)):
        assert [robot.get(ME).status_code for robot in both] == [401, 200]
    with context.use(shop):
        entry = AuditEntry.objects.get(action="key.rotated", subject=old["id"])
    assert entry.after is not None
    assert entry.after["prefix"] == new["prefix"]
    assert new["secret"] not in str(entry.__dict__)


def test_a_key_is_rotated_once_and_not_when_it_is_dead(admin: TenantClient) -> None:
    first, second = make(admin).json(), make(admin).json()
    assert rotate(admin, first["id"], 3_600).status_code == 201
    assert rotate(admin, first["id"], 3_600).json()["code"] == "not_rotatable"
    admin.delete(f"{URL}/{second['id']}")
    assert rotate(admin, second["id"], 3_600).status_code == 409
    assert rotate(admin, second["id"], 31 * 86_400).status_code == 422


def test_nobody_gets_the_secret_of_another_s_key_by_rotating_it(
    admin: TenantClient, owner: TenantClient, outsider: TenantClient
) -> None:
    made = make(owner).json()
    assert rotate(admin, made["id"], 0).status_code == 403
    assert rotate(outsider, made["id"], 0).status_code == 404
    assert rotate(owner, made["id"], 0).status_code == 201


@pytest.mark.parametrize("ending", ["revoked", "expired"])
def test_a_dead_key_gets_the_same_401_and_the_log_says_why(
    admin: TenantClient, anonymous: TenantClient, caplog: pytest.LogCaptureFixture, ending: str
) -> None:
    made = make(admin).json()
    with context.identity():
        ApiKey.objects.filter(id=made["id"]).update(
            **{f"{ending}_at".replace("expired", "expires"): timezone.now()}
        )
    answer = with_secret(anonymous, made["secret"]).get(ME)
    unknown = with_secret(anonymous, "lh_" + "A" * 43).get(ME)
    assert (answer.status_code, answer.content) == (401, unknown.content)
    assert f"key {made['prefix']}… refused: {ending}" in caplog.text
    assert made["secret"] not in caplog.text
