from collections.abc import Iterator
from typing import Any

import pytest

from tenants import context
from tenants.directory import Entry
from tenants.models import EmailDomain, IdentityProvider, Role
from tenants.people import email_domains, oidc
from tenants.testing import TenantClient
from tests import factories, idp

PROVIDER, DOMAINS = "/api/v1/sso/provider", "/api/v1/sso/domains"


@pytest.fixture
def owner(shop: Entry) -> TenantClient:
    return TenantClient(shop).use_key(factories.member(shop, Role.OWNER))


@pytest.fixture
def liar() -> Iterator[idp.Liar]:
    oidc.documents.clear()
    with idp.Liar() as found:
        yield found


def put(client: TenantClient, issuer: str, **body: Any) -> Any:
    values = {"issuer": issuer, "client_id": "leasehold", "client_secret": "s3cret", **body}
    return client.put(PROVIDER, values, content_type="application/json")


def claim(client: TenantClient, domain: str) -> Any:
    return client.post(DOMAINS, {"domain": domain, "join_role": "viewer"}, content_type="application/json")


def test_an_owner_sets_reads_and_removes_the_provider(owner: TenantClient, liar: idp.Liar) -> None:
    made = put(owner, liar.issuer, jit=True)
    assert made.status_code == 200, made.content
    assert made.json()["redirect_uri"] == "http://acme.localhost/sso/callback"
    read = owner.get(PROVIDER)
    assert (read.json()["issuer"], read.json()["jit"], read.json()["enforced"]) == (liar.issuer, True, False)
    assert "s3cret" not in read.content.decode()
    assert owner.delete(PROVIDER).status_code == 204
    assert owner.get(PROVIDER).status_code == 404


@pytest.mark.parametrize(
    "issuer",
    [
        "https://169.254.169.254",
        "http://169.254.169.254",
        "https://10.0.0.1",
        "http://idp.example",
        "ftp://x",
    ],
)
def test_an_issuer_that_is_not_public_is_refused_and_not_kept(
    owner: TenantClient, shop: Entry, issuer: str
) -> None:
    answer = put(owner, issuer)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_provider")
    with context.use(shop):
        assert not IdentityProvider.objects.exists()


def test_a_provider_that_does_not_answer_is_not_kept(
    owner: TenantClient, shop: Entry, liar: idp.Liar
) -> None:
    liar.redirect = "https://example.com"
    assert put(owner, liar.issuer).status_code == 502
    with context.use(shop):
        assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    "body", [{"default_role": "owner"}, {"session_minutes": 4}, {"client_id": ""}, {"x": 1}]
)
def test_it_refuses_fields_that_make_no_sense(
    owner: TenantClient, liar: idp.Liar, body: dict[str, Any]
) -> None:
    assert put(owner, liar.issuer, **body).status_code == 422


def test_an_owner_claims_verifies_and_removes_a_domain(
    owner: TenantClient, outsider: TenantClient, shop: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = claim(owner, "Ours.example")
    assert made.status_code == 201
    published: dict[str, list[str]] = {}
    monkeypatch.setitem(
        email_domains.verify.__kwdefaults__ or {}, "resolver", lambda name: published.get(name, [])
    )
    refused = owner.post(f"{DOMAINS}/ours.example/verify")
    assert (refused.status_code, refused.json()["code"]) == (409, "email_domain_unproven")
    published[made.json()["record"]] = [made.json()["value"]]
    assert outsider.post(f"{DOMAINS}/ours.example/verify").status_code == 404
    assert owner.post(f"{DOMAINS}/ours.example/verify").json()["verified_at"]
    assert claim(outsider, "ours.example").status_code == 409
    assert outsider.get(DOMAINS).json() == {"items": []}
    assert outsider.delete(f"{DOMAINS}/ours.example").status_code == 404
    assert [row["domain"] for row in owner.get(DOMAINS).json()["items"]] == ["ours.example"]
    assert owner.delete(f"{DOMAINS}/ours.example").status_code == 204
    with context.use(shop):
        assert not EmailDomain.objects.exists()


def test_a_public_mail_provider_is_refused(owner: TenantClient) -> None:
    assert claim(owner, "gmail.com").status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", PROVIDER), ("put", PROVIDER), ("delete", PROVIDER), ("get", DOMAINS), ("post", DOMAINS),
        ("post", f"{DOMAINS}/x.example/verify"), ("delete", f"{DOMAINS}/x.example"),
    ],
)  # fmt: skip
def test_an_admin_may_not_and_a_stranger_neither(
    admin: TenantClient, anonymous: TenantClient, outsider: TenantClient, method: str, path: str
) -> None:
    """Whoever chooses the provider can sign in as anybody of the domains, owners too: it is the owners' to choose."""
    body = {"issuer": "https://idp.example", "client_id": "x", "client_secret": "x"}
    body = {"domain": "x.example"} if path == DOMAINS else body

    def ask(client: TenantClient) -> int:
        status: int = getattr(client, method)(path, body, content_type="application/json").status_code
        return status

    assert (ask(admin), ask(anonymous)) == (403, 401)
    anonymous.defaults["HTTP_AUTHORIZATION"] = outsider.defaults["HTTP_AUTHORIZATION"]
    assert ask(anonymous) == 401, "a key of globex"
