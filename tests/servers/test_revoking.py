"""What one process takes away, another one refuses: the next request that begins, whatever it remembers."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.conf import settings

from tenants import context, lifecycle
from tenants.directory import Entry
from tenants.models import Membership, Role, User
from tenants.people import devices, jwts, keys, memberships
from tenants.people.sessions import SessionStore
from tenants.testing import TenantClient
from tests import factories
from tests.servers import process
from tests.servers.process import Web

ME = "/api/v1/me"
PROMISED_SECONDS = 2.0


@dataclass(frozen=True)
class Person:
    """A member, and each way in which they call."""

    user: User
    tenant: Entry
    session: str
    key_id: UUID
    headers: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def web(module_db: str) -> Iterator[Web]:
    same = {"DJANGO_SETTINGS_MODULE": "saas.settings", "SECRET_KEY": settings.SECRET_KEY}
    with process.web(process.GUNICORN, module_db, **same) as found:
        yield found


def join(tenant: Entry) -> Person:
    user = factories.member(tenant, Role.EDITOR)
    client = TenantClient(tenant).sign_in(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with context.identity():
        member = memberships.by_user(user.pk, tenant)
        assert member is not None
        key = keys.create(member, tenant, name="test")
        by_key = memberships.by_key(key.key.id, tenant)
        assert by_key is not None
        token, key_token = (jwts.issue(one, tenant).token for one in (member, by_key))
    bearers = {"key": key.secret, "token": token, "key's token": key_token}
    headers = {name: {"Authorization": f"Bearer {secret}"} for name, secret in bearers.items()}
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
    return Person(user, tenant, session, key.key.id, {"session": cookie, **headers})


def let_in(web: Web, person: Person) -> set[str]:
    """Return the ways in which the person is let in by the web process now."""
    found = set()
    for name, headers in person.headers.items():
        status, body = web.get(ME, person.tenant.slug, headers)
        assert status in (200, 401), body
        found |= {name} if status == 200 else set()
    return found


def end_session(person: Person) -> None:
    SessionStore(person.session, person.tenant.id).delete()


def end_all_sessions(person: Person) -> None:
    with context.identity():
        devices.end_everywhere(person.user, person.tenant)


def remove(person: Person) -> None:
    with context.identity():
        membership = Membership.objects.get(tenant_id=person.tenant.id, user=person.user)
        memberships.end(membership, by="test")


def revoke(person: Person) -> None:
    with context.identity():
        assert keys.revoke(person.key_id, person.tenant, by="test")


ALL = {"session", "key", "token", "key's token"}
LEFT: dict[Callable[[Person], None], set[str]] = {
    end_session: {"key", "token", "key's token"},
    end_all_sessions: {"key"},  # tokens name the epoch that ended with the sessions
    remove: set(),
    revoke: {"session", "token"},
}


@pytest.mark.parametrize("take_away", LEFT)
def test_the_next_request_to_another_process_is_refused(
    web: Web, two_tenants: tuple[Entry, Entry], take_away: Callable[[Person], None]
) -> None:
    person, colleague, outsider = join(two_tenants[0]), join(two_tenants[0]), join(two_tenants[1])
    for one in (person, colleague, outsider):
        assert let_in(web, one) == ALL
    take_away(person)
    assert let_in(web, person) == LEFT[take_away]
    assert let_in(web, colleague) == ALL
    assert let_in(web, outsider) == ALL


def test_a_suspended_tenant_lets_no_member_in_at_once_and_nobody_in_time(
    web: Web, two_tenants: tuple[Entry, Entry]
) -> None:
    person, outsider = join(two_tenants[0]), join(two_tenants[1])
    assert let_in(web, person) == ALL
    lifecycle.suspend(two_tenants[0].slug, by="test")
    suspended = time.monotonic()
    try:
        statuses = [web.get(ME, person.tenant.slug, headers)[0] for headers in person.headers.values()]
        assert set(statuses) <= {401, 403}, statuses
        assert let_in(web, outsider) == ALL
        # A process asks once a second whether a host has changed; a request that begins after the promise is refused.
        time.sleep(max(0.0, suspended + PROMISED_SECONDS - time.monotonic()))
        assert web.get("/", person.tenant.slug)[0] == 403
        assert web.get("/", outsider.tenant.slug)[0] != 403
    finally:
        lifecycle.resume(two_tenants[0].slug, by="test")
