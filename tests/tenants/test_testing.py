"""The fixtures for tests of tenant apps: who they act as, and that nothing of a test stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from saas.commerce.models import Category
from tenants import context
from tenants.directory import Entry
from tenants.models import Role, User
from tenants.testing import TenantClient
from tests import factories

TwoTenants = tuple[Entry, Entry]


def test_two_tenants_are_two_and_no_context_is_entered(two_tenants: TwoTenants) -> None:
    assert [tenant.slug for tenant in two_tenants] == ["acme", "globex"]
    assert context.current() is None


def test_a_test_runs_as_the_login_of_tenant_facing_processes(two_tenants: TwoTenants) -> None:
    assert connections["default"].settings_dict["USER"] == "app"
    with context.use(two_tenants[0]), connections["default"].cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        assert cursor.fetchone() == ("app", two_tenants[0].schema_name)


def test_as_tenant_enters_a_tenant(two_tenants: TwoTenants, as_tenant: Callable[..., Any]) -> None:
    with as_tenant(two_tenants[1]):
        assert context.tenant_id() == two_tenants[1].id


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_writes_is_gone_in_the_next(acme: Entry, turn: int) -> None:
    assert not Category.objects.exists()
    Category.objects.create(name="Tea", slug="tea")


def test_acme_is_entered_for_the_whole_test_even_beside_others(globex: Entry, acme: Entry) -> None:
    assert context.tenant_id() == acme.id != globex.id


def test_a_client_signs_in_as_a_member(two_tenants: TwoTenants, tenant_client: type[TenantClient]) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, Role.EDITOR)
    client = tenant_client(acme).sign_in(user)
    answer = client.get("/api/v1/me")
    assert answer.status_code == 200
    assert user.email in answer.content.decode()


def test_a_client_calls_with_a_key(two_tenants: TwoTenants, tenant_client: type[TenantClient]) -> None:
    acme, _ = two_tenants
    user = factories.member(acme, Role.EDITOR)
    assert tenant_client(acme).use_key(user).get("/api/v1/me").status_code == 200


def test_a_client_without_either_is_nobody(
    two_tenants: TwoTenants, tenant_client: type[TenantClient]
) -> None:
    assert tenant_client(two_tenants[0]).get("/api/v1/me").status_code == 401


def test_a_fresh_database_keeps_what_is_committed(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.identity():
        factories.UserFactory(email="ada@example.com")
    connections["default"].close()
    with context.identity():
        assert User.objects.filter(email="ada@example.com").exists()
    with context.operator(), connections["console"].cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (fresh_db,)


def test_the_server_log_counts_messages(server_log: Any, two_tenants: TwoTenants) -> None:
    server_log.forget()
    with context.use(two_tenants[0]):
        assert not Category.objects.exists()
    assert len(server_log.messages()) == 3
