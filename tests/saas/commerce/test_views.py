"""Views: written in bulk, moved to one number per day, counted once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from django.db import connections
from pytest_django import DjangoAssertNumQueries

from saas.commerce import views
from saas.commerce.models import ProductView, ProductViewDay
from saas.commerce.views import Look
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import CustomerFactory, ProductFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def per_day() -> set[tuple[object, date, int]]:
    return set(ProductViewDay.objects.values_list("product_id", "day", "count"))


def test_a_thousand_looks_are_one_statement(
    acme: object, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product, customer = ProductFactory().pk, CustomerFactory().pk
    with django_assert_num_queries(1):
        assert views.record(Look(product, customer) for _ in range(1000)) == 1000
    assert views.record([]) == 0
    assert ProductView.objects.filter(product=product, customer=customer).count() == 1000


def test_whole_days_are_rolled_up_once_and_added_to_what_is_there(acme: object) -> None:
    one, other = ProductFactory().pk, ProductFactory().pk
    views.record([Look(one, at=NOON), Look(one, at=NOON), Look(other, at=NOON), Look(one, at=NOON + DAY)])
    assert views.roll_up(before=date(2026, 3, 2)) == 2
    assert per_day() == {(one, date(2026, 3, 1), 2), (other, date(2026, 3, 1), 1)}
    assert ProductView.objects.count() == 1
    views.record([Look(one, at=NOON)])  # it came late
    assert views.roll_up(before=date(2026, 3, 3)) == 2
    assert per_day() == {
        (one, date(2026, 3, 1), 3),
        (one, date(2026, 3, 2), 1),
        (other, date(2026, 3, 1), 1),
    }
    assert views.roll_up(before=date(2026, 3, 3)) == 0


def test_a_day_ends_at_midnight_of_utc(acme: object) -> None:
    product = ProductFactory().pk
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    views.record([Look(product, at=midnight - timedelta(microseconds=1)), Look(product, at=midnight)])
    views.roll_up(before=date(2026, 3, 2))
    assert per_day() == {(product, date(2026, 3, 1), 1)}


def test_what_is_popular_counts_the_days_asked_for(acme: object) -> None:
    one, other, never = ProductFactory(), ProductFactory(), ProductFactory()
    for product, days, count in ((one, 0, 5), (one, 1, 1), (other, 1, 2), (other, 2, 2), (never, 3, 9)):
        ProductViewDay.objects.create(product=product, day=date(2026, 3, 1) + days * DAY, count=count)
    found = views.popular(start=date(2026, 3, 2), end=date(2026, 3, 4))
    assert [(product, product.looks) for product in found] == [(other, 4), (one, 1)]


def test_a_customer_sees_what_they_saw_last_each_product_once(acme: object) -> None:
    me, somebody = CustomerFactory(), CustomerFactory()
    one, other = ProductFactory(), ProductFactory()
    views.record(
        [
            Look(one.pk, me.pk, NOON),
            Look(other.pk, me.pk, NOON + DAY),
            Look(one.pk, me.pk, NOON + 2 * DAY),
            Look(other.pk, somebody.pk, NOON + 3 * DAY),
        ]
    )
    assert list(views.seen_by(me)) == [one, other]


def test_looks_that_several_roll_up_at_once_are_counted_once(
    fresh_db: str, tenant: Callable[[str], Entry]
) -> None:
    acme = tenant("acme")
    with context.use(acme):
        made = [ProductFactory().pk for _ in range(10)]
        views.record(Look(product, at=NOON) for product in made for _ in range(50))

    def roll_up(_: int) -> None:
        try:
            with context.use(acme):
                views.roll_up(before=date(2026, 3, 2))
                views.record([Look(made[0], at=NOON)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(roll_up, range(6)))
    with context.use(acme):
        views.roll_up(before=date(2026, 3, 2))
        assert per_day() == {
            (made[0], date(2026, 3, 1), 56),
            *((one, date(2026, 3, 1), 50) for one in made[1:]),
        }


def test_another_tenant_s_looks_stay_where_they_are(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        views.record([Look(ProductFactory().pk, at=NOON)])
    with context.use(two_tenants[0]):
        assert views.roll_up(before=date(2026, 3, 2)) == 0
    with context.use(two_tenants[1]):
        assert ProductView.objects.count() == 1
