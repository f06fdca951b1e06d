"""Orders: what the database itself refuses, whoever writes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, router, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from saas.commerce import constraints, states
from saas.commerce.models import Order, OrderChange, OrderCounter, OrderItem, PaymentStatus, Status
from tests.saas.commerce.factories import ADDRESS, OrderFactory, VariantFactory

EVERY = [(before, after) for before in Status.values for after in Status.values]
EVERY_PAYMENT = [(before, after) for before in PaymentStatus.values for after in PaymentStatus.values]

# Written down once more, by hand: what follows what.
LEGAL = {
    ("pending", "confirmed"),
    ("pending", "cancelled"),
    ("confirmed", "processing"),
    ("confirmed", "cancelled"),
    ("processing", "shipped"),
    ("processing", "cancelled"),
    ("shipped", "delivered"),
    ("shipped", "returned"),
    ("delivered", "returned"),
}
LEGAL_PAYMENT = {
    ("unpaid", "authorized"),
    ("unpaid", "paid"),
    ("unpaid", "failed"),
    ("failed", "authorized"),
    ("failed", "paid"),
    ("authorized", "paid"),
    ("authorized", "failed"),
    ("authorized", "unpaid"),
    ("paid", "partially_refunded"),
    ("paid", "refunded"),
    ("partially_refunded", "refunded"),
}
WAY = {
    "pending": [],
    "confirmed": ["confirmed"],
    "processing": ["confirmed", "processing"],
    "shipped": ["confirmed", "processing", "shipped"],
    "delivered": ["confirmed", "processing", "shipped", "delivered"],
    "returned": ["confirmed", "processing", "shipped", "returned"],
    "cancelled": ["cancelled"],
}
WAY_OF_MONEY = {
    "unpaid": [],
    "authorized": ["authorized"],
    "failed": ["failed"],
    "paid": ["paid"],
    "partially_refunded": ["paid", "partially_refunded"],
    "refunded": ["paid", "refunded"],
}


def refused(write: Callable[[], object]) -> str:
    """Return the name of the constraint that refuses write; the transaction goes on."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(using=router.db_for_write(Order)):
        write()
    return constraints.name_of(caught.value)


def in_state(way: list[str], field: str) -> Any:
    """Return the row of an order that went this way, as a queryset to update by."""
    rows = Order.objects.filter(pk=OrderFactory().pk)
    for state in way:
        rows.update(**{field: state})
    return rows


def lines(order: Order, *amounts: int) -> list[OrderItem]:
    variant = VariantFactory()
    return [
        OrderItem(
            order=order,
            position=position,
            product=variant.product,
            variant=variant,
            name="Tent",
            variant_name="Red",
            sku="T-1",
            unit_price=amount,
            quantity=1,
            subtotal=amount,
            total=amount,
        )
        for position, amount in enumerate(amounts, start=1)
    ]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"number": 0}, "commerce_order_number_positive"),
        ({"currency": "eur"}, "commerce_order_currency_iso"),
        ({"total": 999}, "commerce_order_adds_up"),
        ({"total": 1001}, "commerce_order_adds_up"),
        ({"tax": 190}, "commerce_order_adds_up"),  # added, so that the total is 1,190
        ({"shipping": -1, "total": -1}, "commerce_order_amounts_not_negative"),
        ({"discount": 1, "total": 999}, "commerce_order_amounts_not_negative"),
        ({"tax": -1, "total": 999}, "commerce_order_amounts_not_negative"),
        ({"shipping_address": {"name": "Ada"}}, "commerce_order_addresses_complete"),
        ({"billing_address": {**ADDRESS, "country": "gb"}}, "commerce_order_addresses_complete"),
        ({"status": "confirmed"}, "commerce_order_begins_pending"),
        ({"status": "lost"}, "commerce_order_begins_pending"),
        ({"payment_status": "paid"}, "commerce_order_begins_pending"),
    ],
)
def test_it_refuses_an_order_that_makes_no_sense(
    acme: object, values: dict[str, Any], constraint: str
) -> None:
    OrderFactory()
    assert refused(lambda: OrderFactory(**values)) == constraint


def test_a_tax_is_added_or_included(acme: object) -> None:
    assert OrderFactory(tax=190, total=1190).pk
    assert OrderFactory(tax=160, tax_included=True).pk


def test_no_two_orders_have_one_number(acme: object) -> None:
    OrderFactory(number=7)
    assert refused(lambda: OrderFactory(number=7)) == "commerce_order_number_unique"


def test_there_is_one_counter(acme: object) -> None:
    OrderCounter.objects.create(last=1)
    assert refused(lambda: OrderCounter.objects.create(last=1)) == "commerce_ordercounter_one_row"
    assert refused(lambda: OrderCounter.objects.create(last=1, position=2)) == (
        "commerce_ordercounter_first_row"
    )


@pytest.mark.parametrize(("before", "after"), EVERY)
def test_only_what_follows_a_status_passes(acme: object, before: str, after: str) -> None:
    rows = in_state(WAY[before], "status")
    if (before, after) in LEGAL or before == after:
        assert rows.update(status=after) == 1
        assert rows.get().status == after
    else:
        assert refused(lambda: rows.update(status=after)) == "commerce_order_status_follows"
        assert rows.get().status == before


@pytest.mark.parametrize(("before", "after"), EVERY_PAYMENT)
def test_only_what_follows_a_payment_status_passes(acme: object, before: str, after: str) -> None:
    rows = in_state(WAY_OF_MONEY[before], "payment_status")
    if (before, after) in LEGAL_PAYMENT or before == after:
        assert rows.update(payment_status=after) == 1
    else:
        refusal = refused(lambda: rows.update(payment_status=after))
        assert refusal == "commerce_order_payment_status_follows"


def test_the_verbs_and_the_trigger_know_the_same_steps() -> None:
    assert {(before, after) for before, follow in states.NEXT.items() for after in follow} == LEGAL
    assert {(one, other) for one, follow in states.NEXT_PAYMENT.items() for other in follow} == LEGAL_PAYMENT
    assert set(states.NEXT) == set(Status.values)
    assert set(states.NEXT_PAYMENT) == set(PaymentStatus.values)


def test_a_status_that_there_is_not_is_refused(acme: object) -> None:
    rows = in_state([], "status")
    assert refused(lambda: rows.update(status="lost")) == "commerce_order_status_follows"


@pytest.mark.parametrize(
    "values",
    [
        {"number": 5},
        {"total": 2000, "shipping": 2000},
        {"currency": "USD"},
        {"shipping_address": {**ADDRESS, "city": "Paris"}},
        {"email": "else@example.com"},
        {"placed_at": timezone.now()},
        {"tax_included": True},
    ],
)
def test_what_was_agreed_does_not_change(acme: object, values: dict[str, Any]) -> None:
    rows = in_state([], "status")
    assert refused(lambda: rows.update(**values)) == "commerce_order_unchangeable"


def test_the_tracking_number_may_change(acme: object) -> None:
    assert in_state([], "status").update(tracking_number="T1") == 1


def test_an_order_its_lines_and_its_history_stay(acme: object) -> None:
    order = OrderFactory(subtotal=300, total=1300)
    OrderItem.objects.bulk_create(lines(order, 100, 200))
    for rows, constraint in (
        (OrderItem.objects.filter(order=order), "commerce_orderitem_kept"),
        (OrderChange.objects.filter(order=order), "commerce_orderchange_kept"),
        (Order.objects.filter(pk=order.pk), "commerce_order_kept"),
    ):
        assert refused(partial(rows._raw_delete, using=router.db_for_write(Order))) == constraint
    assert refused(lambda: OrderItem.objects.update(name="Other")) == "commerce_orderitem_kept"
    assert refused(lambda: OrderItem.objects.update(unit_price=0)) == "commerce_orderitem_kept"
    assert refused(lambda: OrderChange.objects.update(by="somebody else")) == "commerce_orderchange_kept"


def test_nobody_invents_history(acme: object) -> None:
    order = OrderFactory()
    line = {"field": "status", "before": "pending", "after": "delivered", "by": "", "at": timezone.now()}
    invent = lambda: OrderChange.objects.create(order=order, number=2, **line)  # noqa: E731
    assert refused(invent) == "commerce_orderchange_kept"


def test_the_lines_add_up_to_their_order_and_no_line_comes_later(acme: object) -> None:
    order = OrderFactory(subtotal=300, total=1300)
    create = OrderItem.objects.bulk_create
    assert refused(lambda: create(lines(order, 100, 199))) == "commerce_orderitem_sums_to_order"
    create(lines(order, 100, 200))
    later = lines(order, 0, 0, 5)[2:]
    assert refused(lambda: create(later)) == "commerce_orderitem_sums_to_order"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"quantity": 0, "subtotal": 0, "total": 0}, "commerce_orderitem_quantity_positive"),
        ({"quantity": 2}, "commerce_orderitem_adds_up"),
        ({"total": 299}, "commerce_orderitem_adds_up"),
        ({"discount": 301, "total": -1}, "commerce_orderitem_amounts_not_negative"),
        ({"tax": -1}, "commerce_orderitem_amounts_not_negative"),
    ],
)
def test_it_refuses_a_line_that_makes_no_sense(acme: object, values: dict[str, Any], constraint: str) -> None:
    order = OrderFactory(subtotal=300, total=1300)
    (line,) = lines(order, 300)
    for field, value in values.items():
        setattr(line, field, value)
    assert refused(line.save) == constraint


def test_each_change_of_state_is_in_the_history_also_one_past_the_verbs(acme: object) -> None:
    order = OrderFactory(changed_by="till")
    rows = Order.objects.filter(pk=order.pk)
    rows.update(status="confirmed")
    rows.update(status="processing", payment_status="paid", changed_by="ann", changed_at=timezone.now())
    rows.update(tracking_number="T1", changed_by="eve")
    rows.update(payment_status="refunded")
    told = order.history.order_by("number").values_list("number", "field", "before", "after", "by")
    assert list(told) == [
        (1, "status", "", "pending", "till"),
        (2, "status", "pending", "confirmed", ""),
        (3, "status", "confirmed", "processing", "ann"),
        (4, "payment_status", "unpaid", "paid", "ann"),
        (5, "payment_status", "paid", "refunded", ""),
    ]


class Life(RuleBasedStateMachine):
    """Orders pushed about by whoever writes to the table; the model is the two sets above."""

    def __init__(self) -> None:
        super().__init__()
        self.order = OrderFactory()
        self.rows = Order.objects.filter(pk=self.order.pk)
        self.status, self.payment, self.told = "pending", "unpaid", 1

    @rule(after=st.sampled_from(Status.values))
    def move(self, after: str) -> None:
        self.status = self.push("status", LEGAL, self.status, after)

    @rule(after=st.sampled_from(PaymentStatus.values))
    def pay(self, after: str) -> None:
        self.payment = self.push("payment_status", LEGAL_PAYMENT, self.payment, after)

    @rule(total=st.integers(0, 5000))
    def reprice(self, total: int) -> None:
        if total != 1000:
            assert refused(lambda: self.rows.update(total=total, shipping=total)) == (
                "commerce_order_unchangeable"
            )

    @rule()
    def remove(self) -> None:
        assert (
            refused(lambda: self.rows._raw_delete(using=router.db_for_write(Order))) == "commerce_order_kept"
        )

    def push(self, field: str, legal: set[tuple[str, str]], before: str, after: str) -> str:
        if (before, after) in legal:
            assert self.rows.update(**{field: after}) == 1
            self.told += 1
            return after
        if before != after:
            assert refused(lambda: self.rows.update(**{field: after})) == f"commerce_order_{field}_follows"
        return before

    @invariant()
    def the_row_is_as_far_as_the_model(self) -> None:
        order = self.rows.get()
        assert (order.status, order.payment_status) == (self.status, self.payment)
        history = list(order.history.order_by("number"))
        assert (
            [change.number for change in history]
            == list(range(1, self.told + 1))
            == [*range(1, order.changes + 1)]
        )
        for field, now in (("status", self.status), ("payment_status", self.payment)):
            ends = [change.after for change in history if change.field == field]
            starts = [change.before for change in history if change.field == field]
            assert (ends[-1] if ends else "unpaid") == now
            assert starts[1:] == ends[:-1]


def test_no_sequence_of_writes_takes_an_order_where_it_cannot_be(acme: object) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=40, stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )
