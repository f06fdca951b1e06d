"""What other services verify our tokens with, as they would: from the published keys alone."""

from typing import Any

import jwt
import pytest
from django.test import Client

from tenants.directory import Entry
from tenants.models import Role
from tenants.people import jwts, permissions, signers
from tenants.testing import TenantClient
from tests import factories

URL = "/.well-known/jwks.json"


@pytest.fixture(autouse=True)
def no_signer_of_the_test_before() -> None:
    signers.forget_all()


def token_of(tenant: Entry, **body: Any) -> str:
    client = TenantClient(tenant).use_key(factories.member(tenant, Role.VIEWER))
    token: str = client.post("/api/v1/tokens", body, "application/json").json()["token"]
    return token


@pytest.mark.parametrize("host", ["localhost", "globex.localhost"])
def test_another_service_verifies_a_token_with_what_is_published(globex: Entry, host: str) -> None:
    token = token_of(globex, service="reports")
    answer = Client(headers={"host": host}).get(URL)
    assert answer["Cache-Control"] == "public, max-age=300"
    keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(answer.json()).keys}
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="reports", issuer=jwts.issuer())
    assert claims["aud"] == [str(globex.id), "reports"]
    assert set(claims["scope"].split()) == permissions.of_role(Role.VIEWER)
    assert claims["exp"] - claims["iat"] == 900


def test_no_private_part_is_published(globex: Entry) -> None:
    token_of(globex)
    published = Client(headers={"host": "localhost"}).get(URL).json()["keys"]
    assert [set(key) for key in published] == [{"kty", "crv", "alg", "use", "kid", "x"}]


def test_it_is_read_only(globex: Entry) -> None:
    assert TenantClient(globex).post(URL).status_code == 405
