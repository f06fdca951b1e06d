"""Tokens: what was signed for one tenant, one service and a quarter of an hour, and nothing else, is believed."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from tenants import context, lifecycle
from tenants.directory import Entry
from tenants.models import Role
from tenants.people import exceptions as errors
from tenants.people import jwts, keys, memberships, signers
from tenants.people.memberships import Member
from tests import factories

TwoTenants = tuple[Entry, Entry]


@pytest.fixture(autouse=True)
def no_signer_of_the_test_before() -> None:
    signers.forget_all()


def member_of(tenant: Entry, role: str = Role.EDITOR) -> Member:
    user = factories.member(tenant, role)
    with context.identity():
        found = memberships.by_user(user.pk, tenant)
    assert found is not None
    return found


def issue(tenant: Entry, member: Member | None = None, **options: Any) -> jwts.Issued:
    member = member or member_of(tenant)
    with context.identity():
        return jwts.issue(member, tenant, **options)


def believed(token: str, tenant: Entry) -> Member | None:
    """Return who a request with this token would act as."""
    claims = jwts.read(token, tenant)
    if claims is None:
        return None
    with context.use(tenant):
        return jwts.member(claims, tenant)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    return header, claims


def encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_is_its_member_with_its_scopes(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member = member_of(acme)
    issued = issue(acme, member, scopes=["tenant.read"])
    found = believed(issued.token, acme)
    assert found is not None
    assert (found.user, found.membership_id, found.held) == (
        member.user,
        member.membership_id,
        frozenset({"tenant.read"}),
    )
    assert found.token_id == str(issued.id)


def test_it_names_tenant_service_member_and_an_end_within_15_minutes(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member = member_of(acme)
    header, claims = parts(issue(acme, member, service="reports").token)
    assert header["alg"] == "EdDSA"
    assert claims["aud"] == [str(acme.id), "reports"]
    assert claims["sub"] == str(member.membership_id)
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert claims["iss"] == "http://localhost"
    assert {"jti", "scope", "epoch"} <= claims.keys()
    assert acme.epoch not in json.dumps(claims)


def test_a_token_of_one_tenant_is_nothing_in_another(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    token = issue(acme).token
    assert jwts.read(token, globex) is None
    assert believed(token, acme) is not None


def test_claims_that_verified_in_one_tenant_find_nobody_in_another(two_tenants: TwoTenants) -> None:
    """Also when the audience were forgotten: the subject is looked for in the tenant of the request."""
    acme, globex = two_tenants
    claims = jwts.read(issue(acme).token, acme)
    assert claims is not None
    with context.use(globex):
        assert jwts.member(claims, globex) is None
        assert jwts.member(claims, acme) is None


Forge = Callable[[str, Entry, Entry], str]


def unsigned(token: str, acme: Entry, globex: Entry) -> str:
    header, claims = parts(token)
    return jwt.encode(claims, "", "none", {"kid": header["kid"]})


def named_none_in_capitals(token: str, acme: Entry, globex: Entry) -> str:
    return ".".join((encode(parts(token)[0] | {"alg": "NoNe"}), token.split(".")[1], ""))


def signed_with_the_public_key_as_a_secret(token: str, acme: Entry, globex: Entry) -> str:
    header, claims = parts(token)
    public = next(key for key in signers.jwks()["keys"] if key["kid"] == header["kid"])["x"]
    secret = base64.urlsafe_b64decode(public + "=")
    return jwt.encode(claims, secret, "HS256", {"kid": header["kid"]})


def signed_by_somebody_else(token: str, acme: Entry, globex: Entry) -> str:
    header, claims = parts(token)
    return jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", {"kid": header["kid"]})


def signed_with_a_key_of_its_own_header(token: str, acme: Entry, globex: Entry) -> str:
    pair = Ed25519PrivateKey.generate()
    key = {"kty": "OKP", "crv": "Ed25519", "x": encode("")}
    return jwt.encode(parts(token)[1], pair, "EdDSA", {"kid": "mine", "jwk": key, "jku": "http://x.example/"})


def with_more_scopes(token: str, acme: Entry, globex: Entry) -> str:
    header, _, signature = token.split(".")
    return ".".join((header, encode(parts(token)[1] | {"scope": "keys.manage"}), signature))


def with_a_longer_life(token: str, acme: Entry, globex: Entry) -> str:
    header, _, signature = token.split(".")
    return ".".join((header, encode(parts(token)[1] | {"exp": 9_999_999_999}), signature))


def signed_by_us(token: str, **claims: Any) -> str:
    header, known = parts(token)
    with context.identity():
        _, private = signers.signer()
    kept = {name: value for name, value in (known | claims).items() if value is not None}
    return jwt.encode(kept, private, "EdDSA", {"kid": header["kid"]})


def for_another_tenant(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, aud=[str(globex.id), jwts.OURS])


def for_both_tenants(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, aud=[str(globex.id), str(acme.id), jwts.OURS])


def for_another_service(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, aud=[str(acme.id), "reports"])


def for_the_service_alone(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, aud=jwts.OURS)


def of_another_issuer(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, iss="http://localhost.example")


def without_an_end(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, exp=None)


def without_an_audience(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, aud=None)


def from_the_future(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, iat=timezone.now() + timedelta(minutes=1))


def with_a_subject_that_is_none(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, sub="'; drop")


def with_a_key_that_is_none(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, key=7)


def with_scopes_that_are_none(token: str, acme: Entry, globex: Entry) -> str:
    return signed_by_us(token, scope=["keys.manage"])


FORGERIES: list[Forge] = [
    unsigned,
    named_none_in_capitals,
    signed_with_the_public_key_as_a_secret,
    signed_by_somebody_else,
    signed_with_a_key_of_its_own_header,
    with_more_scopes,
    with_a_longer_life,
    for_another_tenant,
    for_both_tenants,
    for_another_service,
    for_the_service_alone,
    of_another_issuer,
    without_an_end,
    without_an_audience,
    from_the_future,
    with_a_subject_that_is_none,
    with_a_key_that_is_none,
    with_scopes_that_are_none,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_token_is_nobody(two_tenants: TwoTenants, forge: Forge) -> None:
    acme, globex = two_tenants
    token = issue(acme).token
    assert jwts.read(forge(token, acme, globex), acme) is None
    assert believed(token, acme) is not None, "the one that it was made from"
    assert believed(signed_by_us(token), acme) is not None, "and the way in which it was made"


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "eyJ.eyJ.", "é.é.é", "." * 9, "A" * 5_000, "eyJhbGciOm51bGx9.e30."]
)
def test_what_is_no_token_is_nobody(two_tenants: TwoTenants, token: str) -> None:
    assert jwts.read(token, two_tenants[0]) is None


def test_an_expired_token_is_refused_and_the_log_says_why(
    two_tenants: TwoTenants, caplog: pytest.LogCaptureFixture
) -> None:
    acme, _ = two_tenants
    start = timezone.now()
    token = issue(acme, lifetime=timedelta(seconds=60)).token
    with time_machine.travel(start + timedelta(seconds=58), tick=False):
        assert believed(token, acme) is not None
    with time_machine.travel(start + timedelta(seconds=67), tick=False):
        assert jwts.read(token, acme) is None
    assert "token refused: ExpiredSignatureError" in caplog.text
    assert token not in caplog.text


def test_a_rotation_of_the_tenant_voids_its_tokens_at_once(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    ours, theirs = issue(acme).token, issue(globex).token
    lifecycle.rotate_epoch(acme.slug, by="test")
    assert believed(ours, acme) is None
    assert believed(theirs, globex) is not None


def test_a_smaller_role_takes_from_a_token(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member = member_of(acme, Role.ADMIN)
    token = issue(acme, member, scopes=["keys.manage", "tenant.read"]).token
    with context.identity():
        factories.MembershipFactory._meta.model.objects.filter(id=member.membership_id).update(
            role=Role.VIEWER
        )
    found = believed(token, acme)
    assert found is not None
    assert found.held == {"tenant.read"}


def test_a_token_of_an_expired_key_ends_with_it(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    member, start = member_of(acme), timezone.now()
    with context.identity():
        key = keys.create(member, acme, name="k", expires_at=start + timedelta(minutes=5)).key
        by_key = memberships.by_key(key.id, acme)
    token = issue(acme, by_key).token
    assert believed(token, acme) is not None
    with time_machine.travel(start + timedelta(minutes=6)):
        assert believed(token, acme) is None


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(minutes=15, seconds=1)])
def test_it_refuses_a_life_that_is_none_or_too_long(two_tenants: TwoTenants, lifetime: timedelta) -> None:
    with pytest.raises(errors.InvalidExpiry):
        issue(two_tenants[0], lifetime=lifetime)


@pytest.mark.parametrize("service", ["", "Reports", "a b", "x" * 41, "01a211e1-be41"])
def test_it_refuses_a_service_that_could_be_a_tenant(two_tenants: TwoTenants, service: str) -> None:
    with pytest.raises(errors.InvalidService):
        issue(two_tenants[0], service=service)
