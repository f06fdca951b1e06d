"""Short-lived tokens (JWT) of one tenant: issued to its members and programs, verified here and elsewhere.

A token names its tenant and one service as its audience. Another service must check both, the issuer and the expiry;
our own API also reads the membership, so that a removed member is refused at once.
"""

import logging
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from tenants import audit_log, context, exceptions, ids
from tenants.people import exceptions as errors
from tenants.people import memberships, permissions, signers
from tenants.people.memberships import Member

ALGORITHM = "EdDSA"
LIFETIME = signers.TOKEN_LIFETIME
OURS = "api"  # the service that this API is to its own tokens
SERVICE = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
LENGTH_MAX = 4_096
REQUIRED = ["iss", "aud", "sub", "exp", "iat", "jti", "scope", "epoch"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, which nothing can show a second time."""

    token: str
    id: UUID
    scopes: list[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of this tenant says that verified: whose it is, and the limits of what it lets them do."""

    subject: UUID
    key_id: UUID | None
    scopes: frozenset[str]
    epoch: str
    id: str


def issue(
    member: Member,
    tenant: context.HasId,
    *,
    service: str = OURS,
    scopes: Collection[str] | None = None,
    lifetime: timedelta = LIFETIME,
) -> Issued:
    """Return a token with which member is known to a service; without scopes it has all that member may.

    Runs in `context.identity()`, the only role that reads private keys. Raises InvalidService, InvalidExpiry,
    InvalidKeyScopes, and Refused for a scope that member has not, and for a member who came with a token.
    """
    if not SERVICE.fullmatch(service):
        raise errors.InvalidService()
    if not timedelta(seconds=1) <= lifetime <= LIFETIME:
        raise errors.InvalidExpiry("A token lasts from a second to 15 minutes.")
    granted = _scopes(member, scopes)
    kid, private = signers.signer()
    now = timezone.now().replace(microsecond=0)
    issued = Issued("", ids.new(), granted, now + lifetime)
    claims: dict[str, Any] = {
        "iss": issuer(),
        "aud": [str(tenant.id), service],
        "sub": str(member.membership_id),
        "scope": " ".join(granted),
        "iat": now,
        "exp": issued.expires_at,
        "jti": str(issued.id),
        "epoch": _epoch(member),
    }
    if member.api_key_id is not None:
        claims["key"] = str(member.api_key_id)
    after = {"service": service, "scopes": granted, "expires_at": issued.expires_at.isoformat()}
    audit_log.record(tenant.id, "jwt.issued", by=member.user, subject=issued.id, after=after)
    return replace(issued, token=jwt.encode(claims, private, ALGORITHM, {"kid": kid}))


def read(token: str, tenant: context.HasId) -> Claims | None:
    """Return what a token says if we signed it for this tenant's API and it is not over, else None; the log says why.

    Runs outside of any tenant's context. Who the subject is today is for `member` to say.
    """
    try:
        return _read(token, tenant)
    except (jwt.PyJWTError, ValueError) as error:
        log.warning("token refused: %s", type(error).__name__)
        return None


def member(claims: Claims, tenant: context.HasId) -> Member | None:
    """Return for whom a token acts, or None when they have gone or the tenant's epoch has changed. One query.

    The membership is today's and not the token's; so are the role and, within the token's scopes, the permissions.
    """
    found = memberships.by_subject(claims.subject, tenant, key_id=claims.key_id)
    if found is None or not constant_time_compare(_epoch(found), claims.epoch):
        log.warning("token refused: its holder, key or epoch is gone")
        return None
    scopes = claims.scopes if found.scopes is None else claims.scopes & found.scopes
    found.user.held = held = memberships.within(found.held, scopes)
    return replace(found, held=held, scopes=scopes, token_id=claims.id)


def issuer() -> str:
    """Return our name in tokens: the address of the apex host."""
    port = f":{settings.LEASEHOLD_LINK_PORT}" if settings.LEASEHOLD_LINK_PORT else ""
    return f"{settings.LEASEHOLD_LINK_SCHEME}://{settings.LEASEHOLD_APEX_HOST}{port}"


def _read(token: str, tenant: context.HasId) -> Claims:
    if len(token) > LENGTH_MAX:
        raise jwt.InvalidTokenError
    key = signers.verifier(jwt.get_unverified_header(token).get("kid"))
    if key is None:
        raise jwt.InvalidKeyError
    claims = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],  # never the one that the token names
        issuer=issuer(),
        leeway=signers.LEEWAY,
        options={"require": REQUIRED, "verify_aud": False},
    )
    if claims["aud"] != [str(tenant.id), OURS]:  # PyJWT is content with one of several
        raise jwt.InvalidAudienceError
    texts = [claims.get(name, "") for name in ("sub", "key", "scope", "epoch", "jti")]
    if not all(isinstance(text, str) for text in texts):
        raise jwt.InvalidTokenError
    return Claims(
        subject=UUID(claims["sub"]),
        key_id=UUID(claims["key"]) if "key" in claims else None,
        scopes=frozenset(claims["scope"].split()),
        epoch=claims["epoch"],
        id=claims["jti"],
    )


def _scopes(member: Member, scopes: Collection[str] | None) -> list[str]:
    if member.token_id:
        raise exceptions.Refused("A token makes no other token.", permission="tenant.read")
    wanted = set(member.held) if scopes is None else set(scopes)
    if not wanted or wanted - permissions.known():
        raise errors.InvalidKeyScopes()
    if beyond := wanted - member.held:
        first = min(beyond)
        raise exceptions.Refused(f"You may not give {first}, which you may not do.", permission=first)
    return sorted(wanted)


def _epoch(member: Member) -> str:
    """Return what changes with the tenant's epoch and with the person's password, and tells neither."""
    person = member.user
    value = f"{person.pk}:{person.session_epoch}:{person.session_scope}"
    return salted_hmac("tenants.people.jwts", value, algorithm="sha256").hexdigest()[:32]
