"""What an operator may do by role, and how somebody stops being one."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction

from tenants import context, ids
from tenants.directory import Entry
from tenants.models import Operator, OperatorEntry, OperatorRole, User
from tenants.people import exceptions as errors
from tenants.people import operators

pytestmark = pytest.mark.usefixtures("fresh_db")

# Hand-written: role, what it may do, and what it may not.
PERMISSIONS = {
    "tenants.view_auditentry": "support billing engineer admin",
    "tenants.change_tenant": "admin",
    "tenants.change_operator": "admin",
    "tenants.add_backup": "engineer admin",
    "tenants.delete_domain": "engineer admin",
    "billing.change_plan": "billing admin",
    "billing.add_subscription": "billing admin",
    "billing.change_flag": "billing engineer admin",
    "billing.delete_flagoverride": "billing engineer admin",
    "unknown.change_thing": "admin",
}


def operator(role: str, **values: Any) -> User:
    with context.owner():
        user = User.objects.create_user(f"{ids.new().hex}@leasehold.example")
        Operator.objects.create(user=user, role=role, **values)
    return user


@pytest.mark.parametrize("role", OperatorRole.values)
def test_a_role_may_do_what_the_table_says_and_no_more(role: str) -> None:
    user = operator(role)
    with context.operator():
        allowed = {perm for perm in PERMISSIONS if user.has_perm(perm)}
    assert allowed == {perm for perm, roles in PERMISSIONS.items() if role in roles.split()}


def test_nobody_is_an_operator_on_a_tenant_s_host(two_tenants: tuple[Entry, Entry]) -> None:
    user = operator(OperatorRole.ADMIN)
    with context.operator():
        assert user.has_perm("tenants.change_tenant")
    with context.use(two_tenants[0]):
        assert not user.has_perm("tenants.change_tenant")


def test_a_member_may_do_nothing_in_the_console() -> None:
    with context.operator():
        member = User.objects.get(email="owner@acme.example")
        assert not any(member.has_perm(perm) for perm in PERMISSIONS)
        with pytest.raises(errors.OperatorRefused):
            operators.require(member, "read")


def test_what_nobody_declared_is_an_error_and_no_refusal() -> None:
    with pytest.raises(ValueError, match="typo"):
        operators.may(OperatorRole.ADMIN, "typo")
    with pytest.raises(ValueError, match="typo"):
        operators.declare("typo", "some.model")


def test_an_admin_ends_an_operator_and_it_is_recorded() -> None:
    admin, support = operator(OperatorRole.ADMIN), operator(OperatorRole.SUPPORT)
    with context.operator():
        operators.end(support, by=admin)
        assert not User.objects.get(pk=support.pk).is_staff
        [entry] = OperatorEntry.objects.filter(action="operator.ended")
    assert (entry.operator_id, entry.subject) == (admin.pk, support.email)


def step_down(user: User) -> None:
    operators.set_role(user, OperatorRole.SUPPORT, by=user)


def leave(user: User) -> None:
    operators.end(user, by=user)


@pytest.mark.parametrize("verb", [step_down, leave])
def test_the_last_admin_stays_and_another_one_may_go(verb: Any) -> None:
    admin = operator(OperatorRole.ADMIN)
    operator(OperatorRole.ENGINEER)
    with pytest.raises(errors.LastAdmin), context.operator():
        verb(admin)
    operator(OperatorRole.ADMIN)
    with context.operator():
        verb(admin)
        assert not Operator.objects.filter(user=admin, role=OperatorRole.ADMIN, ended_at=None).exists()


def test_an_admin_who_was_deactivated_is_no_admin_that_stays() -> None:
    admin, gone = operator(OperatorRole.ADMIN), operator(OperatorRole.ADMIN)
    with context.owner():
        User.objects.filter(pk=gone.pk).update(deactivated_at="2026-01-01T00:00:00Z")
    with pytest.raises(errors.LastAdmin), context.operator():
        operators.end(admin, by=admin)


def test_who_is_no_operator_cannot_be_ended() -> None:
    with context.operator(), pytest.raises(errors.NoOperator):
        operators.end(User.objects.get(email="owner@acme.example"), by="test")


def test_the_database_knows_the_roles() -> None:
    with (
        pytest.raises(IntegrityError, match="tenants_operator_role"),
        context.owner(),
        transaction.atomic("owner"),
    ):
        user = User.objects.create_user(f"{ids.new().hex}@leasehold.example")
        Operator.objects.create(user=user, role="root")


@pytest.mark.parametrize(
    "statement", ["UPDATE tenants_operatorentry SET subject = ''", "DELETE FROM tenants_operatorentry"]
)
def test_what_operators_did_cannot_be_changed(statement: str) -> None:
    with context.operator():
        operators.record("test", "read")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        context.operator(),
        connections["console"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_tenant_reads_nothing_of_what_operators_did(two_tenants: tuple[Entry, Entry]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), context.use(two_tenants[0]):
        list(OperatorEntry.objects.all())
