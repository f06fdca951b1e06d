"""Reports: days are whole days of a zone, cancelled orders count nowhere, and sums are those of the orders."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from saas.commerce import exceptions, orders, reports
from saas.commerce.models import Order, Variant
from saas.commerce.quotes import Terms
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import ADDRESS, filled, for_sale

TwoTenants = tuple[Entry, Entry]
BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def sell(at: datetime, *wanted: tuple[Variant, int], **more: Any) -> Order:
    with time_machine.travel(at, tick=False):
        return orders.place(filled(*wanted), shipping_address=ADDRESS, **more)


def tent(price: int = 1000, **product: Any) -> Variant:
    return for_sale(price=price, quantity=100, published_at=LONG_AGO, **product)


def test_every_day_has_its_row_and_the_total_runs_on(acme: object) -> None:
    variant = tent()
    sell(datetime(2026, 3, 1, 10, tzinfo=UTC), (variant, 1))
    sell(datetime(2026, 3, 1, 11, tzinfo=UTC), (variant, 2), terms=Terms(shipping=490))
    sell(datetime(2026, 3, 3, 0, tzinfo=UTC), (variant, 5))
    orders.cancel(sell(datetime(2026, 3, 2, 12, tzinfo=UTC), (variant, 7)))
    found = reports.sales(date(2026, 3, 1), date(2026, 3, 3), currency="EUR")
    assert [
        (one.day.day, one.orders, one.subtotal, one.shipping, one.total, one.running_total) for one in found
    ] == [
        (1, 2, 3000, 490, 3490, 3490),
        (2, 0, 0, 0, 0, 3490),
        (3, 1, 5000, 0, 5000, 8490),
    ]


def test_a_day_begins_at_the_midnight_of_its_zone_also_when_clocks_change(acme: object) -> None:
    variant = tent()
    # 2026-03-29 has 23 hours in Berlin: from 23:00 UTC of the 28th to 22:00 UTC of the 29th.
    for hour, day in ((22, 28), (23, 28), (21, 29), (22, 29)):
        sell(datetime(2026, 3, day, hour, 59 if hour == 21 else 0, tzinfo=UTC), (variant, 1))
    found = reports.sales(date(2026, 3, 28), date(2026, 3, 30), currency="EUR", zone=BERLIN)
    assert [(one.day.day, one.orders) for one in found] == [(28, 1), (29, 2), (30, 1)]
    only = reports.sales(date(2026, 3, 29), date(2026, 3, 29), currency="EUR", zone=BERLIN)
    assert [one.orders for one in only] == [2]


def test_currencies_are_not_added_up(acme: object) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    sell(at, (tent(), 1))
    sell(at, (tent(700, currency="USD"), 1))
    totals = {
        currency: reports.sales(at.date(), at.date(), currency=currency)[0].total
        for currency in ("EUR", "USD", "GBP")
    }
    assert totals == {"EUR": 1000, "USD": 700, "GBP": 0}


def test_products_are_ranked_by_what_they_brought_and_share_a_rank(acme: object) -> None:
    a, b, c = tent(1000, name="A"), tent(500, name="B"), tent(100, name="C")
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    sell(at, (a, 1), (b, 2), (c, 1))
    sell(at + timedelta(hours=1), (c, 2))
    sell(at + timedelta(days=1), (c, 99 - 3))
    found = reports.best_sellers(at.date(), at.date(), currency="EUR")
    assert [(one.rank, one.name, one.quantity, one.total) for one in found] == [
        (1, "A", 1, 1000),
        (1, "B", 2, 1000),
        (3, "C", 3, 300),
    ]
    assert [one.product_id for one in found] == [a.product_id, b.product_id, c.product_id]
    assert len(reports.best_sellers(at.date(), at.date(), currency="EUR", limit=1)) == 1


def test_a_report_is_one_query(acme: object) -> None:
    day = date(2026, 3, 1)
    reports.sales(day, day, currency="EUR")
    with CaptureQueriesContext(connections[router.db_for_write(Order)]) as counted:
        reports.sales(day, day + timedelta(days=365), currency="EUR")
        reports.best_sellers(day, day + timedelta(days=365), currency="EUR")
    assert len(counted) == 2


@pytest.mark.parametrize("days", [-1, 3660])
def test_it_refuses_a_range_that_is_none_or_too_long(acme: object, days: int) -> None:
    first = date(2026, 3, 1)
    for report in (reports.sales, reports.best_sellers):
        with pytest.raises(exceptions.InvalidValue):
            report(first, first + timedelta(days=days), currency="EUR")


def test_another_tenant_has_sold_nothing(two_tenants: TwoTenants) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with context.use(two_tenants[0]):
        sell(at, (tent(), 1))
    with context.use(two_tenants[1]):
        assert reports.sales(at.date(), at.date(), currency="EUR")[0].total == 0
        assert reports.best_sellers(at.date(), at.date(), currency="EUR") == []
