"""Signing in: whoever fails gets one answer, for the same work."""

import re

import pytest
from django.db import connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tenants import context, exceptions
from tenants.directory import Entry
from tenants.models import Role
from tenants.people import signin
from tests import databases, factories

PASSWORD = databases.PASSWORD


def statements(tenant: Entry, email: str, password: str) -> list[str]:
    """Return what a refused sign-in asks the database, without the values."""
    request = RequestFactory().post("/")
    with (
        context.identity(),
        CaptureQueriesContext(connections["default"]) as queries,
        pytest.raises(exceptions.InvalidCredentials),
    ):
        signin.sign_in(request, tenant, email=email, password=password)
    return [re.sub(r"'[^']*'", "?", str(query["sql"])) for query in queries]


def test_whoever_fails_asks_the_database_the_same(globex: Entry, initech: Entry) -> None:
    """The right password of another tenant's member, a wrong one, and an address that nobody has."""
    outsider = factories.member(initech, Role.OWNER, password=PASSWORD).email
    member = factories.member(globex, Role.EDITOR, password=PASSWORD).email
    asked = [
        statements(globex, outsider, PASSWORD),
        statements(globex, member, "wrong"),
        statements(globex, "nobody@example.com", PASSWORD),
    ]
    assert asked[0] == asked[1] == asked[2]
    assert sum("tenants_membership" in sql for sql in asked[0]) == 1
