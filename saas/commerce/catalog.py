"""What shoppers browse: published products by category, brand, tag and price, page by page without an offset."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from saas.commerce import categories, products
from saas.commerce.models import Brand, Category, Product, ProductTag, Tag


def newest(
    *,
    category: Category | None = None,
    brand: Brand | None = None,
    tag: Tag | None = None,
    price_from: int | None = None,
    price_to: int | None = None,
    at: datetime | None = None,
) -> QuerySet[Product]:
    """Return what is published, newest first: in category and all below it, of brand, with tag, within prices.

    Both prices are included. The next page is `products.older_than` of the last row.
    """
    found = products.published(at=at)
    if category is not None:
        found = found.filter(category__in=categories.branch(category))
    if brand is not None:
        found = found.filter(brand=brand)
    if tag is not None:
        found = found.filter(Exists(ProductTag.objects.filter(tag=tag, product=OuterRef("pk"))))
    if price_from is not None:
        found = found.filter(price__gte=price_from)
    if price_to is not None:
        found = found.filter(price__lte=price_to)
    return found


def cheapest(found: QuerySet[Product]) -> QuerySet[Product]:
    """Order what `newest` found by price."""
    return found.order_by("price", "id")


def dearer_than(found: QuerySet[Product], price: int, id: UUID) -> QuerySet[Product]:  # noqa: A002
    """Return those after a row in the order of prices: the next page of `cheapest`."""
    return found.filter(TupleGreaterThan(Tuple("price", "id"), (price, id)))


def featured(*, at: datetime | None = None) -> QuerySet[Product]:
    """Return what is published and featured, featured last first."""
    return products.published(at=at).filter(featured_at__isnull=False).order_by("-featured_at", "-id")


def featured_before(found: QuerySet[Product], featured_at: datetime, id: UUID) -> QuerySet[Product]:  # noqa: A002
    """Return those after a row of `featured`."""
    return found.filter(TupleLessThan(Tuple("featured_at", "id"), (featured_at, id)))
