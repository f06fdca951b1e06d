"""Who looked at which product: written in bulk, rolled up per day, read as what is popular and what was seen last."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from saas.commerce import ids
from saas.commerce.models import Customer, Product, ProductView

BATCH_ROWS = 1_000
# Who deletes a look adds it, however many roll up at once.
TAKE = """
WITH gone AS (
    DELETE FROM commerce_productview WHERE at < %s RETURNING product_id, at
)
SELECT product_id, (at AT TIME ZONE 'UTC')::date AS day, count(*) FROM gone GROUP BY 1, 2 ORDER BY 1, 2
"""
ADD = """
INSERT INTO commerce_productviewday AS kept (id, product_id, day, count)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::bigint[])
ON CONFLICT (product_id, day) DO UPDATE SET count = kept.count + excluded.count
"""


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody looked at a product: a customer, or who knows."""

    product_id: UUID
    customer_id: UUID | None = None
    at: datetime = field(default_factory=timezone.now)


def record(looks: Iterable[Look]) -> int:
    """Write looks, in one statement per thousand; returns how many. Whoever serves pages collects them first."""
    rows = [
        ProductView(product_id=look.product_id, customer_id=look.customer_id, at=look.at) for look in looks
    ]
    ProductView.objects.bulk_create(rows, batch_size=BATCH_ROWS)
    return len(rows)


def roll_up(*, before: date) -> int:
    """Move the looks of all days before one (UTC) to their number per day; returns how many product-days they were."""
    midnight = datetime.combine(before, time.min, tzinfo=UTC)
    using = router.db_for_write(ProductView)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(TAKE, [midnight])
        rows = cursor.fetchall()
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
        cursor.execute(ADD, [[ids.new() for _ in rows], *columns])
        return len(rows)


def popular(*, start: date, end: date) -> QuerySet[Any]:
    """Return products by how often they were looked at from start to before end, most first, each with its `looks`."""
    return (
        Product.objects.filter(archived_at=None, views_per_day__day__gte=start, views_per_day__day__lt=end)
        .annotate(looks=Sum("views_per_day__count"))
        .order_by("-looks", "-id")
    )


def seen_by(customer: Customer) -> QuerySet[Product]:
    """Return what customer looked at since the last roll-up, the last one first, each once with `seen_at`."""
    return (
        Product.objects.filter(views__customer=customer)
        .annotate(seen_at=Max("views__at"))
        .order_by("-seen_at", "-id")
    )
