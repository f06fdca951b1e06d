"""People on the apex: whose tenants are shown, and which sessions are theirs."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from tenants import caching, context, exceptions
from tenants.directory import Entry
from tenants.models import Role, User
from tenants.people import memberships, visitors
from tenants.people.sessions import PersonSessionStore
from tests import databases, factories


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    caching.shared.clear()


def request_with(session: PersonSessionStore) -> RequestFactory:
    request = RequestFactory().post("/")
    request.session, request.user = session, AnonymousUser()
    return request  # type: ignore[return-value]


def test_the_list_holds_the_person_s_live_memberships(globex: Entry, initech: Entry) -> None:
    person = factories.member(globex, Role.VIEWER)
    factories.member(initech)
    with context.identity():
        memberships.add(person, initech, Role.OWNER, by="test")
        assert [(one.slug, one.hostname, one.role, one.state) for one in visitors.tenants(person)] == [
            ("globex", "globex.localhost", "viewer", "active"),
            ("initech", "initech.localhost", "owner", "active"),
        ]
        memberships.end(person.memberships.get(tenant_id=globex.id), by="test")
        assert [one.slug for one in visitors.tenants(person)] == ["initech"]


def test_signing_in_makes_a_session_that_names_the_person(db: None) -> None:
    with context.identity():
        person: User = factories.UserFactory(password=databases.PASSWORD)
        request = request_with(PersonSessionStore())
        visitors.sign_in(request, email=person.email, password=databases.PASSWORD)  # type: ignore[arg-type]
        request.session.save()  # type: ignore[attr-defined]  # as the middleware does
    key = request.session.session_key  # type: ignore[attr-defined]
    assert PersonSessionStore(key)[SESSION_KEY] == str(person.pk)
    with context.identity():
        again = request_with(PersonSessionStore(key))
        visitors.attach(again)  # type: ignore[arg-type]
        assert visitors.person(again) == person  # type: ignore[arg-type]
        User.objects.filter(pk=person.pk).update(deactivated_at="2026-01-01T00:00:00Z")
        gone = request_with(PersonSessionStore(key))
        visitors.attach(gone)  # type: ignore[arg-type]
        assert visitors.person(gone) is None  # type: ignore[arg-type]


def test_who_is_deactivated_cannot_sign_in(db: None) -> None:
    with context.identity():
        person: User = factories.UserFactory(password=databases.PASSWORD)
        User.objects.filter(pk=person.pk).update(deactivated_at="2026-01-01T00:00:00Z")
        with pytest.raises(exceptions.InvalidCredentials):
            visitors.sign_in(
                request_with(PersonSessionStore()),  # type: ignore[arg-type]
                email=person.email,
                password=databases.PASSWORD,
            )
