"""Passkeys (WebAuthn): for which host one is good, and that its answer comes from a page of this host.

A passkey made on a host below the apex is the person's on every such host: they sign in on all of them. What a page
of one tenant's host had signed is refused on another's all the same, since the origin must be this very host.
"""

from urllib.parse import urlsplit

from allauth.core import context as allauth_context
from django.conf import settings
from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity

NAME = "Leasehold"


def relying_party(request: HttpRequest) -> dict[str, str]:
    """Return the relying party of the request's host: the apex for the hosts below it, else the host itself."""
    host, apex = request.get_host().partition(":")[0].lower(), settings.LEASEHOLD_APEX_HOST
    below = host == apex or host.endswith(f".{apex}")
    return {"id": apex if below and is_registrable(apex) else host, "name": NAME}


def is_registrable(apex: str) -> bool:
    """Whether browsers take this as the relying party of hosts below it: `localhost` is a top-level name to them."""
    return "." in apex


def server() -> Fido2Server:
    """Return what checks answers for the host of the current request."""
    request: HttpRequest = allauth_context.request
    party = PublicKeyCredentialRpEntity(**relying_party(request))
    return Fido2Server(party, verify_origin=lambda origin: is_own(origin, request))


def is_own(origin: str, request: HttpRequest) -> bool:
    """Whether origin is the request's host itself; over http for `localhost` and hosts below it alone."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    secure = parts.scheme == "https" or (parts.scheme == "http" and local)
    return secure and parts.netloc.lower() == request.get_host().lower()
