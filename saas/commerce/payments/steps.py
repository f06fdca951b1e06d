"""Payments: ask for money, take it, give it back. Each step is three: a row, the provider, and its answer.

    request = steps.authorize(order, provider="fake", source=token, key=key)   # a transaction, committed
    outcome = steps.ask(request)                                               # no transaction
    steps.settle(request, outcome)                                             # a transaction

A process that is killed in between leaves the row `requested`: `unsettled` finds it, `look_up` asks the provider what
became of it, `settle` writes that down. Everything locks the order first, then its payment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connections, router, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from saas.commerce import constraints, ids, refusals, states, values
from saas.commerce.models import Order, Payment, PaymentStatus, PaymentStep, Status
from saas.commerce.payments import providers
from saas.commerce.payments.interface import Outcome, Request

Kind, State = PaymentStep.Kind, PaymentStep.State

# A provider that has not heard of a request after this long will not hear of it any more.
ARRIVES_WITHIN = timedelta(minutes=15)


def authorize(order: Order, *, provider: str, source: str, key: str) -> Request:
    """Ask that the order's total is held for it. Returns the request, the same one again for the same key.

    Raises PaymentRefused while another payment of the order is under way or done, or the order is cancelled;
    PaymentKeyConflict, UnknownProvider, InvalidPayment.
    """
    providers.named(provider)
    with _locked(order):
        known = PaymentStep.objects.filter(key=_key(key)).select_related("payment").first()
        if known is None:
            _require_payable(order)
            payment = Payment(
                id=ids.new(), order=order, provider=provider, amount=order.total, currency=order.currency
            )
            with constraints.translated():
                payment.save(force_insert=True)
                known = _add(payment, Kind.AUTHORIZE, order.total, key, source=source)
        return _same(known, order, Kind.AUTHORIZE, order.total)


def capture(order: Order, *, key: str) -> Request:
    """Ask that what is held for order is taken. Raises PaymentRefused, PaymentKeyConflict."""
    return _follow(order, Kind.CAPTURE, key=key)


def release(order: Order, *, key: str) -> Request:
    """Ask that what is held for order is held no more. Raises PaymentRefused, PaymentKeyConflict."""
    return _follow(order, Kind.RELEASE, key=key)


def refund(order: Order, *, key: str, amount: int | None = None) -> Request:
    """Ask that an amount is given back, all that is left if not given. It counts as given back until it failed.

    Raises PaymentRefused for more than is left, PaymentKeyConflict, InvalidPayment.
    """
    return _follow(order, Kind.REFUND, key=key, amount=amount)


def ask(request: Request) -> Outcome:
    """Ask the provider, in no transaction. Raises ProviderInTransaction, UnknownProvider, Unreachable.

    After Unreachable the request stays open: ask again, or look it up.
    """
    _refuse_transaction()
    return providers.named(request.provider).ask(request)


def look_up(request: Request) -> Outcome | None:
    """Ask the provider what became of request, in no transaction; None if it does not know it and still may hear of it.

    Raises ProviderInTransaction, UnknownProvider, Unreachable.
    """
    _refuse_transaction()
    found = providers.named(request.provider).find(request.key)
    if found is None and request.requested_at < timezone.now() - ARRIVES_WITHIN:
        return Outcome(succeeded=False, reason="never_arrived")
    return found


def settle(request: Request, outcome: Outcome) -> PaymentStep:
    """Write down what a provider answered; the order's payment status follows. Settled already, it changes nothing."""
    order = Order.objects.get(payments__steps=request.step_id)
    with _locked(order):
        step = PaymentStep.objects.select_related("payment").get(pk=request.step_id)
        if step.state != State.REQUESTED:
            return step
        with constraints.translated():
            PaymentStep.objects.filter(pk=step.pk).update(
                state=State.SUCCEEDED if outcome.succeeded else State.FAILED,
                reference=outcome.reference[: values.PAYMENT_KEY_LENGTH],
                reason=outcome.reason[: values.PAYMENT_KEY_LENGTH],
                settled_at=timezone.now(),
            )
            step.refresh_from_db()
            _apply(order, step)
    return step


def unsettled(*, older_than: timedelta = timedelta(minutes=1)) -> list[Request]:
    """Return requests whose outcome is not known after so long, the oldest first."""
    open_ones = PaymentStep.objects.filter(
        state=State.REQUESTED, requested_at__lt=timezone.now() - older_than
    )
    return [_request(step) for step in open_ones.select_related("payment").order_by("requested_at", "id")]


def of(order: Order) -> QuerySet[PaymentStep]:
    """Return every step of every payment of order, the first one first."""
    return PaymentStep.objects.filter(payment__order=order).order_by("requested_at", "id")


def _follow(order: Order, kind: PaymentStep.Kind, *, key: str, amount: int | None = None) -> Request:
    with _locked(order):
        known = PaymentStep.objects.filter(key=_key(key)).select_related("payment").first()
        if known is None:
            payment = Payment.objects.filter(order=order, over_at=None).first()
            if payment is None:
                raise refusals.PaymentRefused("This order has no payment under way. Authorize one first.")
            with constraints.translated():
                known = _add(payment, kind, _amount(payment, kind, amount), key)
        return _same(known, order, kind, amount)


def _amount(payment: Payment, kind: PaymentStep.Kind, amount: int | None) -> int:
    """Return what a step is about. Raises PaymentRefused where the payment is not ready for it, InvalidPayment."""
    held = payment.authorized - payment.captured
    left = payment.captured - payment.refunded
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int) or amount < 1):
        raise refusals.InvalidPayment(field="amount")
    wanted = amount or (left if kind == Kind.REFUND else held)
    ready = left if kind == Kind.REFUND else held
    if not 1 <= wanted <= ready:
        raise refusals.PaymentRefused
    return wanted


def _add(payment: Payment, kind: PaymentStep.Kind, amount: int, key: str, *, source: str = "") -> PaymentStep:
    return PaymentStep.objects.create(payment=payment, kind=kind, amount=amount, key=key, source=source)


def _same(step: PaymentStep, order: Order, kind: PaymentStep.Kind, amount: int | None) -> Request:
    """Return the request of step. Raises PaymentKeyConflict when its key was meant for something else."""
    if (step.payment.order_id, step.kind) != (order.pk, kind) or amount not in (None, step.amount):
        raise refusals.PaymentKeyConflict
    return _request(step)


def _request(step: PaymentStep) -> Request:
    payment = step.payment
    return Request(
        step_id=step.pk,
        provider=payment.provider,
        kind=str(step.kind),
        key=step.key,
        amount=step.amount,
        currency=payment.currency,
        requested_at=step.requested_at,
        source=step.source,
        reference=payment.reference,
    )


def _require_payable(order: Order) -> None:
    if order.status in (Status.CANCELLED, Status.RETURNED) or not order.total:
        raise refusals.PaymentRefused("There is nothing to pay for this order.")


def _apply(order: Order, step: PaymentStep) -> None:
    """Have payment and order follow a step that was settled."""
    over = step.kind == Kind.RELEASE if step.state == State.SUCCEEDED else step.kind == Kind.AUTHORIZE
    payment = Payment.objects.filter(pk=step.payment_id)
    if over:
        payment.update(over_at=step.settled_at)
    if step.kind == Kind.AUTHORIZE and step.reference:
        payment.update(reference=step.reference)
    after = _status(payment.get(), step)
    if after not in (None, order.payment_status):
        states.require(states.NEXT_PAYMENT, order.payment_status, str(after))
        Order.objects.filter(pk=order.pk).update(
            payment_status=after,
            changed_by=f"payment {step.key}"[: values.BY_LENGTH],
            changed_at=step.settled_at,
        )


def _status(payment: Payment, step: PaymentStep) -> PaymentStatus | None:
    """Return the payment status that follows a settled step, None if it changes nothing."""
    if step.state == State.FAILED:
        return PaymentStatus.FAILED if step.kind == Kind.AUTHORIZE else None
    if step.kind == Kind.REFUND:
        done = payment.steps.filter(kind=Kind.REFUND, state=State.SUCCEEDED).aggregate(all=Sum("amount"))
        return PaymentStatus.REFUNDED if done["all"] == payment.captured else PaymentStatus.PARTIALLY_REFUNDED
    return {
        Kind.AUTHORIZE: PaymentStatus.AUTHORIZED,
        Kind.CAPTURE: PaymentStatus.PAID,
        Kind.RELEASE: PaymentStatus.UNPAID,
    }[Kind(step.kind)]


def _key(key: str) -> str:
    if not isinstance(key, str) or not key.strip() or len(key) > values.PAYMENT_KEY_LENGTH or "\x00" in key:
        raise refusals.InvalidPayment(field="key")
    return key


@contextmanager
def _locked(order: Order) -> Iterator[None]:
    with transaction.atomic(using=router.db_for_write(Order)):
        order.refresh_from_db(from_queryset=Order.objects.select_for_update(no_key=True))
        yield


def _refuse_transaction() -> None:
    if any(connection.in_atomic_block for connection in connections.all(initialized_only=True)):
        raise refusals.ProviderInTransaction
