"""Invitations over the API."""

from typing import Any

import pytest

from tenants import directory, lifecycle
from tenants.directory import Entry
from tenants.models import Role
from tenants.testing import TenantClient
from tests import databases, factories
from tests.saas.api.test_members import JSON, role_in
from tests.tenants.people.test_invitations import Mails, mails

__all__ = ["mails"]

URL = "/api/v1/invitations"
ADA = "ada@example.com"
PASSWORD = databases.PASSWORD


def invite(client: TenantClient, **body: Any) -> Any:
    return client.post(URL, {"email": ADA, "role": "editor"} | body, content_type=JSON)


def accept(client: TenantClient, token: str, **body: Any) -> Any:
    return client.post(f"{URL}/accept", {"token": token, **body}, content_type=JSON)


def test_an_address_is_invited_accepts_and_signs_in(
    admin: TenantClient, anonymous: TenantClient, mails: Mails
) -> None:
    made = invite(admin)
    assert made.status_code == 201
    assert mails.token() not in made.content.decode()
    assert [one["email"] for one in admin.get(URL).json()["items"]] == [ADA]
    answer = accept(anonymous, mails.token(), name="Ada", password=PASSWORD)
    assert (answer.status_code, answer.json()) == (200, {"email": ADA, "role": "editor"})
    assert admin.get(URL).json()["items"] == []
    signed_in = anonymous.post("/api/v1/session", {"email": ADA, "password": PASSWORD}, content_type=JSON)
    assert signed_in.json()["role"] == "editor"


def test_nobody_is_invited_beyond_the_seats_of_the_plan_but_in_another_tenant(
    fresh_db: str, shop: Entry, globex: Entry, mails: Mails
) -> None:
    admin = TenantClient(shop).sign_in(factories.member(shop, Role.ADMIN))
    outsider = TenantClient(globex).sign_in(factories.member(globex, Role.ADMIN))
    used = admin.get("/api/v1/members").json()["seats"]["used"]
    factories.plan(shop, seats=used + 1)
    assert [invite(admin).status_code, invite(outsider).status_code] == [201, 201]
    answer = invite(admin, email="two@example.com")
    assert (answer.status_code, answer.json()["code"]) == (409, "seats_taken")
    assert [to for _, to, _ in mails.sent] == [ADA, ADA]
    assert admin.get("/api/v1/members").json()["seats"] == {"used": used, "invited": 1, "limit": used + 1}


def test_it_is_void_when_used_revoked_or_sent_again_and_on_another_host(
    admin: TenantClient, anonymous: TenantClient, outsider: TenantClient, globex: Entry, mails: Mails
) -> None:
    one = f"{URL}/{invite(admin).json()['id']}"
    assert outsider.post(f"{one}/resend").status_code == 404
    assert outsider.delete(one).status_code == 404
    assert outsider.get(URL).json()["items"] == []
    assert admin.post(f"{one}/resend").status_code == 200
    assert admin.delete(one).status_code == 204
    assert admin.delete(one).status_code == 404
    invite(admin)
    attempts = [
        (anonymous, mails.token(0), 410),
        (anonymous, mails.token(1), 410),
        (TenantClient(globex), mails.token(2), 410),
        (anonymous, mails.token(2), 200),
        (anonymous, mails.token(2), 410),
    ]
    assert [accept(client, token, password=PASSWORD).status_code for client, token, _ in attempts] == [
        status for *_, status in attempts
    ]


def test_who_is_signed_in_with_another_address_is_refused(
    admin: TenantClient, shop: Entry, mails: Mails
) -> None:
    invite(admin)
    eve = factories.member(shop, Role.VIEWER, email="eve@example.com")
    answer = accept(TenantClient(shop).sign_in(eve), mails.token(), password=PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (403, "invited_another")
    assert role_in(shop, eve) == "viewer"


def test_who_exists_must_prove_it(
    admin: TenantClient, anonymous: TenantClient, shop: Entry, globex: Entry, mails: Mails
) -> None:
    ada = factories.member(globex, email=ADA, password=PASSWORD)
    invite(admin)
    answer = accept(anonymous, mails.token(), password="a wrong password")
    assert (answer.status_code, answer.json()["code"]) == (401, "proof_needed")
    assert role_in(shop, ada) is None
    assert accept(anonymous, mails.token(), password=PASSWORD).status_code == 200
    assert role_in(shop, ada) == "editor"


def test_a_page_of_another_host_cannot_accept(
    admin: TenantClient, anonymous: TenantClient, mails: Mails
) -> None:
    invite(admin)
    body = {"token": mails.token(), "password": PASSWORD}
    foreign = anonymous.post(
        f"{URL}/accept", body, content_type=JSON, headers={"Origin": "http://globex.localhost"}
    )
    assert foreign.status_code == 403
    assert accept(anonymous, mails.token(), password=PASSWORD).status_code == 200


def test_what_cannot_be_is_refused(admin: TenantClient, mails: Mails) -> None:
    invite(admin)
    for answer, status, code in (
        (invite(admin), 409, "already_invited"),
        (invite(admin, email="ada"), 422, "invalid_address"),
        (invite(admin, email="x@example.com", role="emperor"), 422, "invalid_role"),
        (invite(admin, email="x@example.com", role="owner"), 403, "permission_denied"),
        (invite(admin, email="owner@acme.example"), 409, "already_member"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(mails.sent) == 1


def test_a_suspended_tenant_takes_nobody(
    fresh_db: str, admin: TenantClient, anonymous: TenantClient, mails: Mails
) -> None:
    invite(admin)
    lifecycle.suspend("acme", by="test")
    assert accept(anonymous, mails.token(), password=PASSWORD).status_code in (403, 410)
    directory.clear()
    assert accept(anonymous, mails.token(), password=PASSWORD).status_code == 403
    assert invite(admin, email="bob@example.com").status_code == 403


def test_a_person_who_was_removed_may_be_invited_back_by_their_session(
    admin: TenantClient, shop: Entry, mails: Mails
) -> None:
    ada = factories.member(shop, Role.VIEWER, email=ADA)
    browser = TenantClient(shop).sign_in(ada)
    members = admin.get("/api/v1/members").json()["items"]
    admin.delete(f"/api/v1/members/{next(one['id'] for one in members if one['email'] == ADA)}")
    assert browser.get("/api/v1/me").status_code == 401
    invite(admin, role="viewer")
    assert accept(browser, mails.token()).status_code == 200
    assert browser.get("/api/v1/me").json()["role"] == "viewer"


@pytest.mark.parametrize("token", ["", "x", "a:b:c"])
def test_a_forged_token_is_no_invitation(anonymous: TenantClient, token: str) -> None:
    assert accept(anonymous, token, password=PASSWORD).status_code == 410
