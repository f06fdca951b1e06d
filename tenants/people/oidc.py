"""OpenID Connect with a provider that a tenant chose: discovery, the code flow with PKCE, the ID token. No queries."""

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

import jwt
from django.utils.crypto import constant_time_compare

from tenants.people import exceptions as errors
from tenants.people import outbound

ALGORITHMS = [
    "RS256",
    "ES256",
    "EdDSA",
]  # signed with a private key; never `none`, never with a shared secret
SCOPE = "openid email profile"
LEEWAY_SECONDS = 60
METADATA_SECONDS = 600
KEYS_SECONDS = 600
REFETCH_SECONDS = 10  # an unknown key id makes us look again, though not for every forged token
REMEMBERED = 512
SUBJECT_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Client:
    """What the tenant registered at its provider."""

    issuer: str
    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way; kept in the browser's session of the tenant's host, for one answer."""

    state: str
    nonce: str
    verifier: str
    issuer: str
    client_id: str
    tenant: str
    redirect_uri: str
    at: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a checked ID token says."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str


class _Memory:
    """Documents of providers, by address, for some minutes and at most REMEMBERED of them; public ones alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, tuple[float, dict[str, Any]]] = {}

    def get(self, url: str, max_age: float) -> dict[str, Any]:
        with self._lock:
            at, value = self._found.get(url, (float("-inf"), {}))
        if time.monotonic() - at < max_age:
            return value
        value = outbound.get_json(url)
        with self._lock:
            while len(self._found) >= REMEMBERED:
                self._found.pop(next(iter(self._found)))
            self._found[url] = time.monotonic(), value
        return value

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


documents = _Memory()


def check_issuer(issuer: str) -> str:
    """Return issuer as it is, since it is compared letter by letter. Looks nothing up. Raises InvalidProvider."""
    if "?" in issuer:
        raise errors.InvalidProvider("An issuer has no query.")
    return outbound.check_url(issuer)


def discover(issuer: str) -> dict[str, Any]:
    """Return the provider's metadata. Raises InvalidProvider, ProviderUnreachable."""
    check_issuer(issuer)
    found = documents.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", METADATA_SECONDS)
    if found.get("issuer") != issuer:
        raise errors.InvalidProvider(f"The provider calls itself {str(found.get('issuer'))[:200]!r}.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise errors.InvalidProvider(f"The provider names no {name}.")
        outbound.check_url(found[name])
    return found


def begin(client: Client, *, tenant: str, redirect_uri: str) -> tuple[Attempt, str]:
    """Return a new attempt and the address that the browser is sent to."""
    endpoint = discover(client.issuer)["authorization_endpoint"]
    attempt = Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        issuer=client.issuer,
        client_id=client.client_id,
        tenant=tenant,
        redirect_uri=redirect_uri,
        at=time.time(),
    )
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": _challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    return attempt, f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def check_answer(attempt: Attempt, *, state: str, issuer: str | None, tenant: str) -> None:
    """Raise ForgedAnswer unless an answer belongs to this attempt, in this tenant, from this issuer (RFC 9207)."""
    if not constant_time_compare(state, attempt.state) or attempt.tenant != tenant:
        raise errors.ForgedAnswer()
    if issuer is not None and issuer != attempt.issuer:
        raise errors.ForgedAnswer("Another provider than the one that was asked has answered.")


def finish(client: Client, attempt: Attempt, *, code: str) -> Claims:
    """Redeem the code and return what the ID token says. Raises ForgedAnswer, ProviderUnreachable, InvalidProvider."""
    if (attempt.issuer, attempt.client_id) != (client.issuer, client.client_id):
        raise errors.ForgedAnswer("The identity provider was changed since. Start again.")
    metadata = discover(client.issuer)
    answer = _redeem(client, metadata, attempt, code)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise errors.ForgedAnswer("The provider sent no ID token.")
    claims = read_token(client, metadata, token, nonce=attempt.nonce)
    if "email" not in claims:
        claims = {**_user_info(metadata, answer, claims["sub"]), **claims}
    return Claims(
        issuer=client.issuer,
        subject=claims["sub"],
        email=_text(claims.get("email")).strip().lower(),
        email_verified=claims.get("email_verified") is True,
        name=_text(claims.get("name"))[:200],
    )


def read_token(client: Client, metadata: dict[str, Any], token: str, *, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token after every check of OpenID Connect Core 3.1.3.7. Raises ForgedAnswer."""
    try:
        header = jwt.get_unverified_header(token)
        key = _key(metadata["jwks_uri"], header)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=client.client_id,
            issuer=client.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise errors.ForgedAnswer(f"The ID token was refused: {type(error).__name__}.") from error
    if not constant_time_compare(_text(claims["nonce"]), nonce):
        raise errors.ForgedAnswer("The ID token belongs to another sign-in.")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client.client_id:
        raise errors.ForgedAnswer("The ID token was made for another program.")
    if not 0 < len(claims["sub"]) <= SUBJECT_LENGTH:
        raise errors.ForgedAnswer("The ID token names nobody.")
    return claims


def _key(jwks_uri: str, header: dict[str, Any]) -> jwt.PyJWK:
    """Return the provider's key that the token names and that signs by the token's algorithm."""
    if header.get("alg") not in ALGORITHMS:
        raise errors.ForgedAnswer("The ID token is not signed by RS256, ES256 or EdDSA.")
    for max_age in (KEYS_SECONDS, REFETCH_SECONDS):
        keys = _signing_keys(documents.get(jwks_uri, max_age))
        fitting = [key for key in keys if key.algorithm_name == header["alg"]]
        if "kid" in header:
            fitting = [key for key in fitting if key.key_id == header["kid"]]
        if len(fitting) == 1:
            return fitting[0]
    raise errors.ForgedAnswer("The ID token is signed by no key of the provider.")


def _signing_keys(document: dict[str, Any]) -> list[jwt.PyJWK]:
    keys = []
    listed = document.get("keys")
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and entry.get("use", "sig") == "sig" and entry.get("kty") != "oct":
            try:
                keys.append(jwt.PyJWK(entry))
            except (jwt.PyJWTError, TypeError, ValueError):
                continue  # a key of a kind that we do not know signs nothing here
    return keys


def _redeem(client: Client, metadata: dict[str, Any], attempt: Attempt, code: str) -> dict[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    headers = {}
    known = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if client.secret and "client_secret_basic" in known:
        pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        fields |= {"client_id": client.client_id, "client_secret": client.secret}
    return outbound.post_form(metadata["token_endpoint"], fields, headers=headers)


def _user_info(metadata: dict[str, Any], answer: dict[str, Any], subject: str) -> dict[str, Any]:
    url, token = metadata.get("userinfo_endpoint"), answer.get("access_token")
    if (
        not isinstance(url, str)
        or not isinstance(token, str)
        or not token.isascii()
        or not token.isprintable()
    ):
        return {}
    found = outbound.get_json(url, headers={"Authorization": f"Bearer {token}"})
    if found.get("sub") != subject:
        raise errors.ForgedAnswer("The provider told about somebody else.")
    return {name: found[name] for name in ("email", "email_verified", "name") if name in found}


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
