"""The ownership goes from one member to another of the same tenant, at an owner's wish alone."""

from dataclasses import replace
from typing import Any

import pytest

from tenants import context, exceptions, mail
from tenants.directory import Entry
from tenants.models import AuditEntry, Role
from tenants.people import exceptions as errors
from tenants.people import memberships, ownership
from tests.tenants.people.test_memberships import leave_one_owner, member, role_of

TwoTenants = tuple[Entry, Entry]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """What was given to the mails' door: purpose, receiver, values."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    monkeypatch.setattr(mail, "send", lambda purpose, to, values, **_: found.append((purpose, to, values)))
    return found


def test_the_ownership_is_handed_over_and_both_are_told(
    two_tenants: TwoTenants, sent: list[tuple[str, str, dict[str, Any]]]
) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, editor = leave_one_owner(acme), member(acme, Role.EDITOR)
        ownership.transfer(editor.membership_id, acme, by=owner)
        assert (role_of(owner, acme), role_of(editor, acme)) == (Role.ADMIN, Role.OWNER)
    with context.use(acme):
        entry = AuditEntry.objects.get(action="ownership.transferred")
        assert (entry.before, entry.after) == ({"owner": owner.user.email}, {"owner": editor.user.email})
    assert [(purpose, to) for purpose, to, _ in sent] == [
        ("ownership_transferred", owner.user.email),
        ("ownership_transferred", editor.user.email),
    ]
    assert sent[0][2]["new_owner"] == editor.user.email
    assert sent[0][2]["tenant_name"] == "Acme"


def test_nobody_but_an_owner_gives_it_and_nobody_to_themselves_or_an_outsider(
    two_tenants: TwoTenants,
) -> None:
    acme, globex = two_tenants
    with context.identity():
        owner, admin, editor = (member(acme, role) for role in (Role.OWNER, Role.ADMIN, Role.EDITOR))
        stranger = member(globex, Role.OWNER)
        for target, by, error in (
            (editor, admin, exceptions.Refused),
            (owner, owner, exceptions.Refused),
            (editor, replace(owner, held=frozenset({"members.manage"})), exceptions.Refused),
            (editor, stranger, exceptions.NotAMember),
            (stranger, owner, errors.UnknownMember),
        ):
            with pytest.raises(error):
                ownership.transfer(target.membership_id, acme, by=by)
        memberships.change_role(owner.membership_id, acme, Role.EDITOR, by=member(acme, Role.OWNER))
        with pytest.raises(exceptions.Refused):  # an owner when the request began
            ownership.transfer(editor.membership_id, acme, by=owner)
        assert [role_of(one, acme) for one in (owner, admin, editor)] == ["editor", "admin", "editor"]
        assert role_of(stranger, globex) == Role.OWNER
