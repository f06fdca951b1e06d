"""Coupons: what they take off, for whom and how often; no limit is passed, however many come at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, router, transaction
from django.utils import timezone

from saas.commerce import constraints, coupons, exceptions, orders, refusals
from saas.commerce.models import Cart, Coupon, CouponUse, Customer, Order, Variant
from saas.commerce.quotes import Terms
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import (
    ADDRESS,
    CouponFactory,
    CustomerFactory,
    OrderFactory,
    filled,
    for_sale,
)
from tests.saas.commerce.parallel import all_at_once

TwoTenants = tuple[Entry, Entry]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def refused(write: Callable[[], object]) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(using=router.db_for_write(Coupon)):
        write()
    return constraints.name_of(caught.value)


def buy(
    code: str | None, *wanted: tuple[Variant, int], customer: Customer | None = None, **more: Any
) -> Order:
    cart = filled(*(wanted or [(for_sale(price=10_000), 1)]), customer=customer)
    return orders.place(cart, shipping_address=ADDRESS, coupon_code=code, **more)


def test_a_percentage_is_taken_off_whatever_the_capitals_of_the_code(acme: object) -> None:
    coupons.create("Spring-10", currency="EUR", percent=Decimal("12.5"))
    order = buy("sPRING-10", (for_sale(price=1999), 3))
    # 12.5 % of 59.97 is 7.49625, so 7.50.
    assert (order.subtotal, order.discount, order.total) == (5997, 750, 5247)
    assert [item.discount for item in order.items.all()] == [750]


def test_an_amount_is_at_most_what_the_goods_cost_and_never_the_shipping(acme: object) -> None:
    coupons.create("TEN", currency="EUR", amount=1000)
    order = buy("TEN", (for_sale(price=300), 2), terms=Terms(shipping=490))
    assert (order.subtotal, order.discount, order.total) == (600, 600, 490)


def test_a_discount_is_at_most_its_maximum(acme: object) -> None:
    coupons.create("HALF", currency="EUR", percent=Decimal(50), maximum_discount=2000)
    assert buy("HALF").discount == 2000


def test_it_touches_only_the_products_that_it_is_for(acme: object) -> None:
    tent, stove = for_sale(price=10_000), for_sale(price=5_000)
    coupons.create("TENTS", currency="EUR", percent=Decimal(10), products=[tent.product])
    order = buy("TENTS", (stove, 1), (tent, 1))
    assert [item.discount for item in order.items.order_by("position")] == [0, 1000]
    with pytest.raises(refusals.CouponNotApplicable):
        buy("TENTS", (stove, 1))


def test_it_is_for_whom_it_is_for(acme: object) -> None:
    ann, bob = CustomerFactory.create_batch(2)
    coupons.create("ANN", currency="EUR", amount=100, customers=[ann])
    assert buy("ANN", customer=ann).discount == 100
    with pytest.raises(refusals.CouponNotApplicable):
        buy("ANN", customer=bob)


def test_it_needs_its_minimum_order_and_its_currency(acme: object) -> None:
    coupons.create("BIG", currency="EUR", amount=100, minimum_order=10_000)
    assert buy("BIG", (for_sale(price=10_000), 1)).discount == 100
    with pytest.raises(refusals.CouponNotApplicable):
        buy("BIG", (for_sale(price=9_999), 1))
    with pytest.raises(refusals.CouponNotApplicable):
        buy("BIG", (for_sale(price=20_000, currency="USD"), 1))


@pytest.mark.parametrize(
    ("seconds", "valid"), [(-1, False), (0, True), (3599, True), (3600, False), (7200, False)]
)
def test_it_is_valid_from_its_start_until_just_before_its_end(
    acme: object, seconds: int, valid: bool
) -> None:
    coupons.create("HOUR", currency="EUR", amount=100, starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        cart = filled((for_sale(published_at=NOON - timedelta(days=2)), 1))
    with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
        assert coupons.listing(valid_at=timezone.now()).exists() == valid
        if valid:
            assert orders.place(cart, shipping_address=ADDRESS, coupon_code="HOUR").discount == 100
        else:
            with pytest.raises(refusals.CouponNotValid):
                orders.place(cart, shipping_address=ADDRESS, coupon_code="HOUR")


def test_one_that_was_ended_or_never_was_is_refused(acme: object) -> None:
    coupons.end(coupons.create("GONE", currency="EUR", amount=100))
    with pytest.raises(refusals.CouponNotValid):
        buy("GONE")
    for unknown in ("NEVER", "no code!", ""):
        with pytest.raises(refusals.UnknownCoupon):
            buy(unknown)
    assert not Order.objects.exists()


def test_limits_count_what_was_not_given_back(acme: object) -> None:
    coupon = coupons.create("ONCE", currency="EUR", amount=100, total_limit=2, customer_limit=1)
    ann = CustomerFactory()
    first = buy("ONCE", customer=ann)
    with pytest.raises(refusals.CouponUsedUp):
        buy("ONCE", customer=ann)
    buy("ONCE")
    with pytest.raises(refusals.CouponUsedUp):
        buy("ONCE")
    orders.cancel(first)
    coupon.refresh_from_db()
    assert coupon.used == 1
    assert buy("ONCE", customer=CustomerFactory()).discount == 100
    log = coupons.uses(coupon)
    assert (log.count(), log.exclude(returned_at=None).get().order) == (3, first)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""},
        {"code": "NO SPACE"},
        {"code": "É"},
        {"code": "X" * 41},
        {"currency": "euro"},
        {"amount": None},
        {"percent": Decimal(10)},
        {"amount": 0},
        {"amount": 1.5},
        {"amount": True},
        {"amount": 2**63},
        {"amount": None, "percent": Decimal(0)},
        {"amount": None, "percent": Decimal("100.01")},
        {"amount": None, "percent": Decimal("1.005")},
        {"amount": None, "percent": Decimal("NaN")},
        {"amount": None, "percent": 10.0},
        {"minimum_order": -1},
        {"maximum_discount": 0},
        {"total_limit": 0},
        {"customer_limit": 2**31},
        {"starts_at": NOON, "ends_at": NOON},
    ],
)
def test_it_refuses_a_coupon_that_makes_no_sense(acme: object, wrong: dict[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidValue):
        coupons.create(**{"code": "TEN", "currency": "EUR", "amount": 1000, **wrong})
    assert not Coupon.objects.exists()


def test_a_code_is_given_once_whatever_its_capitals(acme: object) -> None:
    coupons.create("TEN", currency="EUR", amount=1000)
    with pytest.raises(refusals.DuplicateCouponCode):
        coupons.create("ten", currency="EUR", amount=1000)
    assert refused(lambda: CouponFactory(code="tEn")) == "commerce_coupon_code_unique"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"code": "a b"}, "commerce_coupon_code_format"),
        ({"currency": "eur"}, "commerce_coupon_currency_iso"),
        ({"percent": 10}, "commerce_coupon_percent_or_amount"),
        ({"amount": None}, "commerce_coupon_percent_or_amount"),
        ({"amount": 0}, "commerce_coupon_percent_or_amount"),
        ({"amount": None, "percent": 101}, "commerce_coupon_percent_or_amount"),
        ({"minimum_order": -1}, "commerce_coupon_bounds_not_negative"),
        ({"maximum_discount": 0}, "commerce_coupon_bounds_not_negative"),
        ({"total_limit": 0}, "commerce_coupon_limits_positive"),
        ({"customer_limit": 0}, "commerce_coupon_limits_positive"),
        ({"starts_at": NOON, "ends_at": NOON}, "commerce_coupon_starts_before_end"),
        ({"used": -1}, "commerce_coupon_used_within_limit"),
        ({"used": 2, "total_limit": 1}, "commerce_coupon_used_within_limit"),
    ],
)
def test_so_does_the_database(acme: object, values: dict[str, Any], constraint: str) -> None:
    assert refused(lambda: CouponFactory(**values)) == constraint


def test_the_database_counts_the_uses_by_itself(acme: object) -> None:
    coupon, ann = CouponFactory(total_limit=2, customer_limit=1), CustomerFactory()

    def use(customer: Customer) -> CouponUse:
        order = OrderFactory(customer=customer)
        return CouponUse.objects.create(coupon=coupon, customer=customer, order=order, discount=0)

    first = use(ann)
    assert refused(lambda: use(ann)) == "commerce_couponuse_within_customer_limit"
    use(CustomerFactory())
    assert refused(lambda: use(CustomerFactory())) == "commerce_coupon_used_within_limit"
    rows = CouponUse.objects.filter(pk=first.pk)
    rows.update(returned_at=timezone.now())
    coupon.refresh_from_db()
    assert coupon.used == CouponUse.objects.filter(returned_at=None).count() == 1
    assert refused(lambda: rows.update(returned_at=None)) == "commerce_couponuse_kept"
    assert refused(lambda: rows.update(customer=CustomerFactory())) == "commerce_couponuse_kept"
    assert refused(lambda: rows._raw_delete(using=router.db_for_write(Coupon))) == "commerce_couponuse_kept"


def test_a_coupon_of_another_tenant_is_unknown(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        coupons.create("TEN", currency="EUR", amount=1000)
    with context.use(two_tenants[1]), pytest.raises(refusals.UnknownCoupon):
        coupons.find("TEN")


# At once


def test_of_fifty_users_of_a_coupon_with_limit_ten_exactly_ten_use_it(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    with context.use(two_tenants[0]):
        coupon = coupons.create("TEN", currency="EUR", amount=1000, total_limit=10)
        variant = for_sale(price=5000, quantity=50)
        carts = [filled((variant, 1)).pk for _ in range(50)]

    def use(number: int) -> str:
        cart = Cart.objects.get(pk=carts[number])
        return str(orders.place(cart, shipping_address=ADDRESS, coupon_code="TEN").total)

    outcomes = all_at_once(use, 50, tenant=two_tenants[0])
    assert sorted(map(str, outcomes)) == ["4000"] * 10 + ["coupon_used_up"] * 40
    with context.use(two_tenants[0]):
        coupon.refresh_from_db()
        assert coupon.used == CouponUse.objects.count() == Order.objects.count() == 10
        assert Variant.objects.get(pk=variant.pk).quantity == 40


def test_one_customer_in_many_windows_does_not_pass_the_limit_for_each(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    with context.use(two_tenants[0]):
        coupon = coupons.create("EACH", currency="EUR", amount=1000, customer_limit=3)
        customer = CustomerFactory()
        placed = [OrderFactory(customer=customer).pk for _ in range(20)]

    def use(number: int) -> None:
        coupons.use(Coupon.objects.get(pk=coupon.pk), Order.objects.get(pk=placed[number]))

    outcomes = all_at_once(use, 20, tenant=two_tenants[0])
    assert sorted(map(str, outcomes)) == ["None"] * 3 + ["coupon_used_up"] * 17
