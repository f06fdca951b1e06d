"""Payments: the provider is asked between two transactions, and nothing is paid or given back twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, connections, router, transaction
from django.utils import timezone

from saas.commerce import constraints, orders, refusals
from saas.commerce.models import Order, Payment, PaymentStep
from saas.commerce.payments import providers, steps
from saas.commerce.payments.fake import Account, FakeProvider
from saas.commerce.payments.interface import Outcome, Request, Unreachable
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import ADDRESS, OrderFactory, filled, for_sale
from tests.saas.commerce.parallel import all_at_once

TwoTenants = tuple[Entry, Entry]
Ask = Callable[[Order], Request]


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    provider = FakeProvider()
    monkeypatch.setattr(providers, "_registered", {"fake": provider})
    return provider


@pytest.fixture
def shop(module_db: str, two_tenants: TwoTenants) -> Iterator[Entry]:
    yield two_tenants[0]
    connections.close_all()


def authorizing(key: str, source: str = "card") -> Ask:
    return lambda order: steps.authorize(order, provider="fake", source=source, key=key)


def capturing(key: str) -> Ask:
    return lambda order: steps.capture(order, key=key)


def refunding(key: str, amount: int | None = None) -> Ask:
    return lambda order: steps.refund(order, key=key, amount=amount)


def releasing(key: str) -> Ask:
    return lambda order: steps.release(order, key=key)


def new_order(shop: Entry) -> Any:
    """Return the id of a committed order of 10.00."""
    with context.use(shop):
        return OrderFactory(number=Order.objects.count() + 1).pk


def run(shop: Entry, order_id: Any, *asked: Ask) -> str:
    """Go through each step as a web request would; return the order's payment status after it."""
    for one in asked:
        with context.use(shop):
            request = one(Order.objects.get(pk=order_id))
        outcome = steps.ask(request)
        with context.use(shop):
            steps.settle(request, outcome)
    return status(shop, order_id)


def status(shop: Entry, order_id: Any) -> str:
    with context.use(shop):
        return Order.objects.get(pk=order_id).payment_status


def account(shop: Entry, fake: FakeProvider, order_id: Any) -> Account:
    with context.use(shop):
        return fake.account(Payment.objects.get(order_id=order_id, over_at=None).reference)


def refused(write: Callable[[], object]) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(using=router.db_for_write(Payment)):
        write()
    return constraints.name_of(caught.value)


def test_money_is_held_taken_and_given_back_and_the_order_follows(shop: Entry, fake: FakeProvider) -> None:
    order = new_order(shop)
    assert run(shop, order, authorizing("m-a")) == "authorized"
    assert run(shop, order, capturing("m-c")) == "paid"
    assert run(shop, order, refunding("m-r1", 300)) == "partially_refunded"
    assert run(shop, order, refunding("m-r2", 300)) == "partially_refunded"
    assert run(shop, order, refunding("m-r3")) == "refunded"
    assert account(shop, fake, order) == Account(held=0, taken=1000, given_back=1000)
    with context.use(shop):
        history = orders.history(Order.objects.get(pk=order)).filter(field="payment_status")
        assert [change.by for change in history] == [f"payment m-{step}" for step in ("a", "c", "r1", "r3")]


def test_a_payment_that_failed_may_be_tried_again(shop: Entry) -> None:
    order = new_order(shop)
    assert run(shop, order, authorizing("f-1", "declined")) == "failed"
    assert run(shop, order, authorizing("f-2", "declined")) == "failed"
    assert run(shop, order, authorizing("f-3")) == "authorized"
    with context.use(shop):
        found = steps.of(Order.objects.get(pk=order)).values_list("key", "state", "reason")
        assert list(found) == [
            ("f-1", "failed", "declined"),
            ("f-2", "failed", "declined"),
            ("f-3", "succeeded", ""),
        ]


def test_what_is_held_can_be_let_go_and_held_anew(shop: Entry) -> None:
    order = new_order(shop)
    assert run(shop, order, authorizing("l-1"), releasing("l-2")) == "unpaid"
    assert run(shop, order, authorizing("l-3"), capturing("l-4")) == "paid"


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ([], capturing("x")),
        ([], refunding("x")),
        ([], releasing("x")),
        ([authorizing("a")], authorizing("x")),
        ([authorizing("a")], refunding("x")),
        ([authorizing("a"), capturing("c")], authorizing("x")),
        ([authorizing("a"), capturing("c")], capturing("x")),
        ([authorizing("a"), capturing("c")], releasing("x")),
        ([authorizing("a"), capturing("c")], refunding("x", 1001)),
        ([authorizing("a"), capturing("c"), refunding("r", 600)], refunding("x", 401)),
        ([authorizing("a"), capturing("c"), refunding("r")], refunding("x", 1)),
        ([authorizing("a"), releasing("r")], capturing("x")),
    ],
)
def test_what_cannot_be_asked_now_is_refused(
    fresh_db: str, two_tenants: TwoTenants, before: list[Ask], asked: Ask
) -> None:
    shop = two_tenants[0]
    order = new_order(shop)
    run(shop, order, *before)
    with context.use(shop):
        with pytest.raises(refusals.PaymentRefused):
            asked(Order.objects.get(pk=order))
        assert not PaymentStep.objects.filter(key="x").exists()


def test_a_cancelled_order_and_one_of_nothing_are_not_paid(shop: Entry) -> None:
    with context.use(shop):
        gone, free = OrderFactory(number=901), OrderFactory(number=902, shipping=0, total=0)
        Order.objects.filter(pk=gone.pk).update(status="cancelled")
        for order in (gone, free):
            with pytest.raises(refusals.PaymentRefused):
                authorizing("n")(order)


def test_the_same_key_is_the_same_request_and_another_meaning_is_refused(
    shop: Entry, fake: FakeProvider
) -> None:
    order, other = new_order(shop), new_order(shop)
    assert (
        run(shop, order, authorizing("s-a"), authorizing("s-a"), capturing("s-c"), capturing("s-c")) == "paid"
    )
    assert run(shop, order, refunding("s-r", 300), refunding("s-r", 300)) == "partially_refunded"
    assert account(shop, fake, order) == Account(taken=1000, given_back=300)
    with context.use(shop):
        for again, at in (
            (refunding("s-r", 301), order),
            (capturing("s-a"), order),
            (authorizing("s-a"), other),
        ):
            with pytest.raises(refusals.PaymentKeyConflict):
                again(Order.objects.get(pk=at))


@pytest.mark.parametrize("wrong", ["", " ", "x" * 256, "a\x00b", 7])
def test_a_key_is_a_text(shop: Entry, wrong: Any) -> None:
    order = new_order(shop)
    with context.use(shop), pytest.raises(refusals.InvalidPayment):
        authorizing(wrong)(Order.objects.get(pk=order))


def test_no_provider_is_asked_inside_a_transaction(shop: Entry, fake: FakeProvider) -> None:
    order = new_order(shop)
    with context.use(shop):
        request = authorizing("t")(Order.objects.get(pk=order))
        for verb in (steps.ask, steps.look_up):
            with pytest.raises(refusals.ProviderInTransaction):
                verb(request)
    assert fake.find("t") is None
    assert steps.ask(request).succeeded


def test_an_answer_that_comes_twice_is_written_once(shop: Entry) -> None:
    order = new_order(shop)
    with context.use(shop):
        request = authorizing("w")(Order.objects.get(pk=order))
    outcome = steps.ask(request)
    for answer in (outcome, outcome, Outcome(succeeded=False, reason="late")):
        with context.use(shop):
            assert steps.settle(request, answer).state == "succeeded"
    assert status(shop, order) == "authorized"


# What nobody knows the outcome of


def test_an_answer_that_was_lost_is_looked_up(shop: Entry, fake: FakeProvider) -> None:
    order = new_order(shop)
    with context.use(shop):
        request = authorizing("o-1", "lost")(Order.objects.get(pk=order))
    with pytest.raises(Unreachable):
        steps.ask(request)
    later = timezone.now() + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        with context.use(shop):
            (found,) = [one for one in steps.unsettled() if one.step_id == request.step_id]
        outcome = steps.look_up(found)
        assert outcome is not None
        with context.use(shop):
            steps.settle(found, outcome)
            assert request.step_id not in {one.step_id for one in steps.unsettled()}
    assert status(shop, order) == "authorized"
    assert account(shop, fake, order) == Account(held=1000)


def test_a_request_that_never_arrived_fails_when_it_no_longer_can(shop: Entry) -> None:
    order = new_order(shop)
    with context.use(shop):
        request = authorizing("o-2", "unreachable")(Order.objects.get(pk=order))
    with pytest.raises(Unreachable):
        steps.ask(request)
    assert steps.look_up(request) is None
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        outcome = steps.look_up(request)
        assert outcome == Outcome(succeeded=False, reason="never_arrived")
        with context.use(shop):
            steps.settle(request, outcome)
    assert run(shop, order, authorizing("o-3")) == "authorized"


KILLED = """
import os, signal, sys
import django
django.setup()
from uuid import UUID
from django.db import connections
from saas.commerce.models import Order
from saas.commerce.payments import providers, steps
from tenants import context
from tenants.directory import Entry

class Deadly:
    def ask(self, request):
        print("asked", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

for alias in ("default",):
    connections[alias].settings_dict["NAME"] = sys.argv[3]
providers.register("fake", Deadly())
shop = Entry(id=UUID(sys.argv[1]), slug="", name="", state="active", epoch="")
with context.use(shop):
    request = steps.authorize(
        Order.objects.get(pk=sys.argv[2]), provider="fake", source="card", key="killed")
steps.ask(request)
"""


def test_a_process_killed_while_it_asks_leaves_a_request_that_another_settles(
    shop: Entry, fake: FakeProvider
) -> None:
    order = new_order(shop)
    database = str(connections["default"].settings_dict["NAME"])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(shop.id), str(order), database],
        cwd=Path(settings.BASE_DIR),
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "saas.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout == "asked\n"
    with context.use(shop):
        (request,) = [one for one in steps.unsettled(older_than=timedelta()) if one.key == "killed"]
    outcome = steps.ask(request)  # under its key, as the one that was killed would have
    with context.use(shop):
        steps.settle(request, outcome)
    assert status(shop, order) == "authorized"
    assert account(shop, fake, order) == Account(held=1000)


# The database


def test_the_database_gives_no_more_back_than_was_taken(acme: object) -> None:
    payment = Payment.objects.create(order=OrderFactory(), provider="fake", amount=1000, currency="EUR")

    def step(kind: str, amount: int, key: str, state: str = "succeeded") -> PaymentStep:
        settled = None if state == "requested" else timezone.now()
        return PaymentStep.objects.create(
            payment=payment, kind=kind, amount=amount, key=key, state=state, settled_at=settled
        )

    assert refused(lambda: step("capture", 1, "1")) == "commerce_payment_captured_within_authorized"
    assert refused(lambda: step("authorize", 1001, "2")) == "commerce_payment_authorized_within_amount"
    step("authorize", 1000, "3")
    step("capture", 1000, "4")
    waiting = step("refund", 700, "5", "requested")
    assert (
        refused(lambda: step("refund", 301, "6", "requested")) == "commerce_payment_refunded_within_captured"
    )
    rows = PaymentStep.objects.filter(pk=waiting.pk)
    rows.update(state="failed", settled_at=timezone.now())
    step("refund", 1000, "7", "requested")
    payment.refresh_from_db()
    assert (payment.authorized, payment.captured, payment.refunded) == (1000, 1000, 1000)
    assert refused(lambda: rows.update(state="succeeded")) == "commerce_paymentstep_settled_once"
    assert refused(lambda: rows.update(amount=1)) == "commerce_paymentstep_settled_once"
    assert refused(lambda: rows._raw_delete(using=router.db_for_write(Payment))) == (
        "commerce_paymentstep_settled_once"
    )


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"kind": "steal"}, "commerce_paymentstep_kind_known"),
        ({"amount": 0}, "commerce_paymentstep_amount_positive"),
        ({"key": " "}, "commerce_paymentstep_key_not_blank"),
        ({"key": "first"}, "commerce_paymentstep_key_unique"),
        ({"settled_at": timezone.now()}, "commerce_paymentstep_settled_has_date"),
        ({"state": "failed"}, "commerce_paymentstep_settled_has_date"),
        ({}, "commerce_paymentstep_one_at_a_time"),
    ],
)
def test_it_refuses_a_step_that_makes_no_sense(acme: object, values: dict[str, Any], constraint: str) -> None:
    payment = Payment.objects.create(order=OrderFactory(), provider="fake", amount=1000, currency="EUR")
    step = {"payment": payment, "kind": "authorize", "amount": 1000}
    PaymentStep.objects.create(**step, key="first")
    assert refused(lambda: PaymentStep.objects.create(**{**step, "key": "second", **values})) == constraint


def test_an_order_has_one_open_payment_of_more_than_nothing(acme: object) -> None:
    payment = {"order": OrderFactory(), "provider": "fake", "amount": 1000, "currency": "EUR"}
    Payment.objects.create(**payment)
    assert refused(lambda: Payment.objects.create(**payment)) == "commerce_payment_one_open"
    over = {**payment, "over_at": timezone.now()}
    assert (
        refused(lambda: Payment.objects.create(**{**over, "amount": 0})) == "commerce_payment_amount_positive"
    )
    assert (
        refused(lambda: Payment.objects.create(**{**over, "currency": ""})) == "commerce_payment_currency_iso"
    )


def test_another_tenant_sees_no_payment(shop: Entry, two_tenants: TwoTenants) -> None:
    order = new_order(shop)
    with context.use(shop):
        request = authorizing("z")(Order.objects.get(pk=order))
    with context.use(two_tenants[1]):
        assert not PaymentStep.objects.exists()
        with pytest.raises(Order.DoesNotExist):
            steps.settle(request, Outcome(succeeded=True))


# At once


def test_of_many_refunds_at_once_no_more_is_given_back_than_was_taken(
    fresh_db: str, two_tenants: TwoTenants, fake: FakeProvider
) -> None:
    """Twenty ask for 3.00 of 10.00 each: three get it."""
    shop = two_tenants[0]
    order = new_order(shop)
    run(shop, order, authorizing("a"), capturing("c"))

    def give_back(number: int) -> Request:
        return refunding(f"r-{number}", 300)(Order.objects.get(pk=order))

    outcomes = all_at_once(give_back, 20, tenant=shop)
    asked = [one for one in outcomes if isinstance(one, Request)]
    assert (len(asked), outcomes.count("payment_refused")) == (3, 17)
    for request in asked:
        outcome = steps.ask(request)
        with context.use(shop):
            steps.settle(request, outcome)
    assert account(shop, fake, order) == Account(taken=1000, given_back=900)
    assert status(shop, order) == "partially_refunded"


def test_one_order_paid_from_many_windows_is_paid_once(
    fresh_db: str, two_tenants: TwoTenants, fake: FakeProvider
) -> None:
    shop = two_tenants[0]
    order = new_order(shop)

    def pay(number: int) -> Request:
        return authorizing(f"p-{number}")(Order.objects.get(pk=order))

    outcomes = all_at_once(pay, 20, tenant=shop)
    assert outcomes.count("payment_refused") == 19


def test_a_placed_order_is_paid_as_it_was_shown(fresh_db: str, two_tenants: TwoTenants) -> None:
    shop = two_tenants[0]
    with context.use(shop):
        order = orders.place(filled((for_sale(price=1999), 2)), shipping_address=ADDRESS).pk
    assert run(shop, order, authorizing("a"), capturing("c")) == "paid"
    with context.use(shop):
        assert Payment.objects.get().captured == 3998
