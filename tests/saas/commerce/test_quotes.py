"""Quotes: what a cart costs now; asking changes nothing."""

from decimal import Decimal

import pytest

from saas.commerce import coupons, products, quotes, refusals
from saas.commerce.models import Coupon, Order
from saas.commerce.quotes import Terms
from tenants import context
from tenants.directory import Entry
from tenants.exceptions import WrongTenant
from tests.saas.commerce.factories import CartFactory, filled, for_sale


def test_it_shows_the_price_of_now(acme: object) -> None:
    variant = for_sale(price=1000)
    cart = filled((variant, 2))
    assert quotes.of(cart, terms=Terms(shipping=490)).totals.total == 2490
    products.update(variant.product, price=1500)
    assert quotes.of(cart, terms=Terms(shipping=490)).totals.total == 3490


def test_it_uses_up_neither_coupon_nor_stock_nor_number(acme: object) -> None:
    variant = for_sale(price=1000)
    coupon = coupons.create("TEN", currency="EUR", percent=Decimal(10), total_limit=1)
    cart = filled((variant, 1))
    assert [quotes.of(cart, terms=Terms(), coupon=coupon).totals.total for _ in range(2)] == [900, 900]
    assert (Coupon.objects.get().used, Order.objects.count()) == (0, 0)
    variant.refresh_from_db()
    assert variant.quantity == 5


def test_each_product_may_have_its_own_tax_rate(acme: object) -> None:
    book, tent = for_sale(price=1000), for_sale(price=1000)
    terms = Terms(tax_rate=Decimal("0.19"), rates={book.product_id: Decimal("0.07")})
    quote = quotes.of(filled((book, 1), (tent, 1)), terms=terms)
    assert [line.tax for line in quote.totals.lines] == [70, 190]
    assert quote.quantities() == {book.pk: 1, tent.pk: 1}


def test_an_empty_cart_costs_nothing_that_could_be_said(acme: object) -> None:
    with pytest.raises(refusals.CartEmpty):
        quotes.of(CartFactory(), terms=Terms())


def test_another_tenant_s_cart_is_not_priced_here(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        cart = filled((for_sale(), 1))
    with context.use(two_tenants[1]), pytest.raises(WrongTenant):
        quotes.of(cart, terms=Terms())
