"""Quotes: what the things in a cart cost now, with a coupon or without. Whoever asks for one changes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from saas.commerce import carts, coupons, refusals, totals, values
from saas.commerce.models import Cart, CartLine, Coupon
from saas.commerce.totals import Line, Share, Totals


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order costs beside its goods: shipping in minor units, a tax rate, for some products another one."""

    shipping: int = 0
    tax_rate: Decimal = Decimal(0)
    tax_included: bool = False
    rates: Mapping[UUID, Decimal] = field(default_factory=dict)

    def rate_of(self, product_id: UUID) -> Decimal:
        return self.rates.get(product_id, self.tax_rate)


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines of a cart and what they come to, one share and one tax rate for each."""

    currency: str
    lines: tuple[CartLine, ...]
    rates: tuple[Decimal, ...]
    totals: Totals

    def quantities(self) -> dict[UUID, int]:
        """Return how many of which variant."""
        return {line.variant_id: line.quantity for line in self.lines}

    def rows(self) -> Iterator[tuple[CartLine, Share, Decimal]]:
        return zip(self.lines, self.totals.lines, self.rates, strict=True)


def of(cart: Cart, *, terms: Terms, coupon: Coupon | None = None) -> Quote:
    """Return what cart costs now: two queries, four with a coupon.

    Raises CartEmpty, NotForSale, OtherCurrency, CouponRefused; InvalidOrder for terms that no order has.
    """
    held = tuple(carts.lines(cart))
    currency = _currency(held)
    chosen = coupons.products_of(coupon) if coupon else frozenset()
    rates = tuple(_rate(terms, line) for line in held)
    priced = [
        Line(
            unit_price=line.variant.price,
            quantity=line.quantity,
            tax_rate=rate,
            discountable=not chosen or line.variant.product_id in chosen,
        )
        for line, rate in zip(held, rates, strict=True)
    ]
    off = 0
    if coupon is not None:
        off = coupons.discount(coupon, cart.customer, priced, currency=currency, at=timezone.now())
    made = totals.compute(
        priced,
        discount=off,
        shipping=values.price(terms.shipping, field="shipping"),
        tax_included=terms.tax_included,
    )
    if max(made.subtotal, made.total) > values.PRICE_MAX:
        raise refusals.InvalidOrder
    return Quote(currency=currency, lines=held, rates=rates, totals=made)


def _currency(held: tuple[CartLine, ...]) -> str:
    if not held:
        raise refusals.CartEmpty
    for line in held:
        if not line.variant.product.is_published():
            raise refusals.NotForSale(
                f"{line.variant.product.name} is not for sale now. Take it out of the cart."
            )
    first, *others = {line.variant.product.currency for line in held}
    if others:
        raise refusals.OtherCurrency
    return first


def _rate(terms: Terms, line: CartLine) -> Decimal:
    """Four decimals, as the order keeps them; below 10, which is 1,000 %."""
    rate = terms.rate_of(line.variant.product_id)
    if not isinstance(rate, Decimal) or not rate.is_finite() or not 0 <= rate < 10 or rate != round(rate, 4):
        raise refusals.InvalidOrder(field="tax_rate")
    return rate
