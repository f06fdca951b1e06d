"""How often somebody may try: counts per address and per person in the shared cache, in windows of fixed length."""

import hashlib
import ipaddress
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError

from tenants import caching
from tenants.people import addresses
from tenants.people import exceptions as errors

IPV6_PREFIX = 64  # what one customer of a provider has; each address of it would be a new start


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries of one kind in each window."""

    name: str
    times: int
    window: timedelta


SIGN_IN_PER_PERSON = Limit("sign-in", 10, timedelta(minutes=5))
SIGN_IN_PER_NETWORK = Limit("sign-in-network", 100, timedelta(minutes=5))


def count(limit: Limit, whom: str) -> None:
    """Count a try of whom (an address, an id; kept as a hash).

    Raises TooManyTries, with the seconds to wait; CannotCount when the cache is away: nothing is tried uncounted.
    """
    length = int(limit.window.total_seconds())
    number, passed = divmod(int(time.time()), length)
    who = hashlib.sha256(whom.lower().encode()).hexdigest()
    if _raise(f"throttle:{limit.name}:{number}:{who}", length) > limit.times * settings.LEASEHOLD_TRIES_SCALE:
        raise errors.TooManyTries(retry_after=length - passed)


def count_sign_in(request: HttpRequest, email: str) -> None:
    """Count a try to sign in on any host, by its origin and by whom it names. Raises TooManyTries, CannotCount."""
    count(SIGN_IN_PER_NETWORK, address(request))
    count(SIGN_IN_PER_PERSON, email.strip())


def address(request: HttpRequest) -> str:
    """Return the client's network address, of IPv6 its /64."""
    found = addresses.of(request)
    if found is None:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))


def _raise(key: str, seconds: int) -> int:
    try:
        if caching.shared.add(key, 1, seconds):
            return 1
        return int(caching.shared.incr(key))
    except ValueError:  # it ended between the two; without any cache (development) nothing is counted
        return 1
    except RedisError as error:
        raise errors.CannotCount() from error
