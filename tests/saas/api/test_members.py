"""Members over the API: listed, changed, removed, leaving, handing the ownership over."""

from typing import Any

import pytest

from tenants import context, mail
from tenants.directory import Entry
from tenants.models import AuditEntry, Membership, Role, User
from tenants.testing import TenantClient
from tests import factories

URL = "/api/v1/members"
JSON = "application/json"


@pytest.fixture(autouse=True)
def no_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "send", lambda *_, **__: None)


@pytest.fixture
def boss(shop: Entry) -> User:
    return factories.member(shop, Role.OWNER, email="boss@example.com")


@pytest.fixture
def owner(shop: Entry, boss: User) -> TenantClient:
    return TenantClient(shop).use_key(boss)


def id_of(user: User, tenant: Entry) -> str:
    with context.identity():
        return str(Membership.objects.get(user=user, tenant_id=tenant.id, ended_at__isnull=True).id)


def role_in(tenant: Entry, user: User) -> str | None:
    with context.identity():
        found = Membership.objects.filter(user=user, tenant_id=tenant.id, ended_at__isnull=True).first()
        return found.role if found else None


def patch(client: TenantClient, member: str, **body: Any) -> Any:
    return client.patch(f"{URL}/{member}", body, content_type=JSON)


def test_the_list_says_how_many_seats_are_taken(
    fresh_db: str, owner: TenantClient, shop: Entry, globex: Entry, outsider: TenantClient
) -> None:
    factories.plan(shop, seats=None)
    factories.plan(globex, seats=7)
    with context.identity():
        used = Membership.objects.filter(tenant_id=shop.id, ended_at=None).count()
        theirs = Membership.objects.filter(tenant_id=globex.id, ended_at=None).count()
    assert owner.get(URL).json()["seats"] == {"used": used, "invited": 0, "limit": None}
    assert outsider.get(URL).json()["seats"] == {"used": theirs, "invited": 0, "limit": 7}
    session = TenantClient(shop).sign_in(factories.member(shop, Role.ADMIN))
    session.post("/api/v1/invitations", {"email": "ada@example.com", "role": "viewer"}, content_type=JSON)
    assert owner.get(URL, {"limit": 1}).json()["seats"] == {"used": used + 1, "invited": 1, "limit": None}


def test_members_are_listed_page_by_page_and_only_the_tenant_s(
    owner: TenantClient, shop: Entry, globex: Entry
) -> None:
    people = [factories.member(shop, Role.VIEWER).email for _ in range(3)]
    stranger = factories.member(globex, Role.OWNER).email
    seen: list[str] = []
    cursor = ""
    while True:
        page = owner.get(URL, {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 2
        seen += [one["email"] for one in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen))
    assert {*people, "boss@example.com"} <= set(seen)
    assert stranger not in seen
    assert seen.index(people[2]) < seen.index(people[0])
    assert owner.get(URL, {"cursor": "forged"}).status_code == 400


def test_a_cursor_of_another_tenant_is_refused(owner: TenantClient, globex: Entry) -> None:
    for _ in range(2):
        factories.member(globex)
    theirs = TenantClient(globex).use_key(factories.member(globex, Role.OWNER))
    cursor = theirs.get(URL, {"limit": 1}).json()["next"]
    assert theirs.get(URL, {"cursor": cursor}).status_code == 200
    assert owner.get(URL, {"cursor": cursor}).status_code == 400


def test_a_role_is_changed(owner: TenantClient, shop: Entry) -> None:
    user = factories.member(shop, Role.VIEWER)
    role = owner.post(
        "/api/v1/roles", {"name": "Auditor", "permissions": ["audit.read"]}, content_type=JSON
    ).json()
    answer = patch(owner, id_of(user, shop), role="editor", custom_role_id=role["id"])
    assert (answer.status_code, answer.json()["role"]) == (200, "editor")
    assert answer.json()["custom_role"] == {"id": role["id"], "name": "Auditor"}
    caller = TenantClient(shop).use_key(user)
    me = set(caller.get("/api/v1/me").json()["permissions"])
    assert {"products.write", "audit.read"} <= me
    assert patch(owner, id_of(user, shop), custom_role_id=None).json()["custom_role"] is None
    assert role_in(shop, user) == "editor"


def test_half_a_change_is_none(owner: TenantClient, shop: Entry) -> None:
    user = factories.member(shop, Role.VIEWER)
    unknown = "00000000-0000-7000-8000-000000000000"
    answer = patch(owner, id_of(user, shop), role="editor", custom_role_id=unknown)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_role")
    assert role_in(shop, user) == "viewer"
    with context.use(shop):
        assert not AuditEntry.objects.filter(action="membership.role_changed").exists()


def test_nobody_rises_above_themselves(admin: TenantClient, shop: Entry, boss: User) -> None:
    user = factories.member(shop, Role.VIEWER)
    for member, body in ((user, {"role": "owner"}), (boss, {"role": "viewer"})):
        answer = patch(admin, id_of(member, shop), **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert admin.delete(f"{URL}/{id_of(boss, shop)}").status_code == 403
    assert (role_in(shop, user), role_in(shop, boss)) == ("viewer", "owner")
    assert patch(admin, id_of(user, shop), role="emperor").json()["code"] == "invalid_role"


def test_another_tenant_s_member_is_not_found(owner: TenantClient, globex: Entry) -> None:
    stranger = factories.member(globex, Role.OWNER)
    member = id_of(stranger, globex)
    answers = [
        patch(owner, member, role="viewer"),
        owner.delete(f"{URL}/{member}"),
        owner.post(f"{URL}/{member}/ownership"),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "unknown_member")}
    assert role_in(globex, stranger) == "owner"


def test_a_member_is_removed_and_is_refused_at_once(owner: TenantClient, shop: Entry) -> None:
    user = factories.member(shop, Role.EDITOR)
    browser = TenantClient(shop).sign_in(user)
    assert browser.get("/api/v1/me").status_code == 200
    assert owner.delete(f"{URL}/{id_of(user, shop)}").status_code == 204
    assert browser.get("/api/v1/me").status_code == 401
    assert user.email not in {one["email"] for one in owner.get(URL).json()["items"]}


def test_whoever_wants_leaves_but_the_last_owner(shop: Entry, owner: TenantClient, boss: User) -> None:
    user = factories.member(shop, Role.VIEWER)
    client = TenantClient(shop).use_key(user)
    assert client.post(f"{URL}/leave").status_code == 204
    assert (role_in(shop, user), client.get("/api/v1/me").status_code) == (None, 401)
    with context.identity():
        Membership.objects.filter(tenant_id=shop.id, role=Role.OWNER).exclude(user=boss).update(
            role=Role.ADMIN
        )
    answer = owner.post(f"{URL}/leave")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert role_in(shop, boss) == "owner"


def test_an_owner_hands_the_ownership_over(shop: Entry, owner: TenantClient, boss: User) -> None:
    user = factories.member(shop, Role.EDITOR)
    answer = owner.post(f"{URL}/{id_of(user, shop)}/ownership")
    assert (answer.status_code, answer.json()["role"]) == (200, "owner")
    assert (role_in(shop, user), role_in(shop, boss)) == ("owner", "admin")
    assert owner.post(f"{URL}/{id_of(user, shop)}/ownership").status_code == 403
