"""Reviews: one of each customer, a rating that always equals its recount, votes that count once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.commerce import exceptions, ids, reviews
from saas.commerce.models import Product, Review
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import CustomerFactory, ProductFactory, ReviewFactory

NOTHING = reviews.Repaired(0, 0)


def rating(product: Product) -> tuple[int, int]:
    return Product.objects.values_list("rating_count", "rating_sum").get(pk=product.pk)


def test_a_review_counts_for_its_product(acme: object) -> None:
    product = ProductFactory()
    assert product.rating is None
    for stars in (5, 4, 4):
        reviews.write(CustomerFactory(), product, rating=stars)
    assert rating(product) == (3, 13)
    assert Product.objects.get(pk=product.pk).rating == Decimal("4.33")  # 13 / 3 = 4.333...
    assert Product(rating_count=8, rating_sum=33).rating == Decimal("4.13")  # 4.125, half up


def test_a_customer_reviews_a_product_once(acme: object) -> None:
    customer, product = CustomerFactory(), ProductFactory()
    reviews.write(customer, product, rating=5)
    with pytest.raises(exceptions.ReviewedAlready):
        reviews.write(customer, product, rating=1)
    reviews.write(customer, ProductFactory(), rating=1)
    assert rating(product) == (1, 5)


def test_a_review_is_verified_by_the_order_that_brought_the_product(acme: object) -> None:
    customer, product, order = CustomerFactory(), ProductFactory(), ids.new()
    asked: list[tuple[object, object]] = []

    def bought(*about: object) -> Any:
        asked.append((about[0], about[1]))
        return order

    assert reviews.write(customer, product, rating=5, bought=bought).verified_order_id == order
    assert reviews.write(customer, ProductFactory(), rating=5).verified_order_id is None
    assert asked == [(customer, product)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"rating": 0}, "invalid_rating"),
        ({"rating": 6}, "invalid_rating"),
        ({"rating": True}, "invalid_rating"),
        ({"rating": 4.5}, "invalid_rating"),
        ({"title": "x" * 121}, "invalid_text"),
        ({"body": "x" * 5001}, "invalid_text"),
        ({"body": "\x00"}, "invalid_text"),
    ],
)
def test_it_refuses_what_cannot_be(acme: object, wrong: dict[str, Any], code: str) -> None:
    review = ReviewFactory()
    with pytest.raises(exceptions.InvalidValue) as writing:
        reviews.write(CustomerFactory(), ProductFactory(), **{"rating": 5, **wrong})
    with pytest.raises(exceptions.InvalidValue) as changing:
        reviews.change(review, **wrong)
    assert (writing.value.code, changing.value.code, Review.objects.count()) == (code, code, 1)


def test_a_hidden_review_counts_no_more_until_it_is_shown(acme: object) -> None:
    product = ProductFactory()
    review = reviews.write(CustomerFactory(), product, rating=1)
    other = reviews.write(CustomerFactory(), product, rating=5)
    since = reviews.hide(review).hidden_at
    assert reviews.hide(review).hidden_at == since
    assert (rating(product), list(reviews.newest(product))) == ((1, 5), [other])
    reviews.change(review, rating=2)
    assert rating(product) == (1, 5)
    reviews.show(review)
    assert (rating(product), set(reviews.most_helpful(product))) == ((2, 7), {review, other})
    reviews.remove(review)
    assert rating(product) == (1, 5)
    with pytest.raises(Review.DoesNotExist):
        reviews.show(Review(pk=ids.new()))


def test_a_vote_counts_once_and_can_be_taken_back_but_never_for_oneself(acme: object) -> None:
    review, reader = ReviewFactory(), CustomerFactory()
    assert (reviews.vote(review, reader), reviews.vote(review, reader)) == (True, False)
    with pytest.raises(exceptions.OwnReview):
        reviews.vote(review, review.customer)
    assert Review.objects.get().helpful_count == 1
    assert (reviews.take_back(review, reader), reviews.take_back(review, reader)) == (True, False)
    assert Review.objects.get().helpful_count == 0
    reviews.vote(review, reader)
    reviews.remove(review)
    assert reviews.recount() == NOTHING


def test_reviews_are_read_page_by_page_in_both_orders(acme: object) -> None:
    product = ProductFactory()
    made = [ReviewFactory(product=product) for _ in range(5)]
    for voters, review in zip((0, 2, 1, 2, 0), made, strict=True):
        for _ in range(voters):
            reviews.vote(review, CustomerFactory())
    newest = reviews.newest(product)
    second = list(newest[:2])[-1]
    assert list(reviews.older_than(newest, second.created_at, second.pk)) == made[2::-1]
    helpful = reviews.most_helpful(product)
    assert list(helpful) == [made[3], made[1], made[2], made[4], made[0]]
    third = list(helpful)[2]
    assert list(reviews.less_helpful_than(helpful, third.helpful_count, third.pk)) == [made[4], made[0]]
    assert list(reviews.of(made[0].customer)) == [made[0]]


def test_a_wrong_count_is_repaired_once(acme: object) -> None:
    review, other = ReviewFactory(rating=3), ReviewFactory()
    assert reviews.recount() == NOTHING
    Product.objects.filter(pk=review.product_id).update(rating_count=2, rating_sum=9)
    Review.objects.filter(pk=other.pk).update(helpful_count=7)
    assert (reviews.recount(), reviews.recount()) == (reviews.Repaired(1, 1), NOTHING)
    assert rating(review.product) == (1, 3)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["change", "hide", "show", "remove", "move"]), st.integers(0, 3), st.integers(1, 5)
    ),
    max_size=10,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_to_reviews_the_rating_equals_a_recount(
    acme: object, steps: list[tuple[str, int, int]]
) -> None:
    left, right = ProductFactory(), ProductFactory()
    written = [reviews.write(CustomerFactory(), product, rating=3) for product in (left, right, left, right)]
    for verb, which, stars in steps:
        rows = Review.objects.filter(pk=written[which].pk)
        match verb:
            case "change":
                rows.update(rating=stars)
            case "hide":
                rows.update(hidden_at=written[which].created_at)
            case "show":
                rows.update(hidden_at=None)
            case "move":
                rows.update(product=left if stars % 2 else right, rating=stars)
            case _:
                rows.delete()
    for product in (left, right):
        shown = Review.objects.filter(product=product, hidden_at=None).values_list("rating", flat=True)
        assert rating(product) == (len(shown), sum(shown))
    assert reviews.recount() == NOTHING


def test_fifty_who_review_and_vote_at_once_are_all_counted(
    fresh_db: str, tenant: Callable[[str], Entry]
) -> None:
    acme = tenant("acme")
    with context.use(acme):
        product, first = ProductFactory(), ReviewFactory()
        people = [CustomerFactory() for _ in range(50)]
    together = threading.Barrier(25)

    def write(number: int) -> bool:
        try:
            with context.use(acme):
                me = type(people[number]).objects.get(pk=people[number].pk)
                review, shop = Review.objects.get(pk=first.pk), Product.objects.get(pk=product.pk)
                if number < 25:
                    together.wait(30)
                reviews.write(me, shop, rating=number % 5 + 1)
                return reviews.vote(review, me)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(25) as pool:
        assert list(pool.map(write, range(50))) == [True] * 50
    with context.use(acme):
        assert rating(product) == (50, 150)  # each of 1 to 5 ten times
        assert Review.objects.get(pk=first.pk).helpful_count == 50
        assert reviews.recount() == NOTHING


def test_another_tenant_s_review_is_neither_changed_nor_voted_for(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        theirs = ReviewFactory().pk
    with context.use(two_tenants[0]):
        with pytest.raises(Review.DoesNotExist):
            reviews.change(Review(pk=theirs), rating=1)
        with pytest.raises(IntegrityError, match="foreign key"):
            reviews.vote(Review(pk=theirs), CustomerFactory())
