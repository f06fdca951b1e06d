"""What the benchmark of members asks of our product: who they are, what a check costs, and when they are out."""

import time
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from tenants import context, directory, ids, lifecycle
from tenants.models import Membership, Role, Tenant, User
from tenants.people import devices, jwts, keys, memberships
from tenants.people.sessions import SessionStore
from tests.benchmarks import traffic

BY = "benchmark"
HELD, DJANGOS, REFUSED = "products.write", "commerce.change_product", "auth.change_user"


def credentials(user_id: UUID, tenant: context.HasId) -> dict[str, str]:
    """Return a Cookie header, an API key and tokens of a member, and the names that end them."""
    with context.identity():
        member = memberships.by_user(user_id, tenant)
        assert member is not None
        key = keys.create(member, tenant, name=BY)
        by_key = memberships.by_key(key.key.id, tenant)
        assert by_key is not None
        token, key_token = (jwts.issue(one, tenant).token for one in (member, by_key))
    session = SessionStore(tenant_id=tenant.id)
    session[SESSION_KEY] = str(user_id)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
    session.save()
    return {
        "session": f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
        "key": key.secret,
        "jwt": token,
        "key's jwt": key_token,
        "user": user_id.hex,
        "key_id": key.key.id.hex,
    }


def join(tenant: str) -> dict[str, str]:
    """Make an editor, and return what a request of theirs needs and what ends it."""
    entry = _entry(tenant)
    with context.identity():
        user = User.objects.create_user(f"{ids.new().hex}@example.com")
        memberships.add(user, entry, Role.EDITOR, by=BY)
    return credentials(user.pk, entry)


def end(way: str, tenant: str, person: dict[str, str]) -> float:
    """End what somebody holds; return the moment at which that was asked for, by the clock of all processes."""
    entry, began = _entry(tenant), time.monotonic()
    ENDS[way](tenant, entry, person)
    return began


def resume(tenant: str) -> None:
    lifecycle.resume(tenant, by=BY)


def check(tenant: str, person: dict[str, str], way: str, times: int) -> float:
    """Return the CPU seconds of one permission check; `way` is what is known before it."""
    entry, user_id = _entry(tenant), UUID(person["user"])
    with context.use(entry):
        member = memberships.by_user(user_id, entry)
        assert member is not None
        user = member.user

        def who_and_may() -> bool:
            found = memberships.by_user(user_id, entry)
            return found is not None and found.user.has_perm(DJANGOS)

        ways: dict[str, tuple[Callable[[], object], bool]] = {
            "person read": (who_and_may, True),
            "first": (lambda: user.has_perm(DJANGOS), True),
            "following": (lambda: user.has_perm(DJANGOS), True),
            "refused": (lambda: user.has_perm(REFUSED), False),
            "require": (lambda: memberships.require(user, entry, HELD), True),
            "require_member": (lambda: memberships.require_member(member, HELD), True),
            "may": (lambda: member.may(HELD), True),
        }
        call, expected = ways[way]
        assert bool(call()) is expected
        return traffic.cpu_of(call, times)


def _end_session(_: str, entry: directory.Entry, person: dict[str, str]) -> None:
    key = person["session"].partition("=")[2]
    with context.identity():
        user = _user(person)
        (device,) = [found for found in devices.of(user, entry, key) if found.current]
        assert devices.end(user, entry, device.id)


def _end_all_sessions(_: str, entry: directory.Entry, person: dict[str, str]) -> None:
    with context.identity():
        devices.end_everywhere(_user(person), entry)


def _end_membership(_: str, entry: directory.Entry, person: dict[str, str]) -> None:
    with context.identity():
        found = Membership.objects.get(tenant_id=entry.id, user_id=UUID(person["user"]))
        memberships.end(found, by=BY)


def _revoke_key(_: str, entry: directory.Entry, person: dict[str, str]) -> None:
    with context.identity():
        assert keys.revoke(UUID(person["key_id"]), entry, by=BY)


def _suspend(tenant: str, _entry: directory.Entry, _person: dict[str, str]) -> None:
    lifecycle.suspend(tenant, by=BY)


ENDS: dict[str, Callable[[str, directory.Entry, dict[str, str]], None]] = {
    "session": _end_session,
    "all sessions": _end_all_sessions,
    "membership": _end_membership,
    "key": _revoke_key,
    "tenant": _suspend,
}


def _user(person: dict[str, str]) -> User:
    return User.objects.get(pk=UUID(person["user"]))


def _entry(slug: str) -> directory.Entry:
    with context.public():
        return directory.entry_of(Tenant.objects.get(slug=slug))
