"""Signing up below the pages: which addresses are known, which slugs are named, what a second proof is worth."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import RequestFactory

from tenants import caching, context, exceptions, lifecycle, mail, tasks
from tenants.models import PendingSignUp, TenantRequest, User
from tenants.people import exceptions as errors
from tenants.people import signup
from tenants.people.sessions import PersonSessionStore
from tests import databases, factories

FORM = {
    "email": "ada@example.com",
    "password": databases.PASSWORD,
    "tenant_name": "Engines",
    "slug": "engines",
}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    caching.shared.clear()


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch, tenant_db: None) -> list[str]:
    """Return the token of each mail that proves an address; "" for the other kind."""
    found: list[str] = []

    def send(_purpose: str, _to: str, values: dict[str, Any]) -> None:
        found.append(values["link"].partition("token=")[2])

    monkeypatch.setattr(mail, "send", send)
    return found


def browser() -> Any:
    request: Any = RequestFactory().post("/")
    request.session = PersonSessionStore()
    return request


def test_an_address_of_somebody_is_known_however_it_is_theirs(tokens: list[str]) -> None:
    with context.identity():
        person: User = factories.UserFactory()
        EmailAddress.objects.create(user=person, email="second@example.com", verified=True)
        EmailAddress.objects.create(user=person, email="claimed@example.com", verified=False)
        for email in (person.email, "SECOND@example.com", "claimed@example.com"):
            signup.start(browser(), **{**FORM, "email": email})
    assert [bool(token) for token in tokens] == [False, False, True]


def test_two_links_of_one_address_make_one_person(tokens: list[str]) -> None:
    here = browser()
    with context.identity():
        signup.start(here, **FORM)
        signup.start(here, **FORM)
        signup.finish(here, token=tokens[1])
        with pytest.raises(errors.SignUpExpired):
            signup.finish(here, token=tokens[0], password=databases.PASSWORD)
        assert User.objects.filter(email="ada@example.com").count() == 1
        assert not PendingSignUp.objects.exists()


def test_a_person_who_came_otherwise_in_the_meantime_is_not_made_again(tokens: list[str]) -> None:
    here = browser()
    with context.identity():
        signup.start(here, **FORM)
        User.objects.create_user("ada@example.com", password="their own password")
        with pytest.raises(errors.SignUpExpired):
            signup.finish(here, token=tokens[0])
        assert not TenantRequest.objects.exists()
        assert User.objects.get(email="ada@example.com").check_password("their own password")


def test_guessing_the_password_of_a_link_ends(tokens: list[str]) -> None:
    with context.identity():
        signup.start(browser(), **FORM)
        for _ in range(5):
            with pytest.raises(exceptions.InvalidCredentials):
                signup.finish(browser(), token=tokens[0], password="guess")
        with pytest.raises(errors.TooManyTries):
            signup.finish(browser(), token=tokens[0], password=databases.PASSWORD)


def test_the_worker_is_told_once_everything_is_kept(
    fresh_db: str, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[str]] = []
    monkeypatch.setattr(tasks.build_tenant, "apply_async", lambda args, **_: told.append(args))
    here = browser()
    with context.identity():
        signup.start(here, **FORM)
        requested = signup.finish(here, token=tokens[0])
        assert told == []
    assert told == [[str(requested.id)]]


def test_the_slug_of_a_destroyed_tenant_is_free_again(fresh_db: str) -> None:
    with context.identity():
        assert signup.is_free(browser(), "globex") is False
    lifecycle.destroy("globex", by="test")
    with context.identity():
        assert signup.is_free(browser(), "globex") is True
