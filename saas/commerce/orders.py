"""Orders: place them, move them on, cancel them and list them.

Locks are taken in one order, so that orders never wait for each other in a circle: the cart or the order, the coupon,
the variants by id, and last the counter of numbers, which every other placing waits for until this one ends.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import router, transaction
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils import timezone

from billing import usage
from saas.commerce import (
    carts,
    constraints,
    coupons,
    ids,
    quotes,
    refusals,
    states,
    stock,
    values,
)
from saas.commerce.models import Cart, Order, OrderChange, OrderCounter, OrderItem, Status
from saas.commerce.quotes import Quote, Terms

PLACED = "orders_placed"
# The first order makes the row. Of several first ones at once the others wait for it, and one of them makes it instead
# when it is rolled back: no number is lost and none is given twice.
NEXT_NUMBER = (
    "INSERT INTO commerce_ordercounter (id, position, last) VALUES (%s, 1, 1)"
    " ON CONFLICT (position) DO UPDATE SET last = commerce_ordercounter.last + 1 RETURNING id, last"
)

Address = Mapping[str, str]


def place(
    cart: Cart,
    *,
    shipping_address: Address,
    billing_address: Address | None = None,
    terms: Terms = Terms(),  # noqa: B008  frozen
    coupon_code: str | None = None,
    email: str = "",
    expected_total: int | None = None,
    by: str = "",
) -> Order:
    """Order what is in cart, at the prices of now, or nothing at all: stock, coupon, number, lines in one transaction.

    expected_total is what the customer was shown. Without an e-mail address the customer's own is kept; the billing
    address is the shipping address if not given. Recorded as usage. Raises CartEmpty, CartClosed, NotForSale,
    OtherCurrency, PriceChanged, CouponRefused, OutOfStock, InvalidDelivery.
    """
    shipping = values.delivery(shipping_address)
    billing = values.delivery(billing_address or shipping_address, field="billing_address")
    with transaction.atomic(using=router.db_for_write(Order)), carts.locked(cart):
        coupon = coupons.lock(coupons.find(coupon_code)) if coupon_code is not None else None
        quote = quotes.of(cart, terms=terms, coupon=coupon)
        if expected_total not in (None, quote.totals.total):
            raise refusals.PriceChanged
        id = ids.new()  # noqa: A001
        stock.sell(quote.quantities(), order_id=id, by=by)
        order = Order(
            id=id,
            cart=cart,
            customer_id=cart.customer_id,
            shipping_address=shipping,
            billing_address=billing,
            email=email or cart.customer.visitor.email or "",
            changed_by=by,
        )
        _write(order, quote)
        if coupon is not None:
            coupons.use(coupon, order)
        carts.close(cart)
        usage.record(PLACED, 1, id=str(order.id))
    return order


def confirm(order: Order, *, by: str = "") -> Order:
    """Accept a pending order. Raises IllegalTransition, as every verb that moves an order on."""
    return _move(order, Status.CONFIRMED, by=by)


def process(order: Order, *, by: str = "") -> Order:
    """Begin to pack a confirmed order."""
    return _move(order, Status.PROCESSING, by=by)


def ship(order: Order, *, tracking_number: str = "", by: str = "") -> Order:
    """Hand an order to the carrier, with the number under which it can be followed."""
    return _move(order, Status.SHIPPED, by=by, tracking_number=values.tracking_number(tracking_number))


def deliver(order: Order, *, by: str = "") -> Order:
    """Say that a shipped order arrived."""
    return _move(order, Status.DELIVERED, by=by)


def cancel(order: Order, *, by: str = "") -> Order:
    """Call off an order that was not shipped: its goods go back into stock, the use of its coupon counts no more.

    Money is given back by `payments`, which follows by itself.
    """
    with transaction.atomic(using=router.db_for_write(Order)):
        _move(order, Status.CANCELLED, by=by)
        coupons.give_back(order)
        stock.put_back(contents(order), order_id=order.id, by=by)
    return order


def take_back(order: Order, *, restock: bool = True, by: str = "") -> Order:
    """Accept a shipped or delivered order back, its goods into stock unless they cannot be sold again."""
    with transaction.atomic(using=router.db_for_write(Order)):
        _move(order, Status.RETURNED, by=by)
        if restock:
            stock.put_back(contents(order), order_id=order.id, by=by)
    return order


def contents(order: Order) -> dict[UUID, int]:
    """Return how many of which variant order is of."""
    return dict(order.items.values_list("variant_id", "quantity"))


def listing(*, customer_id: UUID | None = None, status: str | None = None) -> QuerySet[Order]:
    """Return orders, newest first; those of a customer, or in a status, if given."""
    found = Order.objects.order_by("-placed_at", "-id")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    return found if status is None else found.filter(status=status)


def older_than(orders: QuerySet[Order], placed_at: datetime, id: UUID) -> QuerySet[Order]:  # noqa: A002
    """Return those after a row in the order newest first: one index range, however deep the page."""
    return orders.filter(TupleLessThan(Tuple("placed_at", "id"), (placed_at, id)))


def history(order: Order) -> QuerySet[OrderChange]:
    """Return every change of the order's states, the first one first."""
    return order.history.order_by("number")


def bought(customer_id: UUID, product_id: UUID) -> UUID | None:
    """Return the latest order by which this customer was delivered this product, None if there is none."""
    found = OrderItem.objects.filter(
        product_id=product_id, order__customer_id=customer_id, order__status=Status.DELIVERED
    )
    return found.order_by("-order__placed_at").values_list("order_id", flat=True).first()


def next_number() -> int:
    """Return the number of a new order and hold the counter until the transaction ends: rolled back, it has no gap."""
    return OrderCounter.objects.raw(NEXT_NUMBER, [ids.new()])[0].last


def _write(order: Order, quote: Quote) -> None:
    """Write an order and its lines, each in one statement."""
    sums = quote.totals
    order.currency = quote.currency
    order.subtotal, order.discount, order.shipping = sums.subtotal, sums.discount, sums.shipping
    order.tax, order.tax_included, order.total = sums.tax, sums.tax_included, sums.total
    items = [
        OrderItem(
            order=order,
            position=position,
            product_id=line.variant.product_id,
            variant=line.variant,
            name=line.variant.product.name,
            variant_name=line.variant.name,
            sku=line.variant.sku,
            unit_price=line.variant.price,
            quantity=line.quantity,
            subtotal=share.subtotal,
            discount=share.discount,
            total=share.total,
            tax_rate=rate,
            tax=share.tax,
        )
        for position, (line, share, rate) in enumerate(quote.rows(), start=1)
    ]
    with constraints.translated():
        order.number = next_number()
        order.changed_at = order.placed_at
        order.save(force_insert=True)
        OrderItem.objects.bulk_create(items)


def _move(order: Order, status: Status, *, by: str, **fields: object) -> Order:
    """Write the next status of order, locked until the transaction ends; the trigger writes the history."""
    with transaction.atomic(using=router.db_for_write(Order)), constraints.translated():
        order.refresh_from_db(from_queryset=Order.objects.select_for_update(no_key=True))
        states.require(states.NEXT, order.status, status)
        fields = {**fields, "status": status, "changed_by": by, "changed_at": timezone.now()}
        Order.objects.filter(pk=order.pk).update(**fields)
        for field, value in (*fields.items(), ("changes", order.changes + 1)):
            setattr(order, field, value)
    return order
