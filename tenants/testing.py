"""Fixtures for the tests of tenant apps: `pytest_plugins = ["tenants.testing"]` in a conftest.py.

They expect a test database that holds at least two committed tenants (override `django_db_setup` to make them) and
tests that run as the login `app`: a superuser would see no policy.
"""

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from tenants import context, directory, signing
from tenants.models import Domain, Tenant, User
from tenants.people import keys, memberships
from tenants.people.sessions import SessionStore


class TenantClient(Client):
    """Django's test client on a tenant's primary host. Leave every context before a request, as a browser does."""

    def __init__(self, tenant: directory.Entry, **defaults: Any) -> None:
        with context.public():
            host = Domain.objects.values_list("hostname", flat=True).get(tenant_id=tenant.id, is_primary=True)
        super().__init__(headers={"host": host}, **defaults)
        self.tenant = tenant

    def sign_in(self, user: User) -> "TenantClient":
        """Give this browser a session of the person, without asking for a password."""
        session = SessionStore(tenant_id=self.tenant.id)
        user = copy.copy(user)
        user.session_scope = signing.scope(self.tenant)
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session["began"] = int(time.time())
        session.save()
        self.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
        return self

    def use_key(self, user: User) -> "TenantClient":
        """Call with a new API key of the person, who is a member of the tenant."""
        with context.identity():
            member = memberships.by_user(user.pk, self.tenant)
            assert member is not None, f"{user} is no member of {self.tenant.slug}"
            secret = keys.create(member, self.tenant, name="test").secret
        self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return self


@pytest.fixture
def tenant_db(request: pytest.FixtureRequest) -> None:
    """Open the database: pytest-django's `db`, which rolls back. Override it where a test commits."""
    request.getfixturevalue("db")


@pytest.fixture
def two_tenants(tenant_db: None) -> tuple[directory.Entry, directory.Entry]:
    """Return two committed tenants, by slug; no context is entered."""
    with context.public():
        found = [
            directory.entry_of(tenant)
            for tenant in Tenant.objects.filter(destroyed_at=None).order_by("slug")[:2]
        ]
    assert len(found) == 2, "the test database needs two committed tenants; make them in django_db_setup"
    return found[0], found[1]


@pytest.fixture
def as_tenant() -> Callable[..., Any]:
    """Return `context.use`: `with as_tenant(tenant): ...`."""
    return context.use


@pytest.fixture
def tenant_client(tenant_db: None) -> type[TenantClient]:
    """Return what makes a client of a tenant's host: `tenant_client(tenant).sign_in(user).get("/")`."""
    return TenantClient
