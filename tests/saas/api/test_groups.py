"""Groups over the API."""

from typing import Any

from tenants.directory import Entry
from tenants.models import Role
from tenants.testing import TenantClient
from tests import factories
from tests.saas.api.test_members import JSON, id_of

URL = "/api/v1/groups"


def create(client: TenantClient, **body: Any) -> Any:
    return client.post(URL, {"name": "Packers"} | body, content_type=JSON)


def test_a_group_is_made_filled_changed_and_deleted(admin: TenantClient, shop: Entry) -> None:
    user = factories.member(shop, Role.VIEWER)
    caller, member = TenantClient(shop).use_key(user), id_of(user, shop)
    made = create(admin, role="editor")
    assert made.status_code == 201
    one = f"{URL}/{made.json()['id']}"

    def may_write() -> bool:
        return "products.write" in caller.get("/api/v1/me").json()["permissions"]

    assert not may_write()
    assert admin.put(f"{one}/members/{member}").status_code == 204
    assert may_write()
    assert [row["email"] for row in admin.get(f"{one}/members").json()["items"]] == [user.email]
    shown = next(row for row in admin.get("/api/v1/members").json()["items"] if row["id"] == member)
    assert [group["name"] for group in shown["groups"]] == ["Packers"]
    assert admin.put(one, {"name": "Readers"}, content_type=JSON).json()["role"] == ""
    assert not may_write()
    assert admin.delete(f"{one}/members/{member}").status_code == 204
    assert admin.delete(f"{one}/members/{member}").status_code == 404
    assert admin.delete(one).status_code == 204
    assert admin.get(URL).json()["items"] == []


def test_what_cannot_be_is_refused(admin: TenantClient) -> None:
    create(admin)
    for answer, status, code in (
        (create(admin), 409, "role_taken"),
        (create(admin, name="Kings", role="owner"), 422, "invalid_role"),
        (create(admin, name="X", custom_role_id="00000000-0000-7000-8000-000000000000"), 404, "unknown_role"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_another_tenant_s_group_and_members_are_not_found(
    admin: TenantClient, outsider: TenantClient, shop: Entry, globex: Entry
) -> None:
    one = f"{URL}/{create(admin, role='editor').json()['id']}"
    stranger = factories.member(globex)
    assert outsider.get(f"{one}/members").status_code == 404
    assert outsider.put(f"{one}/members/{id_of(stranger, globex)}").status_code == 404
    assert outsider.delete(one).status_code == 404
    assert admin.put(f"{one}/members/{id_of(stranger, globex)}").status_code == 404
    assert admin.get(f"{one}/members").json()["items"] == []
