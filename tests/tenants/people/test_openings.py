"""What a proven address opens: invitations without their token, and the tenant of the domain; and what stays closed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from tenants import context, ids, lifecycle
from tenants.directory import Entry
from tenants.models import AuditEntry, EmailDomain, Invitation, InvitationDigest, Role, User
from tenants.people import exceptions as errors
from tenants.people import invitations, memberships, openings
from tests import factories
from tests.tenants.people.test_invitations import ADA, Mails, mails
from tests.tenants.people.test_memberships import member, seats

__all__ = ["mails"]
pytestmark = pytest.mark.usefixtures("mails")


@pytest.fixture
def acme(tenant: Callable[[str], Entry]) -> Entry:
    """Without a context entered."""
    return tenant("acme")


def person(email: str = ADA, *, verified: bool = True) -> User:
    return factories.UserFactory(email=email, verified=verified)


def invite(tenant: Entry, email: str = ADA, role: str = Role.EDITOR) -> Invitation:
    return invitations.invite(tenant, email, role, by=member(tenant, Role.OWNER))


def open_domain(tenant: Entry, domain: str = "example.com", **more: Any) -> EmailDomain:
    values = {"join_role": Role.EDITOR, "verified_at": timezone.now(), **more}
    return EmailDomain.objects.create(tenant_id=tenant.id, domain=domain, token="t", **values)


def shut(user: User, invitation_id: UUID) -> bool:
    """Whether the invitation is neither shown nor accepted."""
    with pytest.raises(errors.InvalidInvitation):
        openings.accept(user, invitation_id)
    return invitation_id not in [offer.id for offer in openings.of(user).invitations]


# Invitations


def test_an_invitation_is_shown_to_who_has_proven_the_address_and_accepted_once(
    acme: Entry, globex: Entry, mails: Mails
) -> None:
    with context.identity():
        ada, made = person(), invite(acme)
        token = mails.token()
        offer = openings.of(ada).invitations[0]
        assert (offer.id, offer.slug, offer.tenant_name, offer.role) == (made.id, "acme", "Acme", "editor")
        membership = openings.accept(ada, made.id)
        assert (membership.user, membership.tenant_id, membership.role) == (ada, acme.id, "editor")
        assert memberships.by_user(ada.pk, globex) is None
        assert shut(ada, made.id)
        with pytest.raises(errors.InvalidInvitation):
            invitations.read(token, acme)
        assert not InvitationDigest.objects.filter(invitation=made).exists()
    with context.use(acme):
        actions = AuditEntry.objects.filter(actor=ADA).order_by("at").values_list("action", "subject")
        assert list(actions) == [("membership.added", ADA), ("invitation.accepted", ADA)]


def test_a_token_that_was_used_leaves_nothing_open_on_the_apex(acme: Entry, mails: Mails) -> None:
    with context.identity():
        ada, made = person(), invite(acme)
        memberships.end(invitations.accept(mails.token(), acme, signed_in=ada), by="test")
        assert shut(ada, made.id)


def test_nothing_is_told_of_an_address_that_is_not_proven(acme: Entry) -> None:
    """Whoever signs up with another's address reads no invitation of theirs."""
    with context.identity():
        eve, made = person(verified=False), invite(acme)
        open_domain(acme)
        assert openings.of(eve) == openings.Openings(proven=False, invitations=[], by_domain=None)
        assert shut(eve, made.id)
        with pytest.raises(errors.JoinRefused):
            openings.join(eve, "acme")
        EmailAddress.objects.filter(user=eve).update(verified=True)
        assert openings.accept(eve, made.id).user == eve


def test_a_proven_address_is_the_person_s_present_one(acme: Entry) -> None:
    with context.identity():
        eve, made = person("eve@example.com", verified=False), invite(acme, "eve@example.com")
        EmailAddress.objects.filter(user=eve).update(email="former@example.com", verified=True)
        assert shut(eve, made.id)


def test_an_invitation_of_another_address_is_nobody_s(acme: Entry) -> None:
    with context.identity():
        made = invite(acme)
        for stranger in (person("eve@example.com"), person("ada@example.com.evil.example")):
            assert shut(stranger, made.id)
        assert shut(person(), ids.new())
        assert openings.accept(User.objects.get(email=ADA), made.id).user.email == ADA


def test_revoked_expired_and_orphaned_invitations_are_closed(acme: Entry) -> None:
    with context.identity():
        ada, inviter = person(), member(acme, Role.OWNER)
        made = invitations.invite(acme, ADA, Role.EDITOR, by=inviter)
        with time_machine.travel(timezone.now() + invitations.LIFETIME + timedelta(seconds=1)):
            assert shut(ada, made.id)
        assert [offer.id for offer in openings.of(ada).invitations] == [made.id]
        factories.end_membership(acme, inviter.user)
        assert shut(ada, made.id)
        other = member(acme, Role.OWNER)
        invitations.resend(made.id, acme, by=other)
        assert openings.of(ada).invitations[0].id == made.id
        invitations.revoke(made.id, acme, by=other)
        assert shut(ada, made.id)


def test_a_deactivated_person_accepts_nothing(acme: Entry) -> None:
    with context.identity():
        ada, made = person(), invite(acme)
        ada.deactivated_at = timezone.now()
        with pytest.raises(errors.InvalidInvitation):
            openings.accept(ada, made.id)


def test_seats_are_asked_for(acme: Entry) -> None:
    with context.identity():
        ada, made = person(), invite(acme)
        open_domain(acme)
        with seats(0), pytest.raises(errors.SeatsTaken):
            openings.accept(ada, made.id)
        with seats(0), pytest.raises(errors.SeatsTaken):
            openings.join(ada, "acme")
        assert memberships.by_user(ada.pk, acme) is None
        assert openings.of(ada).invitations[0].id == made.id
        assert openings.accept(ada, made.id).user == ada


# The tenant of the domain


def test_a_person_of_the_domain_sees_the_tenant_and_joins_with_its_role(acme: Entry, globex: Entry) -> None:
    with context.identity():
        ada = person()
        assert openings.of(ada).by_domain is None
        open_domain(acme)
        assert openings.of(ada).by_domain == openings.Door("acme", "Acme", "editor")
        for slug in ("globex", "nobody", ""):
            with pytest.raises(errors.JoinRefused):
                openings.join(ada, slug)
        assert openings.join(ada, "acme").role == Role.EDITOR
        assert openings.of(ada).by_domain is None
        with pytest.raises(errors.AlreadyMember):
            openings.join(ada, "acme")
    with context.use(acme):
        row = AuditEntry.objects.get(action="membership.added", actor=ADA)
        assert (row.subject, row.after) == (ADA, {"role": "editor"})


@pytest.mark.parametrize(
    "row",
    [{"join_role": None}, {"verified_at": None}, {"lost_at": timezone.now()}, {"domain": "other.example"}],
)
def test_a_domain_that_is_closed_unproven_lost_or_another_opens_nothing(
    acme: Entry, row: dict[str, Any]
) -> None:
    with context.identity():
        ada = person()
        open_domain(acme, **row)
        assert openings.of(ada).by_domain is None
        with pytest.raises(errors.JoinRefused):
            openings.join(ada, "acme")


def test_whoever_was_removed_is_not_let_in_by_the_domain(acme: Entry) -> None:
    with context.identity():
        ada = person()
        open_domain(acme)
        memberships.end(openings.join(ada, "acme"), by="test")
        assert openings.of(ada).by_domain is None
        with pytest.raises(errors.JoinRefused, match="was ended"):
            openings.join(ada, "acme")


def test_a_tenant_that_is_suspended_is_open_to_nobody(fresh_db: str, tenant: Callable[[str], Entry]) -> None:
    acme = tenant("acme")
    with context.identity():
        ada, made = person(), invite(acme)
        open_domain(acme)
    lifecycle.suspend("acme", by="test")
    with context.identity():
        assert shut(ada, made.id)
        assert openings.of(ada).by_domain is None
        with pytest.raises(errors.JoinRefused):
            openings.join(ada, "acme")
