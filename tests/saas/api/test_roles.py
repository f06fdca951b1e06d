"""Roles over the API."""

from typing import Any

from tenants.models import Role
from tenants.testing import TenantClient
from tests.saas.api.test_members import JSON

URL = "/api/v1/roles"


def create(client: TenantClient, name: str = "Packer", *permissions: str) -> Any:
    body = {"name": name, "permissions": permissions or ["products.write"]}
    return client.post(URL, body, content_type=JSON)


def test_the_list_names_built_in_roles_those_of_the_tenant_and_every_permission(
    admin: TenantClient, outsider: TenantClient
) -> None:
    create(admin)
    found = admin.get(URL).json()
    assert [one["role"] for one in found["built_in"]] == Role.values
    assert [(one["name"], one["permissions"]) for one in found["items"]] == [("Packer", ["products.write"])]
    texts = {one["code"]: one["text"] for one in found["permissions"]}
    assert texts["products.write"] == "Create, change and archive products"
    assert outsider.get(URL).json()["items"] == []


def test_a_role_is_made_changed_and_deleted(admin: TenantClient) -> None:
    made = create(admin)
    assert made.status_code == 201
    one = f"{URL}/{made.json()['id']}"
    changed = admin.patch(one, {"name": "Sorter"}, content_type=JSON)
    assert (changed.status_code, changed.json()["name"], changed.json()["permissions"]) == (
        200,
        "Sorter",
        ["products.write"],
    )
    assert admin.delete(one).status_code == 204
    assert admin.delete(one).status_code == 404


def test_what_cannot_be_is_refused(admin: TenantClient) -> None:
    create(admin)
    for answer, status, code in (
        (create(admin, "packer"), 409, "role_taken"),
        (create(admin, "Owner"), 422, "invalid_role"),
        (create(admin, "Flyer", "moon.land"), 422, "invalid_role"),
        (create(admin, "Heir", "tenant.transfer"), 403, "permission_denied"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_another_tenant_s_role_is_not_found(admin: TenantClient, outsider: TenantClient) -> None:
    one = f"{URL}/{create(admin).json()['id']}"
    assert outsider.delete(one).status_code == 404
    assert outsider.patch(one, {"name": "Mine"}, content_type=JSON).status_code == 404
    assert admin.get(URL).json()["items"][0]["name"] == "Packer"
