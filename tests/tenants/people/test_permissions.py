"""What can be permitted is declared once, by the app whose it is, and an owner holds all of it."""

import pytest

from tenants.models import Role
from tenants.people import permissions


@pytest.fixture(autouse=True)
def nothing_stays_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_declared", "_of_role", "_named"):
        monkeypatch.setattr(permissions, name, dict(getattr(permissions, name)))


def test_every_app_has_declared_its_permissions() -> None:
    assert {"tenant.read", "members.manage", "products.write", "usage.read"} <= permissions.known()
    assert [one.code for one in permissions.declared()] == sorted(permissions.known())


def test_what_is_declared_for_some_roles_is_held_by_them_and_by_the_owner() -> None:
    permissions.declare("moon.read", "See the moon", [Role.VIEWER])
    holders = {role for role in Role.values if "moon.read" in permissions.of_role(role)}
    assert holders == {Role.VIEWER, Role.OWNER}


def test_an_owner_holds_everything() -> None:
    assert permissions.of_role(Role.OWNER) == permissions.known()


def test_the_same_declaration_again_is_nothing_new() -> None:
    before = permissions.declared()
    permissions.declare("usage.read", "See what was used", permissions.EVERYBODY)
    assert permissions.declared() == before


def test_a_code_that_means_two_things_is_refused() -> None:
    with pytest.raises(ValueError, match=r"usage\.read"):
        permissions.declare("usage.read", "See what was used", permissions.OWNERS)
    with pytest.raises(ValueError, match="emperor"):
        permissions.declare("empire.rule", "Rule", ["emperor"])


def test_a_permission_that_nobody_declared_is_named() -> None:
    permissions.require_known("usage.read")
    with pytest.raises(ValueError, match=r"usage\.raed"):
        permissions.require_known("usage.raed")


def test_django_s_names_lead_to_the_permissions_that_cover_them() -> None:
    assert permissions.named("commerce.change_product") == {"products.write"}
    assert permissions.named("products.write") == {"products.write"}
    assert permissions.named("tenants.change_tenant") == frozenset()
    assert permissions.named("commerce.view_address") == {"customers.read"}
    assert permissions.named("commerce.add_stockentry") == frozenset()
    permissions.declare("moon.read", "See the moon", permissions.OWNERS, covers=["commerce.change_product"])
    assert permissions.named("commerce.change_product") == {"products.write", "moon.read"}
    assert permissions.of_app("moon") == {"moon.read"}


def test_an_app_s_label_leads_to_its_own_permissions_and_to_those_that_cover_it() -> None:
    assert permissions.of_app("commerce") >= {"products.read", "orders.write", "customers.read"}
    assert not permissions.of_app("commerce") & {"members.manage", "usage.read"}
    assert "members.manage" in permissions.of_app("members")
    assert permissions.of_app("member") == frozenset()
