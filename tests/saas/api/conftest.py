"""Clients of the API: a member of acme with a key, one with a session, and one of another tenant."""

from collections.abc import Callable

import pytest

from tenants.directory import Entry
from tenants.models import Role
from tenants.testing import TenantClient
from tests import factories

FindTenant = Callable[[str], Entry]


@pytest.fixture
def shop(tenant: FindTenant) -> Entry:
    """The tenant acme, without a context entered: a request enters its own."""
    return tenant("acme")


@pytest.fixture
def editor(shop: Entry) -> TenantClient:
    return TenantClient(shop).use_key(factories.member(shop, Role.EDITOR))


@pytest.fixture
def viewer(shop: Entry) -> TenantClient:
    return TenantClient(shop).use_key(factories.member(shop, Role.VIEWER))


@pytest.fixture
def admin(shop: Entry) -> TenantClient:
    return TenantClient(shop).use_key(factories.member(shop, Role.ADMIN))


@pytest.fixture
def owner(shop: Entry) -> TenantClient:
    return TenantClient(shop).use_key(factories.member(shop, Role.OWNER))


@pytest.fixture
def outsider(globex: Entry) -> TenantClient:
    return TenantClient(globex).use_key(factories.member(globex, Role.OWNER))


@pytest.fixture
def anonymous(shop: Entry) -> TenantClient:
    return TenantClient(shop)
