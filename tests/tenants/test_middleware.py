"""Host, caller, context: what a request on a tenant's host may see and keep, through Django's test client."""

import contextlib
import json
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, OperationalError, connections, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path

from saas.commerce.models import Category
from tenants import context, directory, exceptions, lifecycle
from tenants.directory import Entry
from tenants.models import AuditEntry, Membership, Role, Session, Tenant, User
from tenants.people import memberships, signin
from tenants.people.sessions import SessionStore
from tenants.testing import TenantClient
from tests import databases, factories
from tests.tenants.conftest import Server

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.urls("tests.tenants.test_middleware")


# Views of a small site.


def who(request: HttpRequest) -> HttpResponse:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user::text, current_schemas(false)::text")
        role, schemas = cursor.fetchone()
    member: Any = request.member  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "role": role,
            "schemas": schemas,
            "tenant": context.tenant_id().hex if role.startswith("t_") else None,
            "user": str(request.user),
            "member": member.role if member else None,
            "signed_in": request.user.is_authenticated,
        }
    )


def write(request: HttpRequest, slug: str, status: int) -> HttpResponse:
    Category.objects.create(name="x", slug=slug)
    return HttpResponse(status=status)


def fail(request: HttpRequest, slug: str) -> HttpResponse:
    Category.objects.create(name="x", slug=slug)
    raise ZeroDivisionError


def swallow(request: HttpRequest, slug: str) -> HttpResponse:
    Category.objects.create(name="x", slug=slug)
    with contextlib.suppress(IntegrityError):
        Category.objects.create(name="x", slug=slug)
    return HttpResponse(status=200)


def conflict(request: HttpRequest, slug: str) -> HttpResponse:
    Category.objects.create(name="x", slug=slug)
    transaction.on_commit(lambda: None)
    raise IntegrityError("from COMMIT")


def unavailable(request: HttpRequest) -> HttpResponse:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
    connections["default"].connection.close()
    return HttpResponse(status=200)


def refuse(request: HttpRequest) -> HttpResponse:
    Category.objects.create(name="x", slug="refused")
    try:
        memberships.require_member(request.member, "members.manage")  # type: ignore[attr-defined]
    except exceptions.Refused as error:
        request.refusal = error  # type: ignore[attr-defined]
        return HttpResponse(status=403)
    return HttpResponse(status=200)


def sign_in(request: HttpRequest) -> HttpResponse:
    status = int(request.GET.get("status", "200"))
    try:
        tenant: Entry = request.tenant  # type: ignore[attr-defined]
        signin.sign_in(request, tenant, email=request.POST["email"], password=request.POST["password"])
    except exceptions.InvalidCredentials:
        return HttpResponse(status=401)
    return HttpResponse(status=status)


def sign_out(request: HttpRequest) -> HttpResponse:
    signin.sign_out(request)
    return HttpResponse(status=204)


urlpatterns = [
    path("who", who),
    path("sign-in/who", who),
    path("write/<slug>/<int:status>", write),
    path("fail/<slug>", fail),
    path("swallow/<slug>", swallow),
    path("conflict/<slug>", conflict),
    path("unavailable", unavailable),
    path("refuse", refuse),
    path("sign-in", sign_in),
    path("sign-out", sign_out),
]


def kept(tenant: Entry, slug: str) -> bool:
    with context.use(tenant):
        return Category.objects.filter(slug=slug).exists()


def on(host: str, **defaults: Any) -> Client:
    return Client(headers={"host": host}, raise_request_exception=False, **defaults)


# Hosts.


def test_a_host_is_its_tenant(two_tenants: TwoTenants) -> None:
    for tenant in two_tenants:
        answer = on(f"{tenant.slug}.localhost").get("/who").json()
        assert answer["role"] == tenant.schema_name
        assert answer["schemas"] == f"{{{tenant.schema_name},public}}"
        assert answer["tenant"] == tenant.id.hex


@pytest.mark.parametrize(
    "host",
    ["acme.localhost:8000", "ACME.localhost", "acme.localhost.", "Acme.LocalHost.:443", "aCmE.lOcAlHoSt:1"],
)
def test_a_host_is_found_in_every_spelling_of_it(two_tenants: TwoTenants, host: str) -> None:
    assert on(host).get("/who").json()["tenant"] == two_tenants[0].id.hex


A, B = "acme.localhost", "globex.localhost"
HOSTILE_HOSTS = [
    "nobody.localhost", "acme", "acme.example", f"{A}.evil.example", f"x{A}", f".{A}", f"{A}..", f"..{A}",
    "acme..localhost", "", " ", ".", ":", ":80", "*", "[::1]", "[::1]:80", f"[{A}]", "127.0.0.1", "2130706433", "0x7f.1",
    f"{A}@evil.example", f"evil.example@{A}", f"{A}:80@{B}", f"user:{A}@{B}", f"{A},{B}", f"{A}, {B}", f"{A} {B}",
    f"{A};{B}", f" {A}", f"{A} ", f"\t{A}", f"{A}\0", f"\0{A}", f"{A}\0{B}", f"{A}\r\nHost: {B}", f"{A}\n", f"{A}\x0b",
    f"{A}:", f"{A}:80:80", f"{A}:port", f"{A}:-1", f"{A}:999999", f"{A}:８０", f"{A}/x", f"{A}?x", f"{A}#x", f"{A}\\x",
    f"http://{A}", f"//{A}", "acme%2elocalhost", "acme%00.localhost", "acme_x.localhost", "_acme.localhost",
    "-acme.localhost", "acme-.localhost", "xn--acme.localhost", "аcme.localhost", "ａｃｍｅ.localhost", "acme。localhost",
    "acme\u200b.localhost", "acme­.localhost", "acKe.localhost", "ACMEİ.localhost", "a" * 300, f"{'a.' * 200}{A}",
    f"{'a' * 100_000}.{A}", f"{A}\"", f"'{A}'", f"{A}' OR '1'='1", f"{{{A}}}", f"${{{A}}}",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTILE_HOSTS, ids=lambda host: ascii(host)[:40])
def test_any_other_host_is_404_in_the_same_words(two_tenants: TwoTenants, host: str) -> None:
    answer = on(host).get("/who")
    assert (answer.status_code, answer.content) == (404, b"Nothing here.")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("/who", 200),
        (f"http://{A}/who", 200),
        (f"HTTP://{A.upper()}/who", 200),
        (f"http://{B}/who", 404),
        (f"http://{A}@{B}/who", 404),
        (f"http://{A}:1/who", 404),
        (f"{A}:80", 404),
        ("*", 404),
    ],
)
def test_a_request_line_that_names_another_host_is_404(
    two_tenants: TwoTenants, line: str, status: int
) -> None:
    assert on(A).get("/who", RAW_URI=line).status_code == status


def test_a_forwarded_host_is_not_believed(two_tenants: TwoTenants) -> None:
    answer = on("acme.localhost").get("/who", headers={"x-forwarded-host": "globex.localhost"})
    assert answer.json()["tenant"] == two_tenants[0].id.hex


def test_the_apex_host_has_no_tenant(db: None) -> None:
    answer = on("localhost").get("/")
    assert answer.status_code == 200
    assert b"acme" not in answer.content


@pytest.mark.parametrize("host", ["nobody.localhost", "acme.localhost", "10.0.0.7:8000"])
def test_health_is_asked_on_any_host(db: None, host: str) -> None:
    assert on(host).get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("field", "status"), [("suspended_at", 403), ("archived_at", 410), ("destroyed_at", 404)]
)
def test_a_tenant_that_is_not_active_answers_so(
    fresh_db: str, two_tenants: TwoTenants, field: str, status: int
) -> None:
    with context.owner():
        Tenant.objects.filter(id=two_tenants[0].id).update(**{field: "2026-01-01T00:00:00Z"})
    assert on("acme.localhost").get("/who").status_code == status
    assert on("globex.localhost").get("/who").status_code == 200


def test_a_tenant_that_is_suspended_after_the_host_was_found_has_no_members_any_more(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    client = TenantClient(two_tenants[0]).use_key(factories.member(two_tenants[0]))
    assert client.get("/who").json()["signed_in"] is True
    lifecycle.suspend("acme", by="test")
    found = directory.find("acme.localhost")
    assert found is not None
    assert found.state == "active", "the cache of this process does not know yet"
    assert client.get("/who").json()["signed_in"] is False


def test_the_database_away_is_503_before_the_host_is_known(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(hostname: str) -> Entry:
        raise OperationalError("away")

    monkeypatch.setattr(directory, "find", away)
    assert on("acme.localhost").get("/who").status_code == 503


# The caller.


def test_nobody_is_anonymous(two_tenants: TwoTenants) -> None:
    answer = on("acme.localhost").get("/who").json()
    assert (answer["user"], answer["member"]) == ("AnonymousUser", None)


def test_a_session_and_a_key_are_the_member(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, Role.ADMIN)
    for client in (TenantClient(acme).sign_in(user), TenantClient(acme).use_key(user)):
        answer = client.get("/who").json()
        assert (answer["user"], answer["member"]) == (user.email, "admin")


def test_both_are_nobody_on_the_host_of_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    user = factories.member(acme, Role.OWNER)
    for client in (TenantClient(acme).sign_in(user), TenantClient(acme).use_key(user)):
        assert client.get("/who").json()["signed_in"] is True
        answer = client.get("/who", headers={"host": "globex.localhost"}).json()
        assert (answer["tenant"], answer["signed_in"]) == (globex.id.hex, False)


def test_what_answers_on_every_host_ends_no_session(two_tenants: TwoTenants) -> None:
    """It looks for no session; Django deletes the cookie of one that is empty."""
    acme, _ = two_tenants
    browser = TenantClient(acme).sign_in(factories.member(acme, Role.VIEWER))
    assert not browser.get("/healthz").cookies
    assert browser.get("/who").json()["signed_in"] is True


def test_a_member_of_both_needs_a_session_on_each(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    user = factories.member(acme, Role.OWNER)
    with context.identity():
        memberships.add(user, globex, Role.VIEWER, by="test")
    client = TenantClient(acme).sign_in(user)
    assert client.get("/who", headers={"host": "globex.localhost"}).json()["signed_in"] is False
    client = TenantClient(globex).sign_in(user)
    assert client.get("/who").json()["member"] == "viewer"


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer lh_wrong", "Basic eDp5", "lh_wrong", "Bearer \u00e9"]
)
def test_a_wrong_authorization_is_nobody(two_tenants: TwoTenants, value: str) -> None:
    answer = on("acme.localhost").get("/who", headers={"authorization": value})
    assert answer.json()["signed_in"] is False


def test_a_wrong_key_is_not_rescued_by_a_session(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    client = TenantClient(acme).sign_in(factories.member(acme))
    assert client.get("/who", headers={"authorization": "Bearer lh_wrong"}).json()["signed_in"] is False


def test_a_new_password_ends_the_sessions_of_the_old_one(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, password="first password")
    client = TenantClient(acme).sign_in(user)
    assert client.get("/who").json()["signed_in"] is True
    with context.identity():
        User.objects.get(pk=user.pk).set_password("second password")
    assert client.get("/who").json()["signed_in"] is False


def test_a_session_without_the_right_hash_is_nobody(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme)
    client = TenantClient(acme)
    session = SessionStore(tenant_id=acme.id)
    session[SESSION_KEY] = str(user.pk)
    session["_auth_user_backend"] = "tenants.people.backends.MemberBackend"
    session.save()
    client.cookies["session"] = session.session_key or ""
    assert client.get("/who").json()["signed_in"] is False


@pytest.fixture
def signed_in(fresh_db: str, two_tenants: TwoTenants) -> TenantClient:
    """A browser with a session of acme, whose person is a member of globex too."""
    acme, globex = two_tenants
    user = factories.member(acme, Role.OWNER)
    with context.identity():
        memberships.add(user, globex, Role.OWNER, by="test")
    client = TenantClient(acme).sign_in(user)
    assert client.get("/who").json()["signed_in"] is True
    return client


def test_a_new_epoch_ends_the_sessions_at_once_and_lets_sign_in_again(
    signed_in: TenantClient, two_tenants: TwoTenants
) -> None:
    lifecycle.rotate_epoch("acme", by="test")
    assert signed_in.get("/who").json()["signed_in"] is False, "although this process knows the old one yet"
    signed_in.post("/sign-in", credentials("owner@acme.example"))
    assert signed_in.get("/who").json()["user"] == "owner@acme.example"


def test_a_session_that_was_copied_to_another_tenant_is_nobody_there(
    signed_in: TenantClient, two_tenants: TwoTenants
) -> None:
    """As a clone of rows would: the same session, person and key, in a tenant with another id and epoch."""
    acme, globex = two_tenants
    with context.owner():
        row = Session.objects.get(tenant_id=acme.id)
        row.tenant_id, row.session_key = globex.id, "c" * 32
        row.save(force_insert=True)
    thief = TenantClient(globex)
    thief.cookies["session"] = "c" * 32
    assert thief.get("/who").json()["signed_in"] is False
    assert dict(SessionStore("c" * 32, globex.id).items())[SESSION_KEY], "the session itself is found"


def test_an_ended_membership_ends_the_sessions(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme)
    client = TenantClient(acme).sign_in(user)
    with context.identity():
        memberships.end(Membership.objects.get(user=user), by="test")
    assert client.get("/who").json()["signed_in"] is False


# The context.


@pytest.mark.parametrize("status", [200, 201, 302, 399])
def test_a_status_below_400_is_kept(two_tenants: TwoTenants, status: int) -> None:
    assert on("acme.localhost").get(f"/write/s{status}/{status}").status_code == status
    assert kept(two_tenants[0], f"s{status}")
    assert not kept(two_tenants[1], f"s{status}")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 503])
def test_a_status_of_400_and_above_is_rolled_back(two_tenants: TwoTenants, status: int) -> None:
    assert on("acme.localhost").get(f"/write/s{status}/{status}").status_code == status
    assert not kept(two_tenants[0], f"s{status}")


def test_an_exception_is_rolled_back(two_tenants: TwoTenants) -> None:
    assert on("acme.localhost").get("/fail/failed").status_code == 500
    assert not kept(two_tenants[0], "failed")


@pytest.mark.parametrize("database", ["db", "fresh_db"])
def test_an_error_that_a_view_swallowed_is_500_and_nothing_is_kept(
    request: pytest.FixtureRequest, database: str
) -> None:
    request.getfixturevalue(database)
    answer = on("acme.localhost").get("/swallow/swallowed")
    assert answer.status_code == 500
    assert answer.json()["code"] == "transaction_aborted"
    with context.public():
        acme = directory.entry_of(Tenant.objects.get(slug="acme"))
    assert not kept(acme, "swallowed")


def test_what_commit_refuses_is_409(
    fresh_db: str, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    on("acme.localhost").get("/who")  # the host is known, so that only the request's own COMMIT is left

    def refuse_once() -> None:
        monkeypatch.undo()
        raise IntegrityError("duplicate key")

    monkeypatch.setattr(connections["default"], "_commit", refuse_once)
    answer = on("acme.localhost").get("/write/late/200")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "conflict"


def test_a_connection_that_is_lost_is_503(fresh_db: str, two_tenants: TwoTenants) -> None:
    assert on("acme.localhost").get("/unavailable").status_code == 503
    assert on("acme.localhost").get("/who").status_code == 200


def test_a_refusal_is_recorded_although_the_request_is_rolled_back(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, Role.VIEWER)
    assert TenantClient(acme).use_key(user).get("/refuse").status_code == 403
    assert on("acme.localhost").get("/refuse").status_code == 403
    assert not kept(acme, "refused")
    with context.use(acme):
        entries = list(AuditEntry.objects.filter(action="access.refused").order_by("at", "id"))
    assert [(entry.actor, entry.actor_id, entry.subject, entry.source) for entry in entries] == [
        (user.email, user.pk, "members.manage", "GET /refuse"),
        ("anonymous", None, "members.manage", "GET /refuse"),
    ]


def test_no_context_is_left_after_a_request(two_tenants: TwoTenants) -> None:
    for url in ("/who", "/fail/x", "/swallow/x", "/nowhere", "/sign-in/who"):
        on("acme.localhost").get(url)
        assert context.current() is None


# Signing in.


def test_paths_of_signing_in_run_as_identity(two_tenants: TwoTenants) -> None:
    assert on("acme.localhost").get("/sign-in/who").json()["role"] == "identity"


def credentials(email: str, password: str = databases.PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password}


def test_a_member_signs_in_and_out(two_tenants: TwoTenants) -> None:
    client = on("acme.localhost")
    assert client.post("/sign-in", credentials("owner@acme.example")).status_code == 200
    assert client.get("/who").json()["user"] == "owner@acme.example"
    cookie = client.cookies["session"].value
    assert client.post("/sign-out").status_code == 204
    assert client.get("/who").json()["signed_in"] is False
    client.cookies["session"] = cookie
    assert client.get("/who").json()["signed_in"] is False, "the old cookie"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("owner@acme.example", "wrong"),
        ("owner@acme.example", ""),
        ("owner@globex.example", databases.PASSWORD),  # a person, but of another tenant
        ("nobody@example.com", databases.PASSWORD),
        ("", ""),
    ],
)
def test_wrong_credentials_are_one_and_the_same_answer(
    two_tenants: TwoTenants, email: str, password: str
) -> None:
    client = on("acme.localhost")
    assert client.post("/sign-in", credentials(email, password)).status_code == 401
    assert client.get("/who").json()["signed_in"] is False


def test_signing_in_takes_another_session_key_than_the_one_before(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    planted = SessionStore(tenant_id=acme.id)
    planted["colour"] = "red"
    planted.save()
    client = on("acme.localhost")
    client.cookies["session"] = planted.session_key or ""
    client.post("/sign-in", credentials("owner@acme.example"))
    assert client.cookies["session"].value != planted.session_key or ""
    assert dict(SessionStore(planted.session_key, acme.id).items()) == {}


def test_signing_in_is_recorded(two_tenants: TwoTenants) -> None:
    on("acme.localhost").post("/sign-in", credentials("owner@acme.example"))
    with context.use(two_tenants[0]):
        entry = AuditEntry.objects.get(action="session.started")
    assert (entry.actor, entry.source) == ("owner@acme.example", "POST /sign-in")


@pytest.mark.parametrize(("status", "recorded"), [(200, True), (401, True), (422, True), (500, False)])
def test_views_of_identity_roll_back_at_500_and_above(
    two_tenants: TwoTenants, status: int, recorded: bool
) -> None:
    answer = on("acme.localhost").post(f"/sign-in?status={status}", credentials("owner@acme.example"))
    assert answer.status_code == status
    with context.use(two_tenants[0]):
        assert AuditEntry.objects.filter(action="session.started").exists() is recorded


def test_problems_are_json(fresh_db: str, two_tenants: TwoTenants) -> None:
    answer = on("acme.localhost").get("/unavailable")
    assert json.loads(answer.content).keys() == {"type", "status", "code", "detail"}


# A real web server: what it makes of bytes that are hardly HTTP.


def raw(line: str = "GET /here HTTP/1.1", *headers: str) -> bytes:
    return "\r\n".join([line, *headers, "Connection: close", "", ""]).encode("latin-1")


RIGHT = [
    raw("GET /here HTTP/1.1", f"Host: {A}"),
    raw("GET /here HTTP/1.1", f"host:{A}:8000"),
    raw("GET /here HTTP/1.1", f"HOST:   {A.upper()}.   "),
    raw(f"GET http://{A}/here HTTP/1.1", f"Host: {A}"),
    raw("GET /here HTTP/1.1", f"Host: {A}", f"X-Forwarded-Host: {B}", f"Forwarded: host={B}"),
    raw("GET /here HTTP/1.1", f"X-Host: {B}", f"Host: {A}", f"X-Original-Host: {B}", f"X-Real-Host: {B}"),
    raw("GET /here HTTP/1.0", f"Host: {A}"),
    raw(f"GET /here?host={B}#{B} HTTP/1.1", f"Host: {A}"),
]
WRONG = [
    raw("GET /here HTTP/1.1", f"Host: {A}", f"Host: {B}"),
    raw("GET /here HTTP/1.1", f"Host: {B}", f"Host: {A}"),
    raw("GET /here HTTP/1.1", f"Host: {A}", f"Host: {A}"),
    raw("GET /here HTTP/1.1", f"Host: {A}", f"host: {B}", f"HOST: {A}"),
    raw("GET /here HTTP/1.1", f"Host: {A}", f" {B}"),
    raw("GET /here HTTP/1.1", f"Host : {A}"),
    raw("GET /here HTTP/1.1", f"Host: {A}\0"),
    raw("GET /here HTTP/1.1", f"Host: {A}\0.{B}"),
    raw("GET /here HTTP/1.1", f"Host: {A}\rHost: {B}"),
    raw("GET /here HTTP/1.1", f"Host: {A}, {B}"),
    raw("GET /here HTTP/1.1", f"Host: {A}@{B}"),
    raw("GET /here HTTP/1.1", f"Host: [{A}]"),
    raw("GET /here HTTP/1.1", "Host: [::1]"),
    raw("GET /here HTTP/1.1", "Host: \xe0cme.localhost"),
    raw("GET /here HTTP/1.1", f"Host: {'a' * 7000}.{A}"),
    raw("GET /here HTTP/1.1", "Host:"),
    raw("GET /here HTTP/1.1"),
    raw("GET /here HTTP/1.0"),
    raw("GET /here HTTP/1.1", f"X-Forwarded-Host: {A}"),
    raw("GET /here HTTP/1.1", f"X_Host: {A}", f"HTTP_HOST: {A}"),
    raw(f"GET http://{B}/here HTTP/1.1", f"Host: {A}"),
    raw(f"GET http://{A}@{B}/here HTTP/1.1", f"Host: {A}"),
    raw(f"GET http://{A}/here HTTP/1.1", f"Host: {B}"),
    raw(f"GET //{B}/here HTTP/1.1", f"Host: {A}"),
    raw(f"CONNECT {A}:80 HTTP/1.1", f"Host: {A}"),
    raw("OPTIONS * HTTP/1.1", f"Host: {A}"),
]  # fmt: skip


def test_the_bytes_of_a_request_reach_the_tenant_of_its_host_or_nobody(
    gunicorn: Server, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    for request in RIGHT:
        status, answer = gunicorn.ask(request)
        assert (status, acme.id.hex.encode() in answer) == (200, True), request
        assert globex.id.hex.encode() not in answer
    for request in WRONG:
        status, answer = gunicorn.ask(request)
        assert status in (0, 400, 404, 405, 421, 431, 501), request
        assert not any(tenant.id.hex.encode() in answer for tenant in two_tenants), request


def test_two_requests_on_one_connection_are_two_tenants(gunicorn: Server, two_tenants: TwoTenants) -> None:
    pair = (
        f"GET /here HTTP/1.1\r\nHost: {A}\r\n\r\nGET /here HTTP/1.1\r\nHost: {B}\r\nConnection: close\r\n\r\n"
    )
    _, answer = gunicorn.ask(pair.encode())
    first, second = (answer.find(tenant.id.hex.encode()) for tenant in two_tenants)
    assert 0 < first < second
