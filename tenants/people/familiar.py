"""From where and with what a person has signed in before; what is new is mailed to them. Runs in `context.identity()`.

It is asked only once somebody has proven who they are, so no answer and no mail tells a stranger who exists.
"""

import hashlib
import hmac
import re
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from tenants import context, links, mail, vault
from tenants.models import FamiliarMark, Tenant, User
from tenants.people import addresses, throttle
from tenants.people import exceptions as errors

KEPT = timedelta(days=180)  # what was not seen for so long is new again
PER_PERSON = throttle.Limit("new-sign-in-mail", 5, timedelta(days=1))
PURPOSE = "tenants.people.familiar"
AGENT_LENGTH = 200
# Both by the first that fits: others name themselves in the browsers' texts as well.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def notice(request: HttpRequest, user: User, tenant: context.HasId | None) -> bool:
    """Remember a sign-in, and mail the person when its browser or its network is new to them.

    Not at their very first one, and only so often a day. tenant is None on the apex. Returns whether it mailed.
    Costs three statements, and a few more for a mail.
    """
    kinds = _kinds(request)
    seen = dict(FamiliarMark.objects.filter(user=user).values_list("mark", "seen_at"))
    fresh = {bytes(mark) for mark, at in seen.items() if at > timezone.now() - KEPT}
    known = [not fresh.isdisjoint(_marks(user, kind)) for kind in kinds]
    _remember(user, kinds)
    if not seen or all(known) or _is_enough(user):
        return False
    _tell(request, user, tenant)
    return True


def describe(agent: str) -> str:
    """Return which browser an agent says that it is, in words of ours: what it writes is anybody's text."""
    browser, system = _first(BROWSERS, agent), _first(SYSTEMS, agent)
    return f"{browser or 'An unknown browser'} on {system}" if system else browser or "An unknown browser"


def _kinds(request: HttpRequest) -> list[str]:
    """Return the browser without the numbers of its version, which change every month, and the network."""
    return [f"browser {re.sub('[0-9._]+', '', _agent(request))}", f"network {throttle.address(request)}"]


def _marks(user: User, kind: str) -> list[bytes]:
    """Return the mark of kind under each key, the newest first."""
    text = f"{user.pk.hex} {kind}".encode()
    return [hmac.digest(key, text, hashlib.sha256) for key in vault.keys(PURPOSE)]


def _remember(user: User, kinds: list[str]) -> None:
    now = timezone.now()
    FamiliarMark.objects.bulk_create(
        [FamiliarMark(user=user, mark=_marks(user, kind)[0], seen_at=now) for kind in kinds],
        update_conflicts=True,
        unique_fields=["user", "mark"],
        update_fields=["seen_at"],
    )
    FamiliarMark.objects.filter(user=user, seen_at__lte=now - KEPT).delete()


def _is_enough(user: User) -> bool:
    try:
        throttle.count(PER_PERSON, str(user.pk))
    except errors.TooManyTries:
        return True
    except errors.CannotCount:
        return False  # rather one mail too many than a stranger who is not noticed
    return False


def _tell(request: HttpRequest, user: User, tenant: context.HasId | None) -> None:
    values = {
        "at": timezone.now(),
        "ip_address": addresses.of(request),
        "browser": describe(_agent(request)),
        "link": links.absolute("/account", tenant) if tenant else links.apex("/"),
    }
    if tenant:
        values["tenant_name"] = Tenant.objects.values_list("name", flat=True).get(id=tenant.id)
    mail.send("new_sign_in", user.email, values, tenant=tenant)


def _agent(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))[:AGENT_LENGTH]


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for part, name in names.items() if part in agent), "")
