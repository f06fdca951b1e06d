"""Own-row policies as the database keeps them: whatever the code asks for, a visitor finds their own row alone."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connections, transaction

from saas.visitors.models import Visitor
from tenants import context, exceptions
from tenants.context import Who
from tenants.directory import Entry

TwoTenants = tuple[Entry, Entry]
REFUSED = "row-level security"


@pytest.fixture
def ann(two_tenants: TwoTenants) -> Visitor:
    with context.use(two_tenants[0]):
        return Visitor.objects.create(email="ann@example.com")


@pytest.fixture
def bob(two_tenants: TwoTenants) -> Visitor:
    with context.use(two_tenants[0]):
        return Visitor.objects.create(email="bob@example.com")


def seen(tenant: Entry, actor: context.Actor) -> set[UUID]:
    with context.use(tenant, actor=actor):
        return set(Visitor.objects.values_list("id", flat=True))


def run(statement: str, *params: UUID) -> list[tuple[Any, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def test_a_visitor_sees_themselves_and_nobody_sees_none(
    two_tenants: TwoTenants, ann: Visitor, bob: Visitor
) -> None:
    acme, globex = two_tenants
    assert seen(acme, ann.pk) == {ann.pk}
    assert seen(acme, bob.pk) == {bob.pk}
    assert seen(acme, uuid4()) == set()
    assert seen(acme, Who.NOBODY) == set()
    assert seen(acme, Who.STAFF) == seen(acme, Who.SYSTEM) == {ann.pk, bob.pk}
    assert seen(globex, ann.pk) == seen(globex, Who.STAFF) == set()


def test_who_is_not_named_is_the_system(two_tenants: TwoTenants, ann: Visitor, bob: Visitor) -> None:
    with context.use(two_tenants[0]):
        assert Visitor.objects.count() == 2


def test_a_visitor_s_id_is_nothing_in_another_tenant_that_has_rows(
    two_tenants: TwoTenants, ann: Visitor
) -> None:
    with context.use(two_tenants[1]):
        other = Visitor.objects.create()
    assert seen(two_tenants[1], ann.pk) == set()
    assert seen(two_tenants[0], other.pk) == set()


def test_the_row_of_another_is_neither_changed_nor_deleted(
    two_tenants: TwoTenants, ann: Visitor, bob: Visitor
) -> None:
    with context.use(two_tenants[0], actor=ann.pk):
        assert Visitor.objects.update(epoch=uuid4()) == 1
        assert Visitor.objects.filter(pk=bob.pk).update(epoch=uuid4()) == 0
        assert run("DELETE FROM visitors_visitor WHERE id = %s RETURNING id", bob.pk) == []
    with context.use(two_tenants[0]):
        assert Visitor.objects.get(pk=bob.pk).epoch == bob.epoch
        assert Visitor.objects.get(pk=ann.pk).epoch != ann.epoch


@pytest.mark.parametrize("actor", ["ann", Who.NOBODY])
def test_a_row_of_somebody_else_is_not_made(two_tenants: TwoTenants, ann: Visitor, actor: Any) -> None:
    with context.use(two_tenants[0], actor=ann.pk if actor == "ann" else actor):
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            Visitor.objects.create()
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            Visitor.objects.bulk_create([Visitor()])


def test_a_row_is_not_moved_to_somebody_else(two_tenants: TwoTenants, ann: Visitor) -> None:
    with context.use(two_tenants[0], actor=ann.pk):
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            Visitor.objects.filter(pk=ann.pk).update(id=uuid4())
        assert Visitor.objects.get().pk == ann.pk


@pytest.mark.parametrize(
    "statement",
    [
        "SET LOCAL leasehold.actor = 'staff'",
        "SET leasehold.actor = 'system'",
        "RESET leasehold.actor",
        "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL leasehold.actor = 'staff'",
        "/* SELECT */ SET LOCAL leasehold.actor = 'staff'",
    ],
)
def test_a_statement_that_sets_the_actor_is_refused(
    two_tenants: TwoTenants, ann: Visitor, statement: str
) -> None:
    with context.use(two_tenants[0], actor=Who.NOBODY):
        with pytest.raises(exceptions.StatementRefused):
            run(statement)
        assert not Visitor.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('leasehold.actor', 'staff', true)",
        "WITH s AS MATERIALIZED (SELECT set_config('leasehold.actor', 'system', false))"
        " SELECT v.id FROM s, visitors_visitor v",
        "SELECT 1; SET LOCAL leasehold.actor = 'staff'",
        "UPDATE pg_settings SET setting = 'staff' WHERE name = 'application_name'",
    ],
)
def test_a_statement_that_sets_it_on_the_way_fails(
    two_tenants: TwoTenants, ann: Visitor, statement: str
) -> None:
    """The same statements name the function that the server closes, or are two where one is sent."""
    with (
        context.use(two_tenants[0], actor=Who.NOBODY),
        pytest.raises(ProgrammingError, match=r"permission denied|multiple commands"),
        transaction.atomic(),
    ):
        run(statement)
    assert seen(two_tenants[0], Who.NOBODY) == set()


def test_a_setting_that_is_unset_unknown_or_half_a_uuid_is_nobody(
    two_tenants: TwoTenants, ann: Visitor, bob: Visitor
) -> None:
    with context.use(two_tenants[0], actor=Who.NOBODY):
        assert not Visitor.objects.exists()
        for text in (
            "",
            "STAFF",
            "staff ",
            "system,staff",
            ann.pk.hex,
            f"{ann.pk}\n",
            f"{{{ann.pk}}}",
            "x" * 9_000,
        ):
            _below(f"SET LOCAL leasehold.actor = '{text}'")
            assert not Visitor.objects.exists(), text
        _below("RESET leasehold.actor")
        assert not Visitor.objects.exists()
        # The same way does set it, so that what was refused above was refused for its text.
        _below(f"SET LOCAL leasehold.actor = '{ann.pk}'")
        assert Visitor.objects.get().pk == ann.pk


def test_the_functions_are_asked_once_for_a_statement(two_tenants: TwoTenants) -> None:
    """As parts of the plan that run before it: a call for each row would cost more than the row."""
    with context.use(two_tenants[0]):
        assert not Visitor.objects.exists()
        plan = _below("EXPLAIN SELECT id FROM visitors_visitor")
    assert len(re.findall(r"^ *InitPlan", plan, re.MULTILINE)) == 2, plan


def _below(statement: str) -> str:
    """Send statement below every guard, as no code of ours can."""
    result = connections["default"].connection.pgconn.exec_(statement.encode())
    assert not result.error_message, result.get_error_message()
    return "\n".join((result.get_value(row, 0) or b"").decode() for row in range(result.ntuples))
