"""Reviews: one of each customer and product, hidden or shown, and the votes of those whom they helped.

The product's rating and the review's votes are counted by triggers; `recount` proves it and repairs them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connections, router, transaction
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils import timezone

from saas.commerce import constraints, values
from saas.commerce.models import Customer, Product, Review, ReviewVote

# Which order of a customer brought them a product; None when none did.
Bought = Callable[[Customer, Product], UUID | None]

WRONG_RATINGS = """
SELECT id FROM commerce_product product
WHERE (rating_count, rating_sum) <> (
    SELECT count(*), coalesce(sum(rating), 0) FROM commerce_review WHERE product_id = product.id AND hidden_at IS NULL
)
ORDER BY id FOR NO KEY UPDATE
"""
RECOUNT_RATINGS = """
UPDATE commerce_product product
SET rating_count = counted.number, rating_sum = counted.stars
FROM (
    SELECT p.id, count(r.id) AS number, coalesce(sum(r.rating), 0) AS stars
    FROM commerce_product p
    LEFT JOIN commerce_review r ON r.product_id = p.id AND r.hidden_at IS NULL
    WHERE p.id = ANY (%s)
    GROUP BY p.id
) AS counted
WHERE counted.id = product.id AND (product.rating_count, product.rating_sum) <> (counted.number, counted.stars)
"""
WRONG_VOTES = """
SELECT id FROM commerce_review review
WHERE helpful_count <> (SELECT count(*) FROM commerce_reviewvote WHERE review_id = review.id)
ORDER BY id FOR NO KEY UPDATE
"""
RECOUNT_VOTES = """
UPDATE commerce_review review
SET helpful_count = counted.number
FROM (
    SELECT r.id, count(v.id) AS number
    FROM commerce_review r LEFT JOIN commerce_reviewvote v ON v.review_id = r.id
    WHERE r.id = ANY (%s)
    GROUP BY r.id
) AS counted
WHERE counted.id = review.id AND review.helpful_count <> counted.number
"""
VOTE = """
INSERT INTO commerce_reviewvote (id, review_id, customer_id, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (review_id, customer_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many rows had another count than their details."""

    products: int
    reviews: int


def _nobody_asked(_customer: Customer, _product: Product) -> None:
    return None


def write(
    customer: Customer,
    product: Product,
    *,
    rating: int,
    title: str = "",
    body: str = "",
    bought: Bought = _nobody_asked,
) -> Review:
    """Write the one review of customer on product, verified if `bought` finds an order.

    Raises InvalidRating, InvalidText, ReviewedAlready.
    """
    review = Review(
        product=product,
        customer=customer,
        rating=values.rating(rating),
        title=_title(title),
        body=_body(body),
    )
    review.verified_order_id = bought(customer, product)
    with constraints.translated():
        review.save(force_insert=True)
    return review


def change(
    review: Review, *, rating: int | None = None, title: str | None = None, body: str | None = None
) -> Review:
    """Change only what is given. Raises InvalidRating, InvalidText, Review.DoesNotExist."""
    given: dict[str, object] = {
        **({} if rating is None else {"rating": values.rating(rating)}),
        **({} if title is None else {"title": _title(title)}),
        **({} if body is None else {"body": _body(body)}),
    }
    return _write(review, given) if given else review


def hide(review: Review) -> Review:
    """Take review out of the lists and of the product's rating; hidden already, it keeps its date."""
    Review.objects.filter(pk=review.pk, hidden_at=None).update(hidden_at=timezone.now())
    review.refresh_from_db()
    return review


def show(review: Review) -> Review:
    """Bring a hidden review back."""
    return _write(review, {"hidden_at": None})


def remove(review: Review) -> None:
    """Delete review with its votes."""
    review.delete()


def vote(review: Review, customer: Customer) -> bool:
    """Note that customer found review helpful; whether that is new. Raises OwnReview."""
    made = ReviewVote(review=review, customer=customer)
    using = router.db_for_write(ReviewVote)
    with constraints.translated(), connections[using].cursor() as cursor:
        cursor.execute(VOTE, [made.pk, review.pk, customer.pk, made.created_at])
        return bool(cursor.rowcount)


def take_back(review: Review, customer: Customer) -> bool:
    """Take the vote of customer back; whether there was one."""
    return bool(ReviewVote.objects.filter(review=review, customer=customer).delete()[0])


def newest(product: Product) -> QuerySet[Review]:
    """Return what is shown of product, newest first."""
    return Review.objects.filter(product=product, hidden_at=None).order_by("-created_at", "-id")


def most_helpful(product: Product) -> QuerySet[Review]:
    """Return what is shown of product, what helped most first."""
    return Review.objects.filter(product=product, hidden_at=None).order_by("-helpful_count", "-id")


def of(customer: Customer) -> QuerySet[Review]:
    """Return all that customer wrote, newest first, each with its product."""
    found = Review.objects.filter(customer=customer).select_related("product").defer("product__search")
    return found.order_by("-created_at", "-id")


def older_than(reviews: QuerySet[Review], created_at: datetime, id: UUID) -> QuerySet[Review]:  # noqa: A002
    """Return those after a row in the order newest first."""
    return reviews.filter(TupleLessThan(Tuple("created_at", "id"), (created_at, id)))


def less_helpful_than(reviews: QuerySet[Review], helpful_count: int, id: UUID) -> QuerySet[Review]:  # noqa: A002
    """Return those after a row in the order most helpful first."""
    return reviews.filter(TupleLessThan(Tuple("helpful_count", "id"), (helpful_count, id)))


def recount() -> Repaired:
    """Set every rating and every number of votes to what their rows say; returns how many were wrong.

    What seems wrong is locked first and counted again then: who writes meanwhile waits, and is counted once.
    """
    return Repaired(_recount(WRONG_RATINGS, RECOUNT_RATINGS), _recount(WRONG_VOTES, RECOUNT_VOTES))


def _recount(wrong: str, repair: str) -> int:
    using = router.db_for_write(Review)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(wrong)
        cursor.execute(repair, [[row[0] for row in cursor.fetchall()]])
        return int(cursor.rowcount)


def _write(review: Review, fields: dict[str, object]) -> Review:
    fields = {**fields, "updated_at": timezone.now()}
    with constraints.translated():
        if not Review.objects.filter(pk=review.pk).update(**fields):
            raise Review.DoesNotExist
    for field, value in fields.items():
        setattr(review, field, value)
    return review


def _title(title: str) -> str:
    return values.text(title, values.TITLE_LENGTH, field="title")


def _body(body: str) -> str:
    return values.text(body, values.BODY_LENGTH, field="body")
