"""What an order costs: pure whole-number arithmetic that loses no cent. Nothing here may know Django or the database.

Prices stand either without tax, which is then added, or with the tax in them (`tax_included`): one or the other for a
whole order. Tax is rounded half up once per line, after the line's part of the discount; every sum is a sum of rounded
parts. Shipping is a final amount, its tax in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one thing, at a price in minor units; a discount touches it or not."""

    unit_price: int
    quantity: int
    tax_rate: Decimal = Decimal(0)  # 0.19 is 19 %
    discountable: bool = True

    @property
    def subtotal(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Share:
    """What a line comes to. total = subtotal - discount; tax is in it or stands beside it, as for the whole order."""

    subtotal: int
    discount: int
    tax: int

    @property
    def total(self) -> int:
        return self.subtotal - self.discount


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order comes to, its lines in the order in which they were given."""

    lines: tuple[Share, ...]
    shipping: int
    tax_included: bool

    @property
    def subtotal(self) -> int:
        return sum(line.subtotal for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines)

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.subtotal - self.discount + self.shipping + (0 if self.tax_included else self.tax)


def compute(
    lines: Sequence[Line], *, discount: int = 0, shipping: int = 0, tax_included: bool = False
) -> Totals:
    """Return what lines come to with a discount on those that it touches, of which it is at most the whole price.

    Raises ValueError for anything negative and for a discount above what it applies to.
    """
    if shipping < 0 or any(line.unit_price < 0 or line.quantity < 0 or line.tax_rate < 0 for line in lines):
        raise ValueError("Prices, quantities, tax rates and shipping are 0 or more.")
    parts = split(discount, [line.subtotal if line.discountable else 0 for line in lines])
    shares = tuple(
        Share(
            subtotal=line.subtotal,
            discount=part,
            tax=tax_in(line.subtotal - part, line.tax_rate)
            if tax_included
            else tax_on(line.subtotal - part, line.tax_rate),
        )
        for line, part in zip(lines, parts, strict=True)
    )
    return Totals(lines=shares, shipping=shipping, tax_included=tax_included)


def discountable(lines: Sequence[Line]) -> int:
    """Return what a discount may apply to."""
    return sum(line.subtotal for line in lines if line.discountable)


def reduction(
    price: int, *, percent: Decimal | None = None, amount: int | None = None, maximum: int | None = None
) -> int:
    """Return a percentage of price, rounded half up, or an amount; at most maximum, and never more than price."""
    wanted = half_up(price * Fraction(percent) / 100) if percent is not None else amount or 0
    return min(wanted, price, price if maximum is None else maximum)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of amount in proportion to weights that add up to it, none above its weight.

    The largest remainders get what rounding down left over, the earlier first. Raises ValueError unless
    0 <= amount <= the sum of weights.
    """
    whole = sum(weights)
    if not 0 <= amount <= whole:
        raise ValueError(f"{amount} cannot be split over {whole}.")
    if not amount:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: -(amount * weights[at] % whole))
    for at in by_remainder[: amount - sum(parts)]:
        parts[at] += 1
    return parts


def tax_on(net: int, rate: Decimal) -> int:
    """Return the tax that is added to net, rounded half up."""
    return half_up(net * Fraction(rate))


def tax_in(gross: int, rate: Decimal) -> int:
    """Return the tax that is part of gross, rounded half up."""
    return half_up(gross * Fraction(rate) / (1 + Fraction(rate)))


def half_up(exact: Fraction) -> int:
    """Return exact, 0 or more, as a whole number; a half goes up. Exact itself, however large."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
