"""The page of people: who is a member, who is invited, and inviting, clicked as a browser without scripts would."""

import re

import pytest

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Invitation, Role, User
from tenants.people import invitations
from tenants.testing import TenantClient
from tests import factories
from tests.tenants.people.test_invitations import ADA, Mails, mails
from tests.tenants.people.test_memberships import member

__all__ = ["mails"]

TwoTenants = tuple[Entry, Entry]


@pytest.fixture
def owner(two_tenants: TwoTenants) -> User:
    return factories.member(two_tenants[0], Role.OWNER)


@pytest.fixture
def browser(two_tenants: TwoTenants, owner: User) -> TenantClient:
    return TenantClient(two_tenants[0]).sign_in(owner)


def text(client: TenantClient) -> str:
    return client.get("/people").content.decode()


def open_in(tenant: Entry) -> list[tuple[str, str]]:
    with context.identity():
        return [(one.email, one.role) for one in invitations.listing(tenant)]


def test_it_shows_the_members_of_this_tenant_alone(
    two_tenants: TwoTenants, browser: TenantClient, owner: User
) -> None:
    acme, globex = two_tenants
    editor, elsewhere = factories.member(acme, Role.EDITOR), factories.member(globex, Role.VIEWER)
    left = factories.member(acme, Role.VIEWER)
    with context.identity():
        factories.end_membership(acme, left)
    page = text(browser)
    assert page.count("<h1>") == page.count("<main>") == 1
    assert owner.email in page
    assert editor.email in page
    assert elsewhere.email not in page
    assert left.email not in page


def test_an_owner_invites_sends_again_and_revokes(
    two_tenants: TwoTenants, browser: TenantClient, mails: Mails
) -> None:
    acme, globex = two_tenants
    assert browser.post("/people", {"email": ADA, "role": "editor"})["Location"] == "/people"
    assert open_in(acme) == [(ADA, "editor")]
    assert open_in(globex) == []
    assert [(purpose, to) for purpose, to, _ in mails.sent] == [("invitation", ADA)]
    first = mails.token()
    (wanted,) = set(re.findall(r'name="id" value="([^"]+)"', text(browser)))
    assert browser.post("/people/invitations/resend", {"id": wanted})["Location"] == "/people"
    assert mails.token() != first
    assert browser.post("/people/invitations/revoke", {"id": wanted})["Location"] == "/people"
    assert open_in(acme) == []
    assert ADA not in text(browser)


@pytest.mark.parametrize(("email", "role"), [("no address", "editor"), (ADA, "emperor"), ("", "")])
def test_what_cannot_be_invited_is_said_on_the_page(
    two_tenants: TwoTenants, browser: TenantClient, mails: Mails, email: str, role: str
) -> None:
    answer = browser.post("/people", {"email": email, "role": role})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert f'value="{email}"' in answer.content.decode(), "what was typed is kept"
    assert (open_in(two_tenants[0]), mails.sent) == ([], [])


def test_an_admin_is_offered_no_role_above_their_own_and_gives_none(
    two_tenants: TwoTenants, browser: TenantClient, mails: Mails
) -> None:
    admin = TenantClient(two_tenants[0]).sign_in(factories.member(two_tenants[0], Role.ADMIN))
    assert set(re.findall(r'<option value="(\w+)"', text(admin))) == {"viewer", "editor", "admin"}
    assert set(re.findall(r'<option value="(\w+)"', text(browser))) == set(Role.values)
    assert admin.post("/people", {"email": ADA, "role": "owner"}).status_code == 403
    assert open_in(two_tenants[0]) == []
    with context.use(two_tenants[0]):
        assert AuditEntry.objects.filter(action="access.refused").count() == 1


@pytest.mark.parametrize("path", ["/people", "/people/invitations/resend", "/people/invitations/revoke"])
def test_an_editor_changes_nothing(two_tenants: TwoTenants, mails: Mails, path: str) -> None:
    acme, _ = two_tenants
    with context.identity():
        made = invitations.invite(acme, ADA, Role.VIEWER, by=member(acme, Role.OWNER))
    client = TenantClient(acme).sign_in(factories.member(acme, Role.EDITOR))
    answer = client.post(path, {"id": str(made.id), "email": "eve@example.com", "role": "viewer"})
    assert answer.status_code == 403
    assert open_in(acme) == [(ADA, "viewer")]
    assert len(mails.sent) == 1


@pytest.mark.parametrize("path", ["/people/invitations/resend", "/people/invitations/revoke"])
def test_an_invitation_of_another_tenant_is_unknown(
    two_tenants: TwoTenants, browser: TenantClient, mails: Mails, path: str
) -> None:
    _, globex = two_tenants
    with context.identity():
        theirs = invitations.invite(globex, ADA, Role.VIEWER, by=member(globex, Role.OWNER))
    for wanted in (str(theirs.id), "no-uuid", ""):
        assert browser.post(path, {"id": wanted}).status_code == 404
    with context.identity():
        assert Invitation.objects.get(pk=theirs.id).revoked_at is None
    assert len(mails.sent) == 1


def test_a_form_of_another_page_invites_nobody(two_tenants: TwoTenants, owner: User, mails: Mails) -> None:
    strict = TenantClient(two_tenants[0], enforce_csrf_checks=True).sign_in(owner)
    assert strict.post("/people", {"email": ADA, "role": "editor"}).status_code == 403
    assert open_in(two_tenants[0]) == []
