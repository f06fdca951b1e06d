"""Role by operation over the whole document: what an operation declares is who may call it, no more and no less."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from saas.api import security
from saas.api.site import api
from tenants import context, directory, lifecycle
from tenants.directory import Entry
from tenants.models import Membership, Role, User
from tenants.people import groups, memberships, permissions, roles
from tenants.testing import TenantClient
from tests import factories

Operation = tuple[str, str, str]
UNKNOWN = "00000000-0000-7000-8000-000000000000"
JSON = "application/json"
ME: Operation = ("GET", "/api/v1/me", "tenant.read")


def operations() -> list[Operation]:
    """Return method, path with ids that nothing has, and what is declared, of every operation of the document."""
    return [
        (method.upper(), re.sub(r"\{(\w+)\}", fill, path), str(operation.get(security.DECLARED)))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    ]


def fill(name: re.Match[str]) -> str:
    return UNKNOWN if name[1].endswith("_id") else "example.com"


OPERATIONS = operations()
CLOSED = [one for one in OPERATIONS if one[2] != security.EVERYBODY]
# Those that do not end the caller's own session or membership.
LASTING = [one for one in CLOSED if one[2] != security.EVERY_MEMBER]
CALLABLE_BY_ALL = {security.EVERYBODY, security.EVERY_MEMBER}


def case(operation: Operation) -> str:
    return f"{operation[0]} {operation[1].removeprefix('/api/v1/')}"


def by_operation(found: list[Operation]) -> Any:
    return pytest.mark.parametrize("operation", found, ids=case)


def call(client: TenantClient, operation: Operation) -> int:
    """Return the status. The body is empty: who may call is told that it is, who may not is not even told that."""
    method, path, _ = operation
    return int(client.generic(method, path, "{}", content_type=JSON).status_code)


def with_key(tenant: Entry, user: User) -> TenantClient:
    return TenantClient(tenant).use_key(user)


def with_session(tenant: Entry, user: User) -> TenantClient:
    return TenantClient(tenant).sign_in(user)


WAYS: dict[str, Callable[[Entry, User], TenantClient]] = {"key": with_key, "session": with_session}


def expected(declared: str, held: frozenset[str]) -> bool:
    return declared in CALLABLE_BY_ALL or declared in held


def outcome(status: int) -> bool:
    """Whether the call was let in; a refusal is 403 and nothing else."""
    assert status not in (401, 500, 503)
    return status != 403


def differing(client: TenantClient, held: frozenset[str]) -> list[Operation]:
    """Return the operations that answer otherwise than declared to somebody who holds this."""
    return [one for one in LASTING if outcome(call(client, one)) != expected(one[2], held)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", Role.values)
@by_operation(CLOSED)
def test_a_role_may_call_what_is_declared_for_it_and_nothing_else(
    shop: Entry, operation: Operation, role: str, way: str
) -> None:
    client = WAYS[way](shop, factories.member(shop, role))
    assert outcome(call(client, operation)) == expected(operation[2], permissions.of_role(role))


@by_operation(OPERATIONS)
def test_whoever_is_not_signed_in_is_asked_who_they_are(shop: Entry, operation: Operation) -> None:
    assert (call(TenantClient(shop), operation) == 401) == (operation in CLOSED)


@by_operation(CLOSED)
def test_a_key_or_session_of_another_tenant_is_nobody_s(
    shop: Entry, globex: Entry, operation: Operation
) -> None:
    stranger = factories.member(globex, Role.OWNER)
    for way in WAYS.values():
        theirs = way(globex, stranger)
        here = TenantClient(shop)
        here.cookies = theirs.cookies
        if "HTTP_AUTHORIZATION" in theirs.defaults:
            here.defaults["HTTP_AUTHORIZATION"] = theirs.defaults["HTTP_AUTHORIZATION"]
        assert call(here, operation) == 401


def test_the_matrix_tells_each_role_from_the_next_and_reaches_every_permission_of_the_document() -> None:
    declared = {one[2] for one in OPERATIONS} - CALLABLE_BY_ALL
    callable_by = [
        declared & permissions.of_role(role) for role in (Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER)
    ]
    assert callable_by[0] < callable_by[1] < callable_by[2] < callable_by[3] == declared
    assert declared >= {
        "products.read",
        "products.write",
        "members.manage",
        "roles.manage",
        "tenant.transfer",
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_member_of_two_tenants_has_the_role_of_each(shop: Entry, globex: Entry, way: str) -> None:
    user = factories.member(shop, Role.ADMIN)
    with context.identity():
        memberships.add(user, globex, Role.VIEWER, by="test")
    for tenant, role in ((shop, Role.ADMIN), (globex, Role.VIEWER)):
        assert differing(WAYS[way](tenant, user), permissions.of_role(role)) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_custom_role_and_a_group_open_what_they_hold(shop: Entry, way: str) -> None:
    viewer, other, user = (factories.member(shop, role) for role in (Role.VIEWER, Role.VIEWER, Role.OWNER))
    with context.identity():
        owner = memberships.by_user(user.pk, shop)
        assert owner is not None
        role = roles.create(shop, "Auditor", ["audit.read"], by=owner)
        roles.assign(membership_of(viewer), shop, role.id, by=owner)
        group = groups.create(shop, "Editors", by=owner, role=Role.EDITOR)
        groups.put_in(membership_of(other), group.id, shop, by=owner)
    assert differing(WAYS[way](shop, viewer), permissions.of_role(Role.VIEWER) | {"audit.read"}) == []
    assert differing(WAYS[way](shop, other), permissions.of_role(Role.EDITOR)) == []


def membership_of(user: User) -> UUID:
    return Membership.objects.get(user=user, ended_at__isnull=True).id


@pytest.mark.parametrize("way", WAYS)
def test_a_removed_member_with_a_live_session_or_key_is_nobody_at_once(shop: Entry, way: str) -> None:
    user = factories.member(shop, Role.ADMIN)
    client = WAYS[way](shop, user)
    assert call(client, ME) == 200
    with context.identity():
        memberships.end(Membership.objects.get(user=user), by="test")
    assert {call(client, one) for one in CLOSED} == {401}


@pytest.mark.parametrize("way", WAYS)
def test_a_changed_role_counts_at_once(shop: Entry, way: str) -> None:
    user = factories.member(shop, Role.ADMIN)
    client = WAYS[way](shop, user)
    assert differing(client, permissions.of_role(Role.ADMIN)) == []
    with context.identity():
        Membership.objects.filter(user=user).update(role=Role.VIEWER)
    assert differing(client, permissions.of_role(Role.VIEWER)) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_suspended_tenant_answers_nobody(fresh_db: str, shop: Entry, way: str) -> None:
    client = WAYS[way](shop, factories.member(shop, Role.OWNER))
    assert call(client, ME) == 200
    lifecycle.suspend("acme", by="test")
    # 401 until this process has heard of it, a second at most: until then the membership says so.
    assert {call(client, one) for one in CLOSED} <= {401, 403}
    directory.clear()
    assert {call(client, one) for one in OPERATIONS} == {403}
