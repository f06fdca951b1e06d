"""Prices over time: kept when they change, read for a moment, and never two at once."""

from datetime import UTC, datetime, timedelta

import time_machine

from saas.commerce import prices, products
from saas.commerce.models import PastPrice
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import ProductFactory

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_each_change_of_a_price_ends_the_time_of_the_one_before(acme: object) -> None:
    product = ProductFactory(price=100, created_at=START)
    for day, price in ((5, 200), (9, 150)):
        with time_machine.travel(START + day * DAY, tick=False):
            products.update(product, price=price)
    kept = prices.history(product).values_list("price", "currency", "valid_from", "valid_until")
    assert list(kept) == [
        (200, "EUR", START + 5 * DAY, START + 9 * DAY),
        (100, "EUR", START, START + 5 * DAY),
    ]
    moments = [prices.at(product, START + day * DAY) for day in (-1, 0, 4.9, 5, 8.9, 9, 99)]
    assert moments == [
        None,
        (100, "EUR"),
        (100, "EUR"),
        (200, "EUR"),
        (200, "EUR"),
        (150, "EUR"),
        (150, "EUR"),
    ]


def test_what_is_no_change_of_the_price_keeps_nothing(acme: object) -> None:
    product = ProductFactory(price=100, created_at=START)
    products.update(product, price=100, name="Other")
    products.publish(product)
    assert PastPrice.objects.count() == 0
    assert prices.at(product, START) == (100, "EUR")


def test_a_change_of_currency_is_one_of_price(acme: object) -> None:
    product = ProductFactory(price=100, created_at=START)
    products.update(product, currency="CHF")
    assert prices.at(product, START) == (100, "EUR")


def test_two_changes_in_the_same_moment_keep_the_first_price(acme: object) -> None:
    product = ProductFactory(price=100, created_at=START)
    with time_machine.travel(START + DAY, tick=False):
        products.update(product, price=200)
        products.update(product, price=300)
    assert prices.history(product).get().price == 100
    assert prices.at(product, START + DAY) == (300, "EUR")


def test_the_lowest_price_counts_those_of_the_last_thirty_days(acme: object) -> None:
    product = ProductFactory(price=50, created_at=START)
    for day, price in ((10, 90), (20, 80), (35, 100)):
        with time_machine.travel(START + day * DAY, tick=False):
            products.update(product, price=price)
    for day, least in ((36, 50), (39, 50), (41, 80), (64, 80), (66, 100)):
        # 50 ends on day 10: until day 40 it is within thirty days; 80 ends on day 35.
        with time_machine.travel(START + day * DAY, tick=False):
            assert prices.lowest(product) == least


def test_another_tenant_has_prices_of_its_own(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        products.update(ProductFactory(price=1, created_at=START), price=2)
    with context.use(two_tenants[0]):
        assert PastPrice.objects.count() == 0
