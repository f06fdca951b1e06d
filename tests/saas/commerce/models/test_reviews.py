"""What the database refuses of reviews and votes, whoever writes."""

import pytest

from saas.commerce.models import Product, Review, ReviewVote
from tests.saas.commerce.factories import CustomerFactory, ProductFactory, ReviewFactory
from tests.saas.commerce.models.test_catalog import refused


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_stars_are_one_to_five(acme: object, rating: int) -> None:
    assert refused(lambda: ReviewFactory(rating=rating)) == "commerce_review_rating_range"


def test_a_review_and_a_vote_are_given_once(acme: object) -> None:
    review, reader = ReviewFactory(), CustomerFactory()
    again = Review(product=review.product, customer=review.customer, rating=1)
    assert refused(again.save) == "commerce_review_once"
    ReviewVote.objects.create(review=review, customer=reader)
    assert refused(ReviewVote(review=review, customer=reader).save) == "commerce_reviewvote_once"
    assert Review.objects.get().helpful_count == 1


def test_a_vote_for_oneself_or_one_that_moves_is_refused(acme: object) -> None:
    review, other = ReviewFactory(), ReviewFactory()
    assert refused(ReviewVote(review=review, customer=review.customer).save) == "commerce_reviewvote_not_own"
    ReviewVote.objects.create(review=review, customer=CustomerFactory())
    votes = ReviewVote.objects.all()
    assert refused(lambda: votes.update(review=other)) == "commerce_reviewvote_unchanged"


@pytest.mark.parametrize(("count", "total"), [(-1, 0), (0, 1), (2, 1), (2, 11)])
def test_a_rating_that_no_reviews_give_is_refused(acme: object, count: int, total: int) -> None:
    rows = Product.objects.filter(pk=ProductFactory().pk)
    assert refused(lambda: rows.update(rating_count=count, rating_sum=total)) == (
        "commerce_product_rating_possible"
    )


def test_nobody_has_fewer_votes_than_none(acme: object) -> None:
    ReviewFactory()
    rows = Review.objects.all()
    assert refused(lambda: rows.update(helpful_count=-1)) == "commerce_review_helpful_not_negative"
