"""From which network address a request comes, and whether that is inside of given networks."""

import ipaddress
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MAPPED = ipaddress.ip_network("::ffff:0:0/96")


def of(request: HttpRequest) -> Address | None:
    """Return the client's address, or None when it is none (a unix socket).

    REMOTE_ADDR, unless LEASEHOLD_TRUSTED_PROXIES says how many proxies of ours added an entry to X-Forwarded-For; what
    stands before those entries, the client wrote itself.
    """
    text: str = request.META.get("REMOTE_ADDR", "")
    if settings.LEASEHOLD_TRUSTED_PROXIES:
        entries = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        text = entries[-min(settings.LEASEHOLD_TRUSTED_PROXIES, len(entries))] or text
    return parse(text)


def parse(text: str) -> Address | None:
    """Return the address that text is; an IPv4 address written as IPv6 is the IPv4 address."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def network(text: str) -> Network:
    """Return the network that text is, `203.0.113.0/24` or one address. Raises ValueError."""
    found = ipaddress.ip_network(text.strip(), strict=True)
    if isinstance(found, ipaddress.IPv6Network) and found.subnet_of(MAPPED):  # type: ignore[arg-type]
        raise ValueError("An IPv4 network is written as IPv4.")
    return found


def is_in(address: Address | None, networks: Iterable[str]) -> bool:
    """Whether address is in one of the networks; no address is in none."""
    return address is not None and any(address in ipaddress.ip_network(one) for one in networks)
