import uuid
from datetime import timedelta
from typing import Any

import pytest
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
