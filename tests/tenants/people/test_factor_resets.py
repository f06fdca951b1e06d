"""An operator takes lost second factors away: who may, of whom, what ends, and who learns of it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import ProgrammingError

from tenants import context, outbox
from tenants.directory import Entry
from tenants.models import AuditEntry, Operator, OperatorEntry, OperatorRole, OutgoingMail, Role, User
from tenants.people import exceptions as errors
from tenants.people import factor_resets
from tenants.testing import TenantClient
from tests import databases, factories
from tests.tenants.people.test_operators import operator

TwoTenants = tuple[Entry, Entry]
REASON = "Ticket 4711: the phone was stolen"
JSON = "application/json"
pytestmark = pytest.mark.usefixtures("fresh_db")


def reset(by: User, person: User, reason: str = REASON) -> list[str]:
    with context.operator():
        granted = factor_resets.grant(
            User.objects.get(pk=by.pk), User.objects.get(pk=person.pk), reason=reason
        )
    with context.identity():
        return factor_resets.perform(granted)


def kinds(person: User) -> set[str]:
    with context.identity():
        return set(Authenticator.objects.filter(user=person).values_list("type", flat=True))


def sign_in(tenant: Entry, person: User) -> Any:
    body = {"email": person.email, "password": databases.PASSWORD}
    return TenantClient(tenant).post("/api/v1/session", body, content_type=JSON)


@pytest.fixture
def person(two_tenants: TwoTenants) -> User:
    made = factories.member(two_tenants[0], Role.EDITOR, password=databases.PASSWORD)
    factories.app(made)
    with context.identity():
        Authenticator.objects.create(user=made, type=Authenticator.Type.WEBAUTHN, data={})
    return made


def test_a_password_lets_the_person_in_again_and_every_session_has_ended(
    two_tenants: TwoTenants, person: User
) -> None:
    acme, _ = two_tenants
    other = factories.member(acme)
    factories.app(other)
    before, stays = TenantClient(acme).sign_in(person), TenantClient(acme).sign_in(other)
    assert sign_in(acme, person).json()["code"] == "mfa_required"
    assert reset(operator(OperatorRole.SUPPORT), person) == ["recovery_codes", "totp", "webauthn"]
    assert kinds(person) == set()
    assert [client.get("/api/v1/me").status_code for client in (before, stays)] == [401, 200]
    assert sign_in(acme, person).status_code == 200
    assert kinds(other) == {"recovery_codes", "totp"}


def test_both_names_stand_in_the_record_of_the_person_s_tenants_and_a_mail_tells_them(
    two_tenants: TwoTenants, person: User
) -> None:
    acme, globex = two_tenants
    by = operator(OperatorRole.SUPPORT)
    reset(by, person)
    with context.use(acme):
        entry = AuditEntry.objects.get(action="factors.reset")
        assert (entry.actor_id, entry.actor, entry.subject) == (by.pk, by.email, person.email)
        assert entry.after == {"reason": REASON, "removed": ["recovery_codes", "totp", "webauthn"]}
    with context.use(globex):
        assert not AuditEntry.objects.filter(action="factors.reset").exists()
    with context.operator():
        done = OperatorEntry.objects.get(action="factors.reset_granted")
        assert (done.operator, done.tenant_ids) == (by.email, [acme.id])
        assert done.subject == f"{person.email}: {REASON}"
    with context.identity():
        (letter,) = outbox.opened()
    assert (letter.purpose, letter.to) == ("mfa_changed", person.email)
    assert "operator removed your second factors" in letter.values["change"]


@pytest.mark.parametrize(
    "role", [None, OperatorRole.BILLING, OperatorRole.ENGINEER], ids=lambda role: role or "none"
)
def test_other_roles_and_members_may_not(two_tenants: TwoTenants, person: User, role: str | None) -> None:
    by = operator(role) if role else factories.member(two_tenants[1], Role.OWNER)
    with pytest.raises(errors.OperatorRefused):
        reset(by, person)
    assert len(kinds(person)) == 3


def test_the_factors_of_operators_are_the_admins_business(person: User) -> None:
    support, admin = operator(OperatorRole.SUPPORT), operator(OperatorRole.ADMIN)
    factories.app(support)
    with context.owner():
        Operator.objects.create(user=person, role=OperatorRole.BILLING)
    for whom in (person, support):
        with pytest.raises(errors.OperatorRefused, match="operators"):
            reset(support, whom)
    assert reset(admin, person) == ["recovery_codes", "totp", "webauthn"]
    assert kinds(support) == {"recovery_codes", "totp"}


@pytest.mark.parametrize("reason", ["", "too short", " " * 20, "x" * 501])
def test_without_a_reason_nothing_happens(person: User, reason: str) -> None:
    by = operator(OperatorRole.ADMIN)
    with pytest.raises(errors.FactorResetRefused, match="reason"):
        reset(by, person, reason)
    assert len(kinds(person)) == 3


def test_who_has_no_factor_is_not_signed_out_and_gets_no_mail(two_tenants: TwoTenants) -> None:
    person = factories.member(two_tenants[0])
    client = TenantClient(two_tenants[0]).sign_in(person)
    with pytest.raises(errors.FactorResetRefused, match="no second factor"):
        reset(operator(OperatorRole.ADMIN), person)
    assert client.get("/api/v1/me").status_code == 200
    with context.identity():
        assert not OutgoingMail.objects.exists()


def test_the_console_and_a_tenant_cannot_do_it_by_themselves(two_tenants: TwoTenants, person: User) -> None:
    with context.operator():
        assert Authenticator.objects.filter(user=person).delete()[0] == 0, "it sees none of a member"
    with pytest.raises(ProgrammingError, match="permission denied"), context.use(two_tenants[0]):
        Authenticator.objects.filter(user=person).delete()
    assert len(kinds(person)) == 3
