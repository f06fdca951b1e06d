"""Coupons: make them, say what they take off, use them and give uses back.

Whoever uses a coupon holds its row until the transaction ends, so that uses of one coupon come one after the other and
no limit is passed; the database counts and refuses by itself (`commerce_count_coupon_use`).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from saas.commerce import constraints, refusals, totals, values
from saas.commerce.models import (
    Coupon,
    CouponCustomer,
    CouponProduct,
    CouponUse,
    Customer,
    Order,
    Product,
)


def create(
    code: str,
    *,
    currency: str,
    percent: Decimal | None = None,
    amount: int | None = None,
    minimum_order: int = 0,
    maximum_discount: int | None = None,
    total_limit: int | None = None,
    customer_limit: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    products: Collection[Product] = (),
    customers: Collection[Customer] = (),
) -> Coupon:
    """Create a coupon of a percentage or of an amount in minor units, for orders in its currency.

    Valid from starts_at until just before ends_at. Raises InvalidValue, DuplicateCouponCode.
    """
    bounds = (amount, minimum_order, maximum_discount, total_limit, customer_limit)
    if any(isinstance(bound, bool) or not isinstance(bound, int | None) for bound in bounds):
        raise refusals.InvalidCoupon
    if any(bound is not None and bound > values.PRICE_MAX for bound in bounds[:3]):
        raise refusals.InvalidCoupon
    if any(bound is not None and bound > values.LIMIT_MAX for bound in bounds[3:]):
        raise refusals.InvalidCoupon
    coupon = Coupon(
        code=values.coupon_code(code),
        currency=values.currency(currency),
        percent=_percent(percent),
        amount=amount,
        minimum_order=minimum_order,
        maximum_discount=maximum_discount,
        total_limit=total_limit,
        customer_limit=customer_limit,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    with constraints.translated():
        coupon.save(force_insert=True)
        CouponProduct.objects.bulk_create(CouponProduct(coupon=coupon, product=one) for one in products)
        CouponCustomer.objects.bulk_create(CouponCustomer(coupon=coupon, customer=one) for one in customers)
    return coupon


def end(coupon: Coupon, *, at: datetime | None = None) -> Coupon:
    """Have coupon be valid no more from a moment on, now if not given. Raises InvalidCoupon before it began."""
    with constraints.translated():
        ends_at = at or timezone.now()
        Coupon.objects.filter(pk=coupon.pk).update(ends_at=ends_at)
    coupon.ends_at = ends_at
    return coupon


def find(code: str) -> Coupon:
    """Return the coupon of this code, whatever its capitals. Raises UnknownCoupon."""
    try:
        return Coupon.objects.alias(plain=Lower("code")).get(plain=values.coupon_code(code).lower())
    except (refusals.InvalidCouponCode, Coupon.DoesNotExist):
        raise refusals.UnknownCoupon from None


def lock(coupon: Coupon) -> Coupon:
    """Return coupon as it is now, held until the transaction ends: ahead of the stock that an order takes."""
    return Coupon.objects.select_for_update(no_key=True).get(pk=coupon.pk)


def products_of(coupon: Coupon) -> frozenset[UUID]:
    """Return the ids of the products that coupon is for; none means all."""
    return frozenset(coupon.for_products.values_list("product_id", flat=True))


def discount(
    coupon: Coupon, customer: Customer, lines: Sequence[totals.Line], *, currency: str, at: datetime
) -> int:
    """Return what coupon takes off lines, those marked discountable being of its products.

    Raises CouponNotValid, CouponUsedUp, CouponNotApplicable. What it answers holds until the transaction ends only for
    a coupon that was locked.
    """
    if (coupon.starts_at and at < coupon.starts_at) or (coupon.ends_at and at >= coupon.ends_at):
        raise refusals.CouponNotValid
    _require_applicable(coupon, customer, lines, currency)
    _require_left(coupon, customer)
    return totals.reduction(
        totals.discountable(lines),
        percent=coupon.percent,
        amount=coupon.amount,
        maximum=coupon.maximum_discount,
    )


def use(coupon: Coupon, order: Order) -> CouponUse:
    """Write down that order used coupon. Raises CouponUsedUp."""
    with constraints.translated():
        return CouponUse.objects.create(
            coupon=coupon, customer_id=order.customer_id, order=order, discount=order.discount
        )


def give_back(order: Order) -> bool:
    """Have the use by order count no more. Returns whether there was one."""
    with transaction.atomic(using=router.db_for_write(CouponUse)):
        left = CouponUse.objects.filter(order=order, returned_at=None)
        return bool(left.update(returned_at=timezone.now()))


def uses(coupon: Coupon) -> QuerySet[CouponUse]:
    """Return the log of uses, newest first, those that were given back among them."""
    return coupon.uses.select_related("order", "customer").order_by("-used_at", "-id")


def listing(*, valid_at: datetime | None = None) -> QuerySet[Coupon]:
    """Return coupons, newest first; those valid at a moment if given."""
    found = Coupon.objects.order_by("-created_at", "-id")
    if valid_at is None:
        return found
    return found.exclude(starts_at__gt=valid_at).exclude(ends_at__lte=valid_at)


def _percent(value: Any) -> Decimal | None:
    """Hundredths of a percent at most; a float is never a rate."""
    if value is None:
        return None
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 < value <= 100:
        raise refusals.InvalidCoupon(field="percent")
    if value != round(value, 2):
        raise refusals.InvalidCoupon(field="percent")
    return value


def _require_applicable(
    coupon: Coupon, customer: Customer, lines: Sequence[totals.Line], currency: str
) -> None:
    base = totals.discountable(lines)
    chosen = coupon.for_customers.values_list("customer_id", flat=True)
    if coupon.currency != currency or not base or sum(line.subtotal for line in lines) < coupon.minimum_order:
        raise refusals.CouponNotApplicable
    if chosen and customer.pk not in chosen:
        raise refusals.CouponNotApplicable


def _require_left(coupon: Coupon, customer: Customer) -> None:
    if coupon.total_limit is not None and coupon.used >= coupon.total_limit:
        raise refusals.CouponUsedUp
    own = coupon.uses.filter(customer=customer, returned_at=None)
    if coupon.customer_limit is not None and own.count() >= coupon.customer_limit:
        raise refusals.CouponUsedUp
