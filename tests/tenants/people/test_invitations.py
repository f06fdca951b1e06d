"""An invitation is good once, for a week, for one address, in one tenant, while whoever sent it may send it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connections
from django.utils import timezone

from tenants import context, exceptions, ids, mail
from tenants.directory import Entry
from tenants.models import AuditEntry, Invitation, InvitationDigest, Membership, Role, Tenant, User
from tenants.people import exceptions as errors
from tenants.people import invitations, memberships
from tests import databases, factories
from tests.tenants.people.test_memberships import member, seats

TwoTenants = tuple[Entry, Entry]
PASSWORD = databases.PASSWORD
ADA = "ada@example.com"


class Mails:
    """What was given to the mails' door."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def send(self, purpose: str, to: str, values: dict[str, Any], *, tenant: Any = None) -> None:
        self.sent.append((purpose, to, values))

    def token(self, which: int = -1) -> str:
        link: str = self.sent[which][2]["link"]
        return link.partition(invitations.PATH)[2]


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Mails:
    found = Mails()
    monkeypatch.setattr(mail, "send", found.send)
    return found


def invited(tenant: Entry, email: str = ADA, role: str = Role.EDITOR) -> Invitation:
    return invitations.invite(tenant, email, role, by=member(tenant, Role.OWNER))


def test_an_invited_person_chooses_a_password_and_is_a_member(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, globex = two_tenants
    with context.identity():
        invited(acme, " Ada@Example.com ")
        assert [(purpose, to) for purpose, to, _ in mails.sent] == [("invitation", ADA)]
        assert mails.sent[0][2]["link"].startswith("http://acme.localhost")
        offer = invitations.read(mails.token(), acme)
        assert (offer.email, offer.role, offer.known) == (ADA, "editor", False)
        membership = invitations.accept(mails.token(), acme, name="Ada", password=PASSWORD)
        ada = User.objects.get(email=ADA)
        assert (membership.user, membership.role, ada.name) == (ada, "editor", "Ada")
        assert ada.check_password(PASSWORD)
        address = EmailAddress.objects.get(user=ada)
        assert (address.email, address.verified, address.primary) == (ADA, True, True)
        assert memberships.by_user(ada.pk, globex) is None


def test_a_person_who_exists_proves_who_they_are_and_keeps_their_password(
    two_tenants: TwoTenants, mails: Mails
) -> None:
    acme, globex = two_tenants
    ada = factories.member(globex, Role.VIEWER, email=ADA, password=PASSWORD, name="Ada")
    with context.identity():
        invited(acme)
        assert invitations.read(mails.token(), acme).known
        for wrong in ("", "a wrong password"):
            with pytest.raises(errors.ProofNeeded):
                invitations.accept(mails.token(), acme, password=wrong)
        assert memberships.by_user(ada.pk, acme) is None
        invitations.accept(mails.token(), acme, name="Eve", password=PASSWORD)
        found = memberships.by_user(ada.pk, acme)
        assert found is not None
        assert (found.role, found.user.name) == ("editor", "Ada")
        assert ada.check_password(PASSWORD)


def test_who_is_signed_in_accepts_without_a_password(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, globex = two_tenants
    ada, eve = factories.member(globex, email=ADA), factories.member(globex, email="eve@example.com")
    with context.identity():
        invited(acme)
        with pytest.raises(errors.InvitedAnother):
            invitations.accept(mails.token(), acme, signed_in=eve, password=PASSWORD)
        assert memberships.by_user(eve.pk, acme) is None
        assert invitations.accept(mails.token(), acme, signed_in=ada).user == ada


def test_a_deactivated_person_cannot_accept(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, globex = two_tenants
    ada = factories.member(globex, email=ADA, password=PASSWORD)
    with context.identity():
        User.objects.filter(pk=ada.pk).update(deactivated_at=timezone.now())
        invited(acme)
        with pytest.raises(errors.ProofNeeded):
            invitations.accept(mails.token(), acme, password=PASSWORD)


def refused(token: str, tenant: Entry) -> bool:
    with pytest.raises(errors.InvalidInvitation):
        invitations.read(token, tenant)
    with pytest.raises(errors.InvalidInvitation):
        invitations.accept(token, tenant, name="Ada", password=PASSWORD)
    return True


def test_it_is_good_once(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, _ = two_tenants
    with context.identity():
        invited(acme)
        ada = invitations.accept(mails.token(), acme, password=PASSWORD)
        assert refused(mails.token(), acme)
        memberships.end(ada, by="test")
        assert refused(mails.token(), acme)
        assert not InvitationDigest.objects.filter(tenant_id=acme.id).exists()


def test_a_token_is_nothing_in_another_tenant_and_a_forged_one_nowhere(
    two_tenants: TwoTenants, mails: Mails
) -> None:
    acme, globex = two_tenants
    with context.identity():
        invited(acme)
        token = mails.token()
        assert refused(token, globex)
        for forged in ("", "x", token[:-2], token + "x", token.partition(":")[0]):
            assert refused(forged, acme)
        invited(globex, "bob@example.com")
        assert refused(mails.token(), acme)
        assert invitations.read(token, acme).email == ADA


def test_a_rotated_epoch_ends_it(fresh_db: str, two_tenants: TwoTenants, mails: Mails) -> None:
    acme, _ = two_tenants
    with context.identity():
        invited(acme)
    rotated = Entry(acme.id, acme.slug, acme.name, acme.state, "f" * 32)
    with context.identity():
        assert refused(mails.token(), rotated)


def test_it_expires_after_seven_days(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, _ = two_tenants
    now = timezone.now()
    with context.identity():
        with time_machine.travel(now, tick=False):
            invited(acme)
        with time_machine.travel(now + timedelta(days=7), tick=False):
            assert refused(mails.token(), acme)
        with time_machine.travel(now + timedelta(days=7, seconds=-1), tick=False):
            assert invitations.accept(mails.token(), acme, password=PASSWORD).role == "editor"


def test_a_revoked_one_is_void_and_the_address_may_be_invited_again(
    two_tenants: TwoTenants, mails: Mails
) -> None:
    acme, globex = two_tenants
    with context.identity():
        owner = member(acme, Role.OWNER)
        invitation = invited(acme)
        with pytest.raises(errors.UnknownInvitation):
            invitations.revoke(invitation.id, globex, by=member(globex, Role.OWNER))
        with pytest.raises(errors.AlreadyInvited):
            invited(acme)
        invitations.revoke(invitation.id, acme, by=owner)
        assert refused(mails.token(), acme)
        with pytest.raises(errors.UnknownInvitation):
            invitations.revoke(invitation.id, acme, by=owner)
        with pytest.raises(errors.UnknownInvitation):
            invitations.resend(invitation.id, acme, by=owner)
        invited(acme, role=Role.VIEWER)
        assert invitations.accept(mails.token(), acme, password=PASSWORD).role == "viewer"


def test_a_link_that_was_sent_again_replaces_the_one_before(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, globex = two_tenants
    now = timezone.now()
    with context.identity():
        with time_machine.travel(now, tick=False):
            invitation, owner = invited(acme), member(acme, Role.OWNER)
            with pytest.raises(errors.UnknownInvitation):
                invitations.resend(invitation.id, globex, by=member(globex, Role.OWNER))
        with time_machine.travel(now + timedelta(days=30), tick=False):
            invitations.resend(invitation.id, acme, by=owner)
        with time_machine.travel(now + timedelta(days=36), tick=False):
            assert len(mails.sent) == 2
            assert refused(mails.token(0), acme)
            assert invitations.accept(mails.token(1), acme, password=PASSWORD).role == "editor"


def test_an_expired_one_makes_room_for_a_new_one(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, _ = two_tenants
    with context.identity():
        former = invited(acme)
        Invitation.objects.filter(id=former.id).update(expires_at=timezone.now())
        invited(acme)
        assert Invitation.objects.get(id=former.id).revoked_at is not None
        assert [one.email for one in invitations.listing(acme)] == [ADA]


def test_nobody_invites_above_themselves(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, globex = two_tenants
    with context.identity():
        admin, editor = member(acme, Role.ADMIN), member(acme, Role.EDITOR)
        kings = invited(acme, "king@example.com", Role.OWNER)
        for verb in (
            lambda: invitations.invite(acme, ADA, Role.OWNER, by=admin),
            lambda: invitations.invite(acme, ADA, Role.ADMIN, by=editor),
            lambda: invitations.resend(kings.id, acme, by=admin),
            lambda: invitations.revoke(kings.id, acme, by=admin),
            lambda: invitations.invite(acme, ADA, Role.VIEWER, by=member(globex, Role.OWNER)),
        ):
            with pytest.raises(exceptions.Refused):
                verb()
        assert len(mails.sent) == 1


def test_who_is_removed_or_loses_the_role_leaves_no_door_open(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner, admin = member(acme, Role.OWNER), member(acme, Role.ADMIN)
        invitation = invitations.invite(acme, ADA, Role.ADMIN, by=admin)
        memberships.change_role(admin.membership_id, acme, Role.EDITOR, by=owner)
        assert refused(mails.token(), acme)
        memberships.change_role(admin.membership_id, acme, Role.ADMIN, by=owner)
        assert invitations.read(mails.token(), acme).email == ADA
        memberships.remove(admin.membership_id, acme, by=owner)
        assert refused(mails.token(), acme)
        memberships.add(admin.user, acme, Role.ADMIN, by="test")  # who comes back is another member
        assert refused(mails.token(), acme)
        invitations.resend(invitation.id, acme, by=owner)
        assert invitations.accept(mails.token(), acme, password=PASSWORD).role == "admin"


@pytest.mark.parametrize("field", ["suspended_at", "archived_at", "destroyed_at"])
def test_a_tenant_that_is_not_active_takes_nobody(
    fresh_db: str, two_tenants: TwoTenants, mails: Mails, field: str
) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner = member(acme, Role.OWNER)
        invitation = invited(acme)
    with context.owner():
        Tenant.objects.filter(id=acme.id).update(**{field: timezone.now()})
    with context.identity():
        assert refused(mails.token(), acme)
        for verb in (
            lambda: invitations.invite(acme, "bob@example.com", Role.VIEWER, by=owner),
            lambda: invitations.resend(invitation.id, acme, by=owner),
        ):
            with pytest.raises(exceptions.NotAMember):
                verb()
    assert len(mails.sent) == 1


def test_a_member_is_not_invited_and_one_who_joined_meanwhile_keeps_their_role(
    two_tenants: TwoTenants, mails: Mails
) -> None:
    acme, _ = two_tenants
    with context.identity():
        invited(acme, role=Role.ADMIN)
        ada = factories.UserFactory(email=ADA)
        memberships.add(ada, acme, Role.VIEWER, by="test")
        with pytest.raises(errors.AlreadyMember):
            invitations.accept(mails.token(), acme, signed_in=ada)
        found = memberships.by_user(ada.pk, acme)
        assert found is not None
        assert found.role == "viewer"
        with pytest.raises(errors.AlreadyMember):
            invited(acme, "ADA@example.com")


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a@b@c.example", "ada@example.com\nBcc: x@example.com"])
def test_what_is_no_address_is_not_invited(two_tenants: TwoTenants, mails: Mails, email: str) -> None:
    with context.identity(), pytest.raises(errors.InvalidAddress):
        invited(two_tenants[0], email)
    assert mails.sent == []


def test_a_role_that_is_none_is_refused(two_tenants: TwoTenants) -> None:
    with context.identity(), pytest.raises(errors.InvalidRole):
        invited(two_tenants[0], role="emperor")


def test_a_password_that_is_too_short_makes_nobody(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, _ = two_tenants
    with context.identity():
        invited(acme)
        for password in ("", "short"):
            with pytest.raises(errors.InvalidPassword):
                invitations.accept(mails.token(), acme, password=password)
        assert not User.objects.filter(email=ADA).exists()
        assert invitations.read(mails.token(), acme).email == ADA


def test_a_tenant_mails_no_more_strangers_than_so_many(
    two_tenants: TwoTenants, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, globex = two_tenants
    monkeypatch.setattr(invitations, "OPEN_MAX", 2)
    with context.identity():
        first = invited(acme, "one@example.com")
        invited(acme, "two@example.com")
        with pytest.raises(errors.TooManyInvitations):
            invited(acme)
        invited(globex)
        invitations.revoke(first.id, acme, by=member(acme, Role.OWNER))
        invited(acme)


def test_a_full_tenant_takes_nobody_and_the_invitation_stays_good(
    two_tenants: TwoTenants, mails: Mails
) -> None:
    acme, _ = two_tenants
    with context.identity():
        invited(acme)
        with seats(memberships.live(acme).count()), pytest.raises(errors.SeatsTaken):
            invitations.accept(mails.token(), acme, password=PASSWORD)
        assert not User.objects.filter(email=ADA).exists()
        assert invitations.accept(mails.token(), acme, password=PASSWORD).role == "editor"


def test_of_two_who_use_one_token_at_once_one_joins(
    fresh_db: str, two_tenants: TwoTenants, mails: Mails
) -> None:
    acme, globex = two_tenants
    ada = factories.member(globex, email=ADA)
    with context.identity():
        invited(acme)
    token, together = mails.token(), threading.Barrier(2)

    def accept(_: int) -> str:
        try:
            with context.identity():
                assert invitations.read(token, acme).email == ADA
                together.wait(30)
                invitations.accept(token, acme, signed_in=ada)
        except errors.InvalidInvitation:
            return "refused"
        finally:
            connections.close_all()
        return "joined"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(accept, range(2))) == ["joined", "refused"]
    with context.identity():
        assert Membership.objects.filter(tenant_id=acme.id, user=ada).count() == 1


def test_all_of_it_is_recorded_and_no_record_holds_a_token(two_tenants: TwoTenants, mails: Mails) -> None:
    acme, _ = two_tenants
    with context.identity():
        owner = member(acme, Role.OWNER)
        invitation = invitations.invite(acme, ADA, Role.EDITOR, by=owner)
        invitations.resend(invitation.id, acme, by=owner)
        invitations.revoke(invitation.id, acme, by=owner)
        invitations.invite(acme, ADA, Role.VIEWER, by=owner)
        ada = invitations.accept(mails.token(), acme, password=PASSWORD).user
    with context.use(acme):
        entries = list(AuditEntry.objects.filter(subject=ADA).order_by("id"))
        assert [(one.action, one.actor) for one in entries] == [
            ("invitation.sent", owner.user.email),
            ("invitation.resent", owner.user.email),
            ("invitation.revoked", owner.user.email),
            ("invitation.sent", owner.user.email),
            ("membership.added", ADA),
            ("invitation.accepted", ADA),
        ]
        assert entries[0].after is not None
        assert entries[0].after["role"] == "editor"
        assert entries[2].before is not None
        assert entries[4].actor_id == ada.pk
        assert not any(mails.token(n) in str(vars(one)) for one in entries for n in range(len(mails.sent)))


def test_a_tenant_s_role_reads_no_digest_and_writes_no_invitation(
    two_tenants: TwoTenants, mails: Mails
) -> None:
    acme, _ = two_tenants
    with context.identity():
        invited(acme)
        inviter = memberships.live(acme).latest("id")
    for verb in (
        lambda: list(InvitationDigest.objects.all()),
        lambda: Invitation.objects.update(role=Role.OWNER),
        lambda: Invitation.objects.create(
            id=ids.new(),
            tenant_id=acme.id,
            email="x@example.com",
            role=Role.OWNER,
            invited_by_id=inviter.id,
            expires_at=timezone.now(),
        ),
    ):
        with pytest.raises(Exception, match="permission denied"), context.use(acme):
            verb()
    with context.use(two_tenants[1]):
        assert not Invitation.objects.exists()
