"""Sessions of a person: what is ended is refused by every process at once, whatever its cache holds."""

from tenants import caching, context
from tenants.directory import Entry
from tenants.models import Role, Session, User
from tenants.people import devices
from tenants.people.sessions import SessionStore
from tenants.testing import TenantClient
from tests import factories

TwoTenants = tuple[Entry, Entry]


def keys_of(user: User) -> set[str]:
    with context.identity():
        return set(Session.objects.filter(user_id=user.pk).values_list("session_key", flat=True))


def test_a_process_that_remembers_an_ended_session_lets_nobody_in(two_tenants: TwoTenants) -> None:
    """The epoch is read with each request: a cache that still holds the session (a reader overtaken) is no way in."""
    user = factories.member(two_tenants[0], Role.EDITOR)
    client = TenantClient(two_tenants[0]).sign_in(user)
    assert client.get("/api/v1/me").status_code == 200
    store = SessionStore(client.cookies["session"].value, two_tenants[0].id)
    remembered = dict(store.items())
    with context.identity():
        devices.end_everywhere(user, two_tenants[0])
    caching.shared.set(store._cache_name(store.session_key or ""), remembered, 300)
    assert client.get("/api/v1/me").status_code == 401


def test_one_ended_session_is_gone_from_the_shared_cache(two_tenants: TwoTenants) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR)
    first, second = (TenantClient(two_tenants[0]).sign_in(user) for _ in range(2))
    assert [client.get("/api/v1/me").status_code for client in (first, second)] == [200, 200]
    with context.identity():
        listed = devices.of(user, two_tenants[0], first.cookies["session"].value)
        (other,) = [device.id for device in listed if not device.current]
        assert not devices.end(user, two_tenants[1], other), "it is a session of another tenant"
        assert devices.end(user, two_tenants[0], other)
        assert not devices.end(user, two_tenants[0], other)
    assert [client.get("/api/v1/me").status_code for client in (first, second)] == [200, 401]


def test_forgetting_keeps_the_one_that_is_named(two_tenants: TwoTenants) -> None:
    user = factories.member(two_tenants[0], Role.EDITOR)
    kept = TenantClient(two_tenants[0]).sign_in(user).cookies["session"].value
    TenantClient(two_tenants[1]).sign_in(user)
    assert len(keys_of(user)) == 2
    with context.identity():
        devices.forget(user, keep=kept)
    assert keys_of(user) == {kept}
