"""What shoppers browse: filters, orders, and pages without an offset."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from saas.commerce import catalog, details, products
from saas.commerce.models import Product
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import BrandFactory, CategoryFactory, ProductFactory, TagFactory


def shown(**fields: object) -> Product:
    return ProductFactory(**{"published_at": timezone.now(), **fields})


def paged(
    found: QuerySet[Product], after: Callable[[QuerySet[Product], Product], QuerySet[Product]]
) -> list[Product]:
    """Read in pages of two until there is none."""
    rows = list(found[:2])
    while page := list(after(found, rows[-1])[:2]):
        rows += page
    return rows


def test_a_category_shows_what_is_in_it_and_below_it(acme: object) -> None:
    top = CategoryFactory()
    leaf = CategoryFactory(parent=CategoryFactory(parent=top))
    inside, below = shown(category=top), shown(category=leaf)
    shown(category=CategoryFactory())
    shown()
    assert set(catalog.newest(category=top)) == {inside, below}
    assert set(catalog.newest(category=leaf)) == {below}


def test_brand_tag_and_prices_narrow_it_down_together(acme: object) -> None:
    brand, tag = BrandFactory(), TagFactory()
    right = shown(brand=brand, price=1000)
    for other in (shown(brand=brand, price=1001), shown(price=1000)):
        details.tag(other, [tag])
    details.tag(right, [tag, TagFactory()])
    shown(brand=brand, price=1000)
    assert list(catalog.newest(brand=brand, tag=tag, price_from=1000, price_to=1000)) == [right]
    assert len(catalog.newest(tag=tag)) == 3
    assert len(catalog.newest(price_to=1000)) == 3
    assert list(catalog.newest(price_from=1002)) == []


def test_drafts_what_comes_later_and_what_is_archived_are_not_shown(acme: object) -> None:
    ProductFactory()
    shown(archived_at=timezone.now(), featured_at=timezone.now())
    later = shown(published_at=timezone.now() + timedelta(days=1), featured_at=timezone.now())
    assert list(catalog.newest()) == list(catalog.featured()) == []
    assert list(catalog.newest(at=timezone.now() + timedelta(days=2))) == [later]


def test_each_order_is_read_to_its_end_page_by_page_also_where_rows_are_equal(acme: object) -> None:
    now = timezone.now()
    for number in range(7):
        shown(price=100 * (number % 3), created_at=now, featured_at=now - timedelta(hours=number % 2))
    newest = paged(catalog.newest(), lambda found, row: products.older_than(found, row.created_at, row.pk))
    assert newest == sorted(newest, key=lambda row: row.pk, reverse=True)
    cheapest = paged(
        catalog.cheapest(catalog.newest()), lambda found, row: catalog.dearer_than(found, row.price, row.pk)
    )
    assert [row.price for row in cheapest] == [0, 0, 0, 100, 100, 200, 200]
    featured = paged(
        catalog.featured(),
        lambda found, row: catalog.featured_before(found, row.featured_at or now, row.pk),
    )
    assert [row.featured_at for row in featured] == [now] * 4 + [now - timedelta(hours=1)] * 3
    assert len(set(newest)) == len(set(cheapest)) == len(set(featured)) == 7


def test_another_tenant_s_products_are_not_shown(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        shown(featured_at=timezone.now())
    with context.use(two_tenants[0]):
        assert list(catalog.newest()) == list(catalog.featured()) == []
