"""Where a person is signed in: on this host in full, elsewhere as a number; one is ended, or all are."""

from typing import Any

import pytest

from tenants import context
from tenants.directory import Entry
from tenants.models import Role, User
from tenants.testing import TenantClient
from tests import databases, factories

URL = "/api/v1/sessions"
ME = "/api/v1/me"


@pytest.fixture
def person(shop: Entry, globex: Entry) -> User:
    """A member of two tenants."""
    user = factories.member(shop, Role.VIEWER, password=databases.PASSWORD)
    with context.identity():
        factories.MembershipFactory(tenant_id=globex.id, user=user, role=Role.OWNER)
    return user


def sign_in(tenant: Entry, user: User, **extra: Any) -> TenantClient:
    client = TenantClient(tenant)
    body = {"email": user.email, "password": databases.PASSWORD}
    answer = client.post("/api/v1/session", body, content_type="application/json", **extra)
    client.defaults["HTTP_X_CSRFTOKEN"] = answer.json()["csrf_token"]
    return client


def test_it_lists_this_host_and_counts_the_others(shop: Entry, globex: Entry, person: User) -> None:
    sign_in(shop, person, REMOTE_ADDR="203.0.113.9", headers={"User-Agent": "Lamp/1.0"})
    here, _ = sign_in(shop, person), sign_in(globex, person)
    found = here.get(URL).json()
    assert found["elsewhere"] == 1
    assert [item["current"] for item in found["items"]] == [True, False]
    assert (found["items"][1]["address"], found["items"][1]["browser"]) == ("203.0.113.9", "Lamp/1.0")
    assert here.cookies["session"].value not in here.get(URL).content.decode()


def test_one_is_ended_by_its_owner_alone(shop: Entry, globex: Entry, person: User) -> None:
    other, here = sign_in(shop, person), sign_in(shop, person)
    (listed,) = [item["id"] for item in here.get(URL).json()["items"] if not item["current"]]
    neighbour = sign_in(shop, factories.member(shop, Role.OWNER, password=databases.PASSWORD))
    elsewhere = sign_in(globex, person)
    for stranger in (neighbour, elsewhere):
        assert stranger.delete(f"{URL}/{listed}").status_code == 404
    assert other.get(ME).status_code == 200
    assert here.delete(f"{URL}/{listed}").status_code == 204
    assert (other.get(ME).status_code, here.get(ME).status_code) == (401, 200)


def test_all_are_ended_in_every_tenant(shop: Entry, globex: Entry, person: User) -> None:
    clients = [sign_in(shop, person), sign_in(globex, person), sign_in(shop, person)]
    neighbour = sign_in(shop, factories.member(shop, Role.OWNER, password=databases.PASSWORD))
    assert clients[0].delete(URL).status_code == 204
    assert [client.get(ME).status_code for client in clients] == [401, 401, 401]
    assert neighbour.get(ME).status_code == 200


def test_a_key_has_no_sessions_and_a_visitor_none(editor: TenantClient, anonymous: TenantClient) -> None:
    assert [editor.get(URL).status_code, editor.delete(URL).status_code] == [404, 404]
    assert [anonymous.get(URL).status_code, anonymous.delete(URL).status_code] == [401, 401]
