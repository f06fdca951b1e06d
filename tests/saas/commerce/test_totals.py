"""Totals: no cent is lost or made, whatever the prices, rates and discounts."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.commerce import totals
from saas.commerce.totals import Line

amounts = st.integers(0, 10**12)
rates = st.decimals(0, Decimal("0.5"), places=4)
lines = st.builds(Line, amounts, st.integers(1, 999), rates, st.booleans())
carts = st.lists(lines, min_size=1, max_size=12)


@given(carts, st.data(), amounts, st.booleans())
def test_everything_adds_up_and_nothing_is_negative(
    cart: list[Line], data: st.DataObject, shipping: int, tax_included: bool
) -> None:
    discount = data.draw(st.integers(0, totals.discountable(cart)))
    made = totals.compute(cart, discount=discount, shipping=shipping, tax_included=tax_included)
    assert made.discount == discount == sum(line.discount for line in made.lines)
    assert made.subtotal == sum(line.unit_price * line.quantity for line in cart)
    paid = sum(line.total + (0 if tax_included else line.tax) for line in made.lines) + shipping
    assert made.total == paid >= shipping
    for line, share in zip(cart, made.lines, strict=True):
        assert 0 <= share.discount <= share.subtotal == line.subtotal
        assert share.total >= 0
        assert share.tax >= 0
        assert line.discountable or share.discount == 0


@given(amounts, st.lists(amounts, min_size=1, max_size=30))
def test_a_split_is_exact_and_no_part_is_a_cent_away_from_its_due(amount: int, weights: list[int]) -> None:
    whole = sum(weights)
    amount = min(amount, whole)
    parts = totals.split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert part <= weight
        assert abs(part - Fraction(amount * weight, whole or 1)) < 1


@given(amounts, rates)
def test_a_tax_is_at_most_half_a_cent_away_from_the_exact_one(amount: int, rate: Decimal) -> None:
    assert abs(totals.tax_on(amount, rate) - amount * Fraction(rate)) <= Fraction(1, 2)
    exact = Fraction(amount) - Fraction(amount) / (1 + Fraction(rate))
    assert abs(totals.tax_in(amount, rate) - exact) <= Fraction(1, 2)


@given(amounts, st.decimals(0, 100, places=2), st.none() | amounts)
def test_a_percentage_is_never_more_than_the_price_or_the_maximum(
    price: int, percent: Decimal, maximum: int | None
) -> None:
    found = totals.reduction(price, percent=percent, maximum=maximum)
    assert 0 <= found <= price
    assert maximum is None or found <= maximum
    assert totals.reduction(price, percent=Decimal(100)) == price


def test_a_discount_of_one_unit_per_three_lines_goes_to_the_largest_remainders() -> None:
    # 100 over 1:1:1 is 33.33 each: one cent is left, and the first of equal remainders gets it.
    assert totals.split(100, [500, 500, 500]) == [34, 33, 33]
    # 10 over 1:2:4 is 1.43, 2.86, 5.71: down to 1, 2, 5; the two left go to .86 and .71.
    assert totals.split(10, [100, 200, 400]) == [1, 3, 6]


def test_an_order_by_hand() -> None:
    # 3 x 19.99 = 59.97 and 1 x 5.00; 10 % of 64.97 is 6.497, so 6.50: 6.00 and 0.50.
    # 19 % of 53.97 is 10.2543; 7 % of 4.50 is 0.315, so 0.32.
    cart = [Line(1999, 3, Decimal("0.19")), Line(500, 1, Decimal("0.07"))]
    discount = totals.reduction(totals.discountable(cart), percent=Decimal(10))
    made = totals.compute(cart, discount=discount, shipping=490)
    assert [(one.subtotal, one.discount, one.tax) for one in made.lines] == [(5997, 600, 1025), (500, 50, 32)]
    assert (made.subtotal, made.discount, made.tax, made.total) == (6497, 650, 1057, 7394)


def test_a_tax_that_is_included_changes_no_total() -> None:
    # 119.00 with 19 % in it holds 19.00.
    made = totals.compute([Line(11900, 1, Decimal("0.19"))], tax_included=True, shipping=100)
    assert (made.tax, made.total) == (1900, 12000)


@pytest.mark.parametrize(("exact", "whole"), [("0.5", 1), ("0.4999", 0), ("1.5", 2), ("2.5", 3), ("2", 2)])
def test_a_half_goes_up(exact: str, whole: int) -> None:
    assert totals.half_up(Fraction(exact)) == whole


def test_a_fixed_amount_never_makes_the_price_negative() -> None:
    assert totals.reduction(300, amount=500) == 300
    assert totals.reduction(300, amount=200, maximum=150) == 150


@pytest.mark.parametrize(
    "wrong",
    [
        {"discount": -1},
        {"discount": 101},
        {"shipping": -1},
        {"lines": [Line(-1, 1)]},
        {"lines": [Line(100, -1)]},
        {"lines": [Line(100, 1, Decimal("-0.1"))]},
        {"discount": 1, "lines": [Line(100, 1, discountable=False)]},
    ],
)
def test_it_refuses_what_would_not_be_a_price(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        totals.compute(**{"lines": [Line(100, 1)], **wrong})  # type: ignore[arg-type]
