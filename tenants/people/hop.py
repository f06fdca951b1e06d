"""The hop from the apex to a tenant's host: a code for one use, one browser and one minute.

It begins on the tenant's host, which gives the browser a nonce in a cookie of its own. The apex sees only the nonce's
hash and issues a code for it; the tenant's host takes the code from the browser that has the nonce. So a link that was
stolen is nothing in another browser, and nobody can sign somebody else's browser in. Runs in `context.identity()`.
"""

import hashlib
import re
import secrets
import time
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tenants import exceptions, links
from tenants.directory import Entry
from tenants.models import OneTimeCode, Tenant, User
from tenants.people import exceptions as errors
from tenants.people import memberships, policy, signin, throttle

LIFE = timedelta(seconds=60)
SECRET_BYTES = 32
BINDING = re.compile(r"[0-9a-f]{64}", re.ASCII)
PER_PERSON = throttle.Limit("hop", 60, timedelta(minutes=5))


def new_nonce() -> str:
    """Return what the browser keeps in a cookie of the tenant's host."""
    return secrets.token_urlsafe(SECRET_BYTES)


class HasSlug(Protocol):
    @property
    def slug(self) -> str: ...


def ask_url(tenant: HasSlug, nonce: str, hostname: str) -> str:
    """Return the page of the apex that issues a code for the browser with this nonce, on this host of the tenant."""
    query = urlencode({"binding": _hash(nonce).hex(), "host": hostname})
    return links.apex(f"/hop/{tenant.slug}?{query}")


def start_url(user: User, slug: str) -> str:
    """Return where a hop to a tenant begins, for a member. Raises NotAMember, alike for a slug that nobody has."""
    tenant, _ = _member(user, slug)
    return links.absolute("/hop/start", tenant)


def check(user: User, slug: str, hostname: str) -> None:
    """Raise NotAMember, or UnknownTenant for a host that is not the tenant's: before anything is shown of them."""
    tenant, _ = _member(user, slug)
    links.absolute("/", tenant, hostname=hostname)


def issue(user: User, slug: str, *, binding: str, methods: list[dict[str, Any]], hostname: str = "") -> str:
    """Return the link that takes the browser with this binding into the tenant, once, within LIFE.

    hostname must be one of the tenant's. Raises NotAMember (also for a tenant that is not active), InvalidCode,
    UnknownTenant, TooManyTries, CannotCount.
    """
    throttle.count(PER_PERSON, str(user.pk))
    if not BINDING.fullmatch(binding):
        raise errors.InvalidCode()
    tenant, member = _member(user, slug)
    code, now = secrets.token_urlsafe(SECRET_BYTES), timezone.now()
    url = links.absolute(f"/hop/finish?code={code}", tenant, hostname=hostname)
    OneTimeCode.objects.filter(expires_at__lt=now).delete()
    OneTimeCode.objects.create(
        tenant_id=tenant.id,
        membership_id=member.membership_id,
        digest=_hash(code),
        binding=bytes.fromhex(binding),
        session_hash=member.user.get_session_auth_hash(),
        methods=methods,
        expires_at=now + LIFE,
    )
    return url


def finish(request: HttpRequest, tenant: Entry, *, code: str, nonce: str) -> memberships.Member:
    """Start a session on the tenant's host. Raises InvalidCode, alike whatever is wrong.

    Codes of other tenants, of other browsers, used or old ones, and those of people who left, changed their password
    or whose tenant was suspended or rotated since.
    """
    rows = OneTimeCode.objects.filter(
        tenant_id=tenant.id,
        digest=_hash(code),
        binding=_hash(nonce),
        used_at=None,
        expires_at__gt=timezone.now(),
    )
    found = rows.select_related("membership").first()
    # One of two that come at once waits for the other, and then updates nothing.
    if not nonce or found is None or not rows.update(used_at=timezone.now()):
        raise errors.InvalidCode()
    member = memberships.by_user(found.membership.user_id, tenant)
    if (
        member is None
        or member.membership_id != found.membership_id
        or not constant_time_compare(found.session_hash, member.user.get_session_auth_hash())
    ):
        raise errors.InvalidCode()
    # Whoever was signed in here is not any more; what their session holds is not the next one's either.
    request.session.flush()
    request.session[policy.METHODS_OF] = str(member.user.pk)
    request.session[policy.METHODS] = [*found.methods, {"method": "hop", "at": time.time()}]
    return signin.start(request, tenant, member)


def _member(user: User, slug: str) -> tuple[Tenant, memberships.Member]:
    tenant = Tenant.objects.filter(slug=slug, destroyed_at__isnull=True).first()
    member = memberships.by_user(user.pk, tenant) if tenant else None
    if tenant is None or member is None:
        raise exceptions.NotAMember()
    return tenant, member


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
