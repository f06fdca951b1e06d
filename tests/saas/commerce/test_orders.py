"""Orders: placed wholly or not at all, numbered without gaps, moved on by verbs, and never oversold."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from billing.models import UsageEvent
from saas.commerce import carts, coupons, exceptions, orders, products, refusals, stock
from saas.commerce.models import Cart, Coupon, Order, OrderCounter, OrderItem, Variant
from saas.commerce.quotes import Terms
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import ADDRESS, CustomerFactory, VariantFactory, filled, for_sale
from tests.saas.commerce.parallel import all_at_once

TwoTenants = tuple[Entry, Entry]


def place(*wanted: tuple[Variant, int], **more: Any) -> Order:
    cart = filled(*(wanted or [(for_sale(), 1)]), customer=more.pop("customer", None))
    return orders.place(cart, **{"shipping_address": ADDRESS, **more})


def left(variant: Variant) -> int:
    return Variant.objects.get(pk=variant.pk).quantity


def nothing_happened(cart: Cart, variant: Variant) -> None:
    cart.refresh_from_db()
    assert cart.closed_at is None
    assert not Order.objects.exists()
    assert not OrderCounter.objects.exists()
    assert left(variant) == 5
    assert not UsageEvent.objects.filter(meter="orders_placed").exists()


def test_it_orders_what_is_in_the_cart(acme: object) -> None:
    tent, stove = for_sale(price=1999), for_sale(price=500)
    customer = CustomerFactory(visitor__email="ann@example.com")
    cart = filled((tent, 3), (stove, 1), customer=customer)
    terms = Terms(shipping=490, tax_rate=Decimal("0.19"), rates={stove.product_id: Decimal("0.07")})
    coupons.create("TEN", currency="EUR", percent=Decimal(10))
    made = orders.place(
        cart,
        shipping_address={**ADDRESS, "line2": "", "phone": "unknown to orders"},
        billing_address={**ADDRESS, "city": "Paris", "country": "FR"},
        terms=terms,
        coupon_code="TEN",
        expected_total=7394,
        by="shop",
    )
    kept = Order.objects.get()
    assert (kept.pk, kept.number, kept.status, kept.payment_status) == (made.pk, 1, "pending", "unpaid")
    # By hand in test_totals: 59.97 + 5.00 - 6.50 + 10.57 + 4.90.
    amounts = (kept.subtotal, kept.discount, kept.tax, kept.shipping, kept.total, kept.currency)
    assert amounts == (6497, 650, 1057, 490, 7394, "EUR")
    assert (kept.customer, kept.cart, kept.email) == (customer, cart, "ann@example.com")
    assert kept.shipping_address == ADDRESS
    assert kept.billing_address == {**ADDRESS, "city": "Paris", "country": "FR"}
    assert list(
        kept.items.values_list("sku", "unit_price", "quantity", "subtotal", "discount", "total", "tax")
    ) == [
        (tent.sku, 1999, 3, 5997, 600, 5397, 1025),
        (stove.sku, 500, 1, 500, 50, 450, 32),
    ]
    assert (left(tent), left(stove)) == (2, 4)
    assert Coupon.objects.get().used == 1
    assert Cart.objects.get().closed_at is not None
    assert [(one.field, one.after, one.by) for one in orders.history(kept)] == [("status", "pending", "shop")]


def test_prices_may_have_the_tax_in_them(acme: object) -> None:
    order = place(
        (for_sale(price=11900), 1), terms=Terms(tax_rate=Decimal("0.19"), tax_included=True, shipping=100)
    )
    assert (order.subtotal, order.tax, order.total) == (11900, 1900, 12000)


def test_each_order_is_one_billable_event_of_its_own(acme: object) -> None:
    made = [place(), place()]
    events = UsageEvent.objects.filter(meter="orders_placed")
    assert {event.event_id: event.quantity for event in events} == {str(order.pk): 1 for order in made}


def test_what_was_ordered_stays_what_it_was(acme: object) -> None:
    variant = for_sale(price=1999)
    order = place((variant, 1))
    name = variant.product.name
    products.update(variant.product, name="Else", price=1, sku="ELSE")
    Variant.objects.filter(pk=variant.pk).update(name="Else", sku="ELSE-1", price_modifier=7)
    products.archive(variant.product)
    item = order.items.get()
    assert (item.name, item.variant_name, item.sku, item.unit_price) == (
        name,
        variant.name,
        variant.sku,
        1999,
    )


def test_a_cart_is_ordered_once(acme: object) -> None:
    variant = for_sale()
    cart = filled((variant, 1))
    orders.place(cart, shipping_address=ADDRESS)
    with pytest.raises(refusals.CartClosed):
        orders.place(Cart.objects.get(pk=cart.pk), shipping_address=ADDRESS)
    assert (Order.objects.count(), left(variant)) == (1, 4)


def test_nothing_comes_of_nothing(acme: object) -> None:
    with pytest.raises(refusals.CartEmpty):
        orders.place(carts.of(CustomerFactory()), shipping_address=ADDRESS)


def unpublish(cart: Cart, variant: Variant) -> None:
    products.unpublish(variant.product)


def want_more(cart: Cart, variant: Variant) -> None:
    carts.put(cart, variant, quantity=6)


def change_currency(cart: Cart, variant: Variant) -> None:
    carts.add(cart, (other := for_sale()))
    type(other.product).objects.filter(pk=other.product_id).update(currency="USD")


@pytest.mark.parametrize(
    ("before", "more", "error"),
    [
        (unpublish, {}, refusals.NotForSale),
        (want_more, {}, exceptions.OutOfStock),
        (change_currency, {}, refusals.OtherCurrency),
        (None, {"expected_total": 1998}, refusals.PriceChanged),
        (None, {"coupon_code": "NONE"}, refusals.UnknownCoupon),
        (None, {"shipping_address": {}}, refusals.InvalidDelivery),
        (None, {"shipping_address": {**ADDRESS, "country": "England"}}, refusals.InvalidDelivery),
        (None, {"shipping_address": {**ADDRESS, "name": " "}}, refusals.InvalidDelivery),
        (None, {"billing_address": {**ADDRESS, "city": "a\x00b"}}, refusals.InvalidDelivery),
        (None, {"terms": Terms(shipping=-1)}, exceptions.InvalidPrice),
        (None, {"terms": Terms(shipping=2**63 - 1)}, refusals.InvalidOrder),
        (None, {"terms": Terms(tax_rate=Decimal("-0.1"))}, refusals.InvalidOrder),
        (None, {"terms": Terms(tax_rate=Decimal("0.00001"))}, refusals.InvalidOrder),
        (None, {"terms": Terms(tax_rate=0.19)}, refusals.InvalidOrder),  # type: ignore[arg-type]
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(
    acme: object,
    before: Callable[[Cart, Variant], None] | None,
    more: dict[str, Any],
    error: type[exceptions.CommerceError],
) -> None:
    variant = for_sale()
    cart = filled((variant, 1))
    if before is not None:
        before(cart, variant)
    with pytest.raises(error):
        orders.place(cart, **{"shipping_address": ADDRESS, **more})
    nothing_happened(cart, variant)


def test_an_order_of_many_lines_takes_as_many_queries_as_one_of_two(acme: object) -> None:
    def queries(lines: int) -> int:
        cart = carts.of(CustomerFactory())
        for variant in VariantFactory.create_batch(lines, product=for_sale().product):
            cart.lines.create(variant=variant)
        with CaptureQueriesContext(connections[router.db_for_write(Order)]) as counted:
            orders.place(cart, shipping_address=ADDRESS)
        return len(counted)

    queries(1)  # the first one finds out who is asking
    assert queries(2) == queries(40)


# The way of an order


def test_an_order_goes_its_way_and_each_step_is_written_down(acme: object) -> None:
    order = place()
    orders.confirm(order, by="ann")
    orders.process(order, by="ann")
    orders.ship(order, tracking_number="DHL-1", by="bob")
    orders.deliver(order, by="carrier")
    kept = Order.objects.get()
    assert (kept.status, kept.tracking_number, kept.changes, order.changes) == ("delivered", "DHL-1", 5, 5)
    assert [(one.before, one.after, one.by) for one in orders.history(order)] == [
        ("", "pending", ""),
        ("pending", "confirmed", "ann"),
        ("confirmed", "processing", "ann"),
        ("processing", "shipped", "bob"),
        ("shipped", "delivered", "carrier"),
    ]


@pytest.mark.parametrize("verb", [orders.process, orders.ship, orders.deliver, orders.take_back])
def test_a_step_that_does_not_follow_is_refused(acme: object, verb: Callable[[Order], Order]) -> None:
    order = place()
    with pytest.raises(refusals.IllegalTransition, match="pending cannot become"):
        verb(order)
    assert Order.objects.get().status == "pending"
    assert orders.history(order).count() == 1


def test_a_cancelled_order_gives_goods_and_coupon_back_once(acme: object) -> None:
    variant = for_sale(price=5000)
    coupons.create("TEN", currency="EUR", amount=1000, total_limit=1)
    order = place((variant, 3), coupon_code="TEN")
    assert (left(variant), Coupon.objects.get().used) == (2, 1)
    orders.cancel(order)
    assert (left(variant), Coupon.objects.get().used) == (5, 0)
    with pytest.raises(refusals.IllegalTransition):
        orders.cancel(order)
    assert (left(variant), Coupon.objects.get().used) == (5, 0)


@pytest.mark.parametrize(("restock", "stocked"), [(True, 5), (False, 2)])
def test_a_return_goes_back_into_stock_unless_it_cannot_be_sold_again(
    acme: object, restock: bool, stocked: int
) -> None:
    variant = for_sale()
    order = place((variant, 3))
    for verb in (orders.confirm, orders.process, orders.ship, orders.deliver):
        verb(order)
    with pytest.raises(refusals.IllegalTransition):
        orders.cancel(order)
    orders.take_back(order, restock=restock)
    assert (order.status, left(variant)) == ("returned", stocked)


def test_what_was_delivered_was_bought(acme: object) -> None:
    variant, other, customer = for_sale(), for_sale(), CustomerFactory()
    order = place((variant, 1), customer=customer)
    assert orders.bought(customer.pk, variant.product_id) is None
    for verb in (orders.confirm, orders.process, orders.ship, orders.deliver):
        verb(order)
    assert orders.bought(customer.pk, variant.product_id) == order.pk
    assert orders.bought(customer.pk, other.product_id) is None
    assert orders.bought(CustomerFactory().pk, variant.product_id) is None


def test_lists_are_newest_first_and_paged_by_key(acme: object) -> None:
    customer = CustomerFactory()
    made = [place(customer=customer) for _ in range(3)] + [place()]
    orders.confirm(made[0])
    assert list(orders.listing()) == made[::-1]
    assert list(orders.listing(customer_id=customer.pk)) == made[2::-1]
    assert list(orders.listing(status="confirmed")) == [made[0]]
    assert list(orders.older_than(orders.listing(), made[2].placed_at, made[2].id)) == [made[1], made[0]]


def test_another_tenant_has_its_own_orders_and_its_own_numbers(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        first = place()
        assert [place().number, first.number] == [2, 1]
    with context.use(two_tenants[1]):
        assert not Order.objects.exists()
        assert place().number == 1
        assert orders.bought(first.customer_id, OrderItem.objects.get().product_id) is None


# At once


def test_of_fifty_buyers_of_the_last_ten_items_exactly_ten_get_one(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    with context.use(two_tenants[0]):
        variant = for_sale(quantity=10)
        waiting = [filled((variant, 1)).pk for _ in range(50)]

    def buy(number: int) -> int:
        return orders.place(Cart.objects.get(pk=waiting[number]), shipping_address=ADDRESS).number

    outcomes = all_at_once(buy, 50, tenant=two_tenants[0])
    assert outcomes.count("out_of_stock") == 40
    assert sorted(one for one in outcomes if isinstance(one, int)) == list(range(1, 11))
    with context.use(two_tenants[0]):
        assert left(variant) == 0
        assert OrderItem.objects.count() == 10
        assert sum(sum(stock.sold(order.pk).values()) for order in Order.objects.all()) == 10
        assert Cart.objects.filter(closed_at=None).count() == 40


def test_fifty_first_orders_are_one_to_fifty_without_gap_or_double(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    """Sixty begin, every sixth of them is rolled back after it had its number; before them there is no counter."""
    with context.use(two_tenants[0]):
        variant = for_sale(quantity=60)
        waiting = [filled((variant, 1)).pk for _ in range(60)]
        assert not OrderCounter.objects.exists()

    def buy(number: int) -> int:
        order = orders.place(Cart.objects.get(pk=waiting[number]), shipping_address=ADDRESS)
        if number % 6 == 0:
            raise refusals.PriceChanged  # whatever rolls it back
        return order.number

    outcomes = all_at_once(buy, 60, tenant=two_tenants[0])
    assert outcomes.count("price_changed") == 10
    given = sorted(one for one in outcomes if isinstance(one, int))
    assert given == list(range(1, 51))
    with context.use(two_tenants[0]):
        assert sorted(Order.objects.values_list("number", flat=True)) == given
        assert (OrderCounter.objects.get().last, left(variant)) == (50, 10)


def test_buyers_of_the_same_things_in_any_order_do_not_wait_in_a_circle(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    """Two carts hold the same variants the other way round, half of the orders are cancelled: no deadlock."""
    with context.use(two_tenants[0]):
        red, blue = for_sale(quantity=40), for_sale(quantity=40)
        coupons.create("ALL", currency="EUR", percent=Decimal(10))
        ways = [[(red, 1), (blue, 1)], [(blue, 1), (red, 1)]]
        waiting = [filled(*ways[number % 2]).pk for number in range(40)]

    def buy(number: int) -> str:
        cart = Cart.objects.get(pk=waiting[number])
        order = orders.place(cart, shipping_address=ADDRESS, coupon_code="ALL")
        return (orders.cancel(order) if number % 4 < 2 else order).status

    outcomes = all_at_once(buy, 40, tenant=two_tenants[0])
    assert sorted(map(str, outcomes)) == ["cancelled"] * 20 + ["pending"] * 20
    with context.use(two_tenants[0]):
        assert (left(red), left(blue), Coupon.objects.get().used) == (20, 20, 20)


def test_an_order_cancelled_from_many_windows_gives_back_once(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        variant = for_sale()
        order_id = place((variant, 2)).pk

    def cancel(_: int) -> str:
        return orders.cancel(Order.objects.get(pk=order_id)).status

    outcomes = all_at_once(cancel, 20, tenant=two_tenants[0])
    assert sorted(map(str, outcomes)) == ["cancelled"] + ["illegal_transition"] * 19
    with context.use(two_tenants[0]):
        assert left(variant) == 5
