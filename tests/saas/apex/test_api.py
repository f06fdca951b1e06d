"""The apex's API does what its pages do."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from redis.exceptions import ConnectionError as CacheAway

from tenants import caching, context, provisioning
from tenants.directory import Entry
from tenants.models import Role, TenantRequest, User
from tests import databases, factories
from tests.saas.apex.conftest import Sent, new_browser
from tests.saas.apex.test_pages import invited, own_domain, token_of

PASSWORD = databases.PASSWORD
SignedIn = Callable[..., Client]
BODY = {"email": "ada@example.com", "password": PASSWORD, "tenant_name": "Engines", "slug": "engines"}


def post(client: Client, path: str, body: dict[str, Any], **more: Any) -> Any:
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", **more)


def test_sign_up_and_verify(browser: Client, sent: Sent) -> None:
    assert post(browser, "/sign-up", BODY).status_code == 202
    elsewhere, token = new_browser(), token_of(sent)
    refused = post(elsewhere, "/verify", {"token": token})
    assert (refused.status_code, refused.json()["code"]) == (403, "password_required")
    done = post(elsewhere, "/verify", {"token": token, "password": PASSWORD})
    assert done.status_code == 201
    assert done.json()["request"]["state"] == "requested"
    listed = elsewhere.get("/api/v1/tenants").json()
    assert listed["items"] == []
    assert [one["slug"] for one in listed["requests"]] == ["engines"]
    assert elsewhere.get("/api/v1/session").json()["email"] == "ada@example.com"


def test_known_and_unknown_addresses_get_the_same_bytes(tenant_db: None, sent: Sent) -> None:
    answers = [
        post(new_browser(), "/sign-up", {**BODY, "email": email})
        for email in ("nobody@example.com", "owner@acme.example")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    assert [purpose for purpose, *_ in sent] == ["verify_email", "sign_up_known_address"]


def test_a_refusal_names_the_field(browser: Client, sent: Sent) -> None:
    answer = post(browser, "/sign-up", {**BODY, "password": "short"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["password"]


def test_a_wrong_token_is_gone(browser: Client) -> None:
    assert post(browser, "/verify", {"token": "x"}).status_code == 410


@pytest.mark.parametrize(
    ("slug", "free"), [("engines", True), ("acme", False), ("acrne", False), ("admin", False), ("No", False)]
)
def test_a_slug_is_free_or_not_and_no_more_is_said(browser: Client, slug: str, free: bool) -> None:
    assert browser.get(f"/api/v1/slugs/{slug}").json() == {"slug": slug, "free": free}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ada's Engines", "ada-s-engines"),
        ("Acme", "acme-2"),
        ("Çeşme Köfte", "cesme-kofte"),
        ("42 Bikes", "bikes"),
        ("漢字", ""),
        ("x" * 100, "x" * 39),
    ],
)
def test_a_slug_is_suggested_from_a_name(browser: Client, name: str, slug: str) -> None:
    assert browser.get("/api/v1/slugs", {"name": name}).json() == {"slug": slug, "free": bool(slug)}


def test_whoever_asks_for_slugs_without_end_waits(browser: Client) -> None:
    found = [browser.get("/api/v1/slugs/engines").status_code for _ in range(130)]
    assert found[0] == 200
    assert found[-1] == 429


@pytest.mark.parametrize(
    ("path", "body"),
    [("/sign-up", BODY), ("/session", {"email": "owner@acme.example", "password": PASSWORD})],
)
def test_nothing_is_tried_uncounted(
    browser: Client, sent: Sent, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise CacheAway

    monkeypatch.setattr(caching.shared, "add", away)
    answer = post(browser, path, body)
    assert (answer.status_code, answer.json()["code"]) == (503, "cannot_count")
    assert sent == []


def test_a_session_begins_and_ends(browser: Client, shop: Entry) -> None:
    person = factories.member(shop, Role.VIEWER, password=PASSWORD)
    assert browser.get("/api/v1/session").status_code == 401
    assert post(browser, "/session", {"email": person.email, "password": "wrong"}).status_code == 401
    assert post(browser, "/session", {"email": person.email, "password": PASSWORD}).status_code == 200
    found = browser.get("/api/v1/tenants").json()["items"]
    assert [(one["hostname"], one["role"]) for one in found] == [("acme.localhost", "viewer")]
    assert browser.delete("/api/v1/session").status_code == 204
    assert browser.get("/api/v1/session").status_code == 401


def test_who_has_a_second_factor_needs_it(browser: Client, shop: Entry) -> None:
    person = factories.member(shop, password=PASSWORD)
    secret = factories.app(person)
    with context.identity():
        recovery = RecoveryCodes.activate(person).generate_codes()[0]
    credentials = {"email": person.email, "password": PASSWORD}
    without = post(browser, "/session", credentials)
    assert (without.status_code, without.json()["code"]) == (401, "mfa_required")
    assert browser.get("/api/v1/session").status_code == 401
    assert post(browser, "/session", {**credentials, "code": "000000"}).status_code == 403
    code = factories.code(secret)
    assert post(browser, "/session", {**credentials, "code": code}).status_code == 200
    assert post(new_browser(), "/session", {**credentials, "code": code}).status_code == 403, "used"
    assert post(new_browser(), "/session", {**credentials, "code": recovery}).status_code == 200
    assert post(new_browser(), "/session", {**credentials, "code": recovery}).status_code == 403, "used"


def test_the_form_asks_for_the_second_factor_on_a_page_of_its_own(browser: Client, shop: Entry) -> None:
    person = factories.member(shop, password=PASSWORD)
    with context.identity():
        totp.TOTP.activate(person, totp.generate_totp_secret())
        recovery = RecoveryCodes.activate(person).generate_codes()[0]
    page = browser.post("/sign-in", {"email": person.email, "password": PASSWORD}).content.decode()
    assert 'name="code"' in page
    assert browser.get("/tenants").status_code == 302
    assert browser.post("/sign-in/code", {"code": "nothing"}).status_code == 403
    assert new_browser().post("/sign-in/code", {"code": recovery}).status_code == 401, (
        "no password was given there"
    )
    assert browser.post("/sign-in/code", {"code": recovery}).status_code == 302
    assert browser.get("/tenants").status_code == 200


def test_changes_need_the_token_of_the_session(signed_in: SignedIn, shop: Entry) -> None:
    client = signed_in(factories.member(shop), enforce_csrf_checks=True)
    assert post(client, "/tenants", {"name": "x", "slug": "free-slug"}).status_code == 403
    token = client.get("/api/v1/session").json()["csrf_token"]
    allowed = post(client, "/tenants", {"name": "x", "slug": "free-slug"}, headers={"x-csrftoken": token})
    assert allowed.status_code == 202


def test_a_hop_is_issued_to_members_alone(signed_in: SignedIn, shop: Entry) -> None:
    client = signed_in(factories.member(shop))
    assert post(client, "/hop", {"slug": "acme"}).json() == {"url": "http://acme.localhost/hop/start"}
    given = post(client, "/hop", {"slug": "acme", "binding": "0" * 64}).json()["url"]
    assert given.startswith("http://acme.localhost/hop/finish?code=")
    assert post(client, "/hop", {"slug": "globex", "binding": "0" * 64}).status_code == 403
    assert post(new_browser(), "/hop", {"slug": "acme", "binding": "0" * 64}).status_code == 401


def test_a_request_is_its_person_s(signed_in: SignedIn, shop: Entry) -> None:
    person: User = factories.member(shop)
    with context.identity():
        requested: TenantRequest = provisioning.ask(person, slug="free-slug", name="Mine")
    path = f"/api/v1/tenant-requests/{requested.id}"
    assert signed_in(person).get(path).json()["state"] == "requested"
    assert signed_in(factories.member(shop)).get(path).status_code == 404


def test_the_document_names_every_operation_once(browser: Client) -> None:
    document = browser.get("/api/v1/openapi.json").json()
    found = sorted(way["operationId"] for at in document["paths"].values() for way in at.values())
    assert found == [
        "accept_invitation", "add_passkey", "ask_password_reset", "begin_passkey", "begin_passkey_sign_in",
        "check_slug", "choose_password", "hop", "join", "list_factors", "list_openings", "list_tenants",
        "read_session", "read_tenant_request", "remove_factor", "request_tenant", "sign_in",
        "sign_in_with_passkey", "sign_out", "sign_up", "suggest_slug", "verify",
    ]  # fmt: skip


def test_openings_are_listed_and_taken(signed_in: SignedIn, shop: Entry, sent: Sent) -> None:
    own_domain(shop)
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com", verified=True)
        eve = factories.UserFactory(email="eve@elsewhere.example", verified=True)
    made = invited(shop, ada.email)
    client, outsider = signed_in(ada), signed_in(eve)
    listed = client.get("/api/v1/openings").json()
    assert [(one["id"], one["role"]) for one in listed["invitations"]] == [(str(made.id), "editor")]
    assert listed["by_domain"] == {"slug": "acme", "name": "Acme", "role": "viewer"}
    assert outsider.get("/api/v1/openings").json() == {"proven": True, "invitations": [], "by_domain": None}
    accept = f"/invitations/{made.id}/accept"
    assert post(outsider, accept, {}).json()["code"] == "invalid_invitation"
    assert {post(outsider, "/join", {"slug": slug}).json()["code"] for slug in ("acme", "nobody")} == {
        "join_refused"
    }
    assert new_browser().get("/api/v1/openings").status_code == 401
    assert post(new_browser(), accept, {}).status_code == 401
    assert post(client, accept, {}).json() == {"slug": "acme", "role": "editor"}
    assert post(client, accept, {}).status_code == 410
    assert post(client, "/join", {"slug": "acme"}).json()["code"] == "already_member"


def test_a_person_of_the_domain_joins(signed_in: SignedIn, shop: Entry) -> None:
    own_domain(shop)
    with context.identity():
        ada = factories.UserFactory(email="ada@example.com", verified=True)
    client = signed_in(ada)
    assert post(client, "/join", {"slug": "acme"}).json() == {"slug": "acme", "role": "viewer"}
    strict = signed_in(ada, enforce_csrf_checks=True)
    assert post(strict, "/join", {"slug": "acme"}).status_code == 403
