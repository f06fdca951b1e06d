"""Browsers of the apex host, mails that were sent, and people who are signed in there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from tenants import mail
from tenants.caching import shared
from tenants.models import User
from tenants.people import policy, visitors
from tenants.people.sessions import PersonSessionStore

Sent = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def nothing_was_tried() -> None:
    """Counters of tries outlive a test."""
    shared.clear()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Return (purpose, address, values) of each mail that was handed over."""
    found: Sent = []
    monkeypatch.setattr(mail, "send", lambda purpose, to, values, **_: found.append((purpose, to, values)))
    return found


@pytest.fixture
def browser(tenant_db: None) -> Client:
    return new_browser()


def new_browser(**defaults: Any) -> Client:
    return Client(headers={"host": settings.LEASEHOLD_APEX_HOST}, **defaults)


@pytest.fixture
def signed_in(tenant_db: None) -> Callable[[User], Client]:
    """Return a browser in which the person has a session of the apex."""

    def sign_in(user: User, **defaults: Any) -> Client:
        client = new_browser(**defaults)
        user.session_scope = visitors.SCOPE
        session = PersonSessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[policy.METHODS] = [{"method": "password", "at": 0}]
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
        return client

    return sign_in


@pytest.fixture
def shop(tenant: Callable[[str], Any]) -> Any:
    """The tenant acme, without a context entered."""
    return tenant("acme")
