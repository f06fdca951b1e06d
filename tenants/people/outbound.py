"""HTTP to addresses that a tenant chose: public hosts only, no redirects, bounded in time and size, in no context."""

import ipaddress
import json
import socket
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from django.conf import settings

from tenants import context, exceptions
from tenants.people import exceptions as errors

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 8.0
SIZE_LIMIT = 256 * 1024
CHUNK = 16 * 1024
URL_LENGTH = 500
# They carry an IPv4 address inside, which may be a private one.
TUNNELS = [
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def get_json(url: str, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the JSON object at url. Raises InvalidProvider, ProviderUnreachable, NetworkInContext."""
    return _ask("GET", url, headers=headers or {}, body=None)


def post_form(url: str, fields: dict[str, str], *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Send a form and return the JSON object that answers it. Raises like `get_json`."""
    head = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return _ask("POST", url, headers=head, body=urlencode(fields))


def check_url(url: str) -> str:
    """Return url if it is one that may be asked or that a browser may be sent to. Looks nothing up.

    Raises InvalidProvider.
    """
    parts = urlsplit(url)
    plain = (
        parts.scheme == "http" and settings.LEASEHOLD_SSO_LOOPBACK and _names_loopback(parts.hostname or "")
    )
    try:
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits = False
    if (
        not (parts.scheme == "https" or plain)
        or not parts.hostname
        or not port_fits
        or "@" in parts.netloc
        or parts.fragment
        or len(url) > URL_LENGTH
        or not url.isascii()
        or any(character.isspace() or character in '\\"<>' for character in url)
    ):
        raise errors.InvalidProvider(f"{url[:200]!r} is no https address without a user and a fragment.")
    return url


def resolve(host: str, port: int) -> str:
    """Return the address to connect to, when every address of host is one that a tenant may have us speak to.

    The connection goes to this very address, so a name that answers differently a moment later gains nothing.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise errors.ProviderUnreachable(f"{host} cannot be found in the DNS.") from error
    addresses = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
    if not addresses or not all(_may_be_asked(ipaddress.ip_address(address)) for address in addresses):
        raise errors.InvalidProvider(f"{host} is no host of the public internet.")
    return addresses[0]


def _ask(method: str, url: str, *, headers: dict[str, str], body: str | None) -> dict[str, Any]:
    if context.current() is not None:
        raise exceptions.NetworkInContext()
    parts = urlsplit(check_url(url))
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = resolve(host, port)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = {"Host": parts.netloc, "Accept": "application/json", "Accept-Encoding": "identity", **headers}
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=TOTAL_SECONDS)
    pool: urllib3.HTTPConnectionPool = (
        urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, retries=False, server_hostname=host, assert_hostname=host
        )
        if secure
        else urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)
    )
    try:
        response = pool.urlopen(
            method, target, body=body, headers=head, redirect=False, preload_content=False
        )
        return _read(response, host)
    except urllib3.exceptions.HTTPError as error:
        raise errors.ProviderUnreachable(f"{host} did not answer: {type(error).__name__}.") from error
    finally:
        pool.close()


def _read(response: urllib3.BaseHTTPResponse, host: str) -> dict[str, Any]:
    deadline, received = time.monotonic() + TOTAL_SECONDS, b""
    while chunk := response.read(CHUNK):
        received += chunk
        if len(received) > SIZE_LIMIT or time.monotonic() > deadline:
            raise errors.ProviderUnreachable(f"{host} answers with too much, or too slowly.")
    if response.status != 200:
        raise errors.ProviderUnreachable(f"{host} answered {response.status}.")
    try:
        value = json.loads(received)
    except (ValueError, RecursionError) as error:
        raise errors.ProviderUnreachable(f"{host} answered with something that is no JSON.") from error
    if not isinstance(value, dict):
        raise errors.ProviderUnreachable(f"{host} answered with something that is no object.")
    return value


def _may_be_asked(address: Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None)
    if inner is not None:
        return _may_be_asked(inner)
    if address.is_loopback:
        return bool(settings.LEASEHOLD_SSO_LOOPBACK)
    if address.is_multicast or any(
        address in network for network in TUNNELS if network.version == address.version
    ):
        return False
    return address.is_global


def _names_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
