"""Seeds: exactly as many rows as asked, the same for the same seed, with counters and histories that are right."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce

from saas import exceptions, seeding
from saas.commerce import stock
from saas.commerce.models import (
    Order,
    OrderChange,
    OrderCounter,
    OrderItem,
    Payment,
    PaymentStep,
    Product,
    Review,
    StockEntry,
    Variant,
)
from saas.social import counters, feed
from saas.social.models import Follow, Like, Post, Profile
from saas.visitors.models import Visitor
from tenants import context, directory
from tenants.models import Tenant

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)
ROWS = 2_000

Found = Callable[[str], directory.Entry]

pytestmark = pytest.mark.usefixtures("fresh_db")


@pytest.fixture
def acme_tenant(tenant: Found) -> Tenant:
    return row("acme")


def row(slug: str) -> Tenant:
    with context.public():
        return Tenant.objects.get(slug=slug)


def contents(tenant: Tenant, *apps_: str) -> dict[str, list[str]]:
    with context.use(tenant):
        return {
            model._meta.db_table: sorted(map(repr, model._default_manager.values_list()))
            for app in apps_
            for model in apps.get_app_config(app).get_models()
        }


def count(tenant: Tenant, app: str) -> int:
    with context.use(tenant):
        return sum(model._default_manager.count() for model in apps.get_app_config(app).get_models())


@pytest.mark.parametrize("rows", [1_000, 1_777, 5_000])
@pytest.mark.parametrize("app", ["commerce", "social", "visitors"])
def test_it_makes_exactly_as_many_rows_as_asked(acme_tenant: Tenant, app: str, rows: int) -> None:
    made = seeding.seed(acme_tenant, app, rows, seed=2, until=UNTIL)
    assert made.rows == count(acme_tenant, app) == rows
    assert count(row("globex"), app) == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_kind_of_shop_has_stock_histories_and_sums_that_are_right(
    acme_tenant: Tenant, seed: int
) -> None:
    seeding.seed(acme_tenant, "commerce", 5_000, seed=seed, until=UNTIL)
    with context.use(acme_tenant):
        assert not stock.wrong().exists()
        bought = StockEntry.objects.values("variant").annotate(left=Sum("change"))
        assert {e["variant"]: e["left"] for e in bought if e["left"]} == dict(
            Variant.objects.filter(quantity__gt=0).values_list("id", "quantity")
        )
        assert Variant.objects.filter(low_since__isnull=False, quantity__gt=F("stock_minimum")).count() == 0
        assert Variant.objects.filter(low_since__isnull=True, quantity__lte=F("stock_minimum")).count() == 0
        assert not Product.objects.filter(variants=None).exists()
        rated = Product.objects.annotate(n=Count("reviews"), stars=Coalesce(Sum("reviews__rating"), 0))
        assert not rated.exclude(n=F("rating_count"), stars=F("rating_sum")).exists()
        assert not Review.objects.annotate(n=Count("votes")).exclude(n=F("helpful_count")).exists()
        assert Review.objects.exists()


def test_orders_are_what_the_triggers_would_have_let_through(acme_tenant: Tenant) -> None:
    seeding.seed(acme_tenant, "commerce", 5_000, seed=1, until=UNTIL)
    with context.use(acme_tenant):
        orders = list(Order.objects.order_by("number"))
        assert [order.number for order in orders] == list(range(1, len(orders) + 1))
        assert OrderCounter.objects.get().last == len(orders)
        assert [order.placed_at for order in orders] == sorted(order.placed_at for order in orders)
        for order in orders:
            changes = list(OrderChange.objects.filter(order=order).order_by("number"))
            assert [change.number for change in changes] == list(range(1, order.changes + 1))
            for field, first in (("status", ""), ("payment_status", "unpaid")):
                states = [first]
                for change in changes:
                    if change.field == field:
                        assert change.before == states[-1]
                        states.append(change.after)
                assert states[-1] == getattr(order, field)
        sums = OrderItem.objects.values("order").annotate(all=Sum("subtotal"))
        assert {line["order"]: line["all"] for line in sums} == {o.id: o.subtotal for o in orders}
        for payment in Payment.objects.select_related("order"):
            kept = PaymentStep.objects.filter(payment=payment, state="succeeded").values_list(
                "kind", "amount"
            )
            amounts = dict(kept)
            assert payment.authorized == amounts.get("authorize", 0)
            assert payment.captured == amounts.get("capture", 0)
            assert payment.refunded == amounts.get("refund", 0)
            assert payment.amount == payment.order.total


def test_a_seeded_shop_goes_on_as_any_other(acme_tenant: Tenant) -> None:
    """The triggers are awake again, and know where the seed stopped."""
    seeding.seed(acme_tenant, "commerce", ROWS, seed=1, until=UNTIL)
    with context.use(acme_tenant):
        variant = Variant.objects.filter(quantity__gt=0).first()
        assert variant is not None
        there = variant.quantity
        stock.adjust(variant, to=there + 3, reason="counted")
        entries = StockEntry.objects.filter(variant=variant).order_by("number")
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        assert Variant.objects.get(id=variant.id).quantity == there + 3


def test_every_counter_of_a_community_equals_its_recount(acme_tenant: Tenant) -> None:
    seeding.seed(acme_tenant, "social", 5_000, seed=4, until=UNTIL)
    with context.use(acme_tenant):
        assert counters.check() == []
        assert Post.objects.filter(likes__gt=0).exists()
        liked = Post.objects.order_by("-likes").first()
        assert liked is not None
        fan = Profile.objects.exclude(pk__in=Like.objects.filter(post=liked).values("profile")).first()
        if fan is not None:
            Like.objects.create(post=liked, profile=fan)
        assert counters.check() == []


def test_somebody_follows_most_and_their_feed_is_full(acme_tenant: Tenant) -> None:
    seeding.seed(acme_tenant, "social", 5_000, seed=4, until=UNTIL)
    with context.use(acme_tenant):
        reader = Profile.objects.order_by("-following").first()
        assert reader is not None
        assert (
            reader.following == Profile.objects.count() - 1 == Follow.objects.filter(follower=reader).count()
        )
        assert len(feed.home(reader)) == feed.LIMIT


def test_the_same_seed_makes_the_same_rows_with_the_same_ids(acme_tenant: Tenant) -> None:
    globex = row("globex")
    for tenant in (acme_tenant, globex):
        seeding.seed(tenant, "commerce", ROWS, seed=5, until=UNTIL)
        seeding.seed(tenant, "social", ROWS, seed=5, until=UNTIL)
    every = ("visitors", "commerce", "social")
    assert contents(acme_tenant, *every) == contents(globex, *every)
    seeding.seed(globex, "commerce", ROWS, seed=6, until=UNTIL, force=True)
    assert contents(acme_tenant, "commerce") != contents(globex, "commerce")


def test_shop_and_community_of_one_seed_have_the_same_people(acme_tenant: Tenant) -> None:
    seeding.seed(acme_tenant, "commerce", ROWS, seed=5, until=UNTIL)
    made = seeding.seed(acme_tenant, "social", 5_000, seed=5, until=UNTIL)
    with context.use(acme_tenant):
        both = Visitor.objects.exclude(customer=None).exclude(profile=None).count()
        assert both == 40  # every customer
        assert made.visitors == Profile.objects.count() - both == 60


def test_it_refuses_a_tenant_that_has_rows_of_the_app_and_leaves_them(acme_tenant: Tenant) -> None:
    seeding.seed(acme_tenant, "commerce", ROWS, seed=1, until=UNTIL)
    before = contents(acme_tenant, "commerce", "visitors")
    with pytest.raises(exceptions.HasData):
        seeding.seed(acme_tenant, "commerce", ROWS, seed=2, until=UNTIL)
    assert contents(acme_tenant, "commerce", "visitors") == before


def test_force_replaces_the_rows_of_the_app_alone(acme_tenant: Tenant) -> None:
    seeding.seed(acme_tenant, "social", ROWS, seed=1, until=UNTIL)
    seeding.seed(acme_tenant, "commerce", ROWS, seed=1, until=UNTIL)
    community = contents(acme_tenant, "social")
    seeding.seed(acme_tenant, "commerce", 1_500, seed=2, until=UNTIL, force=True)
    assert count(acme_tenant, "commerce") == 1_500
    assert contents(acme_tenant, "social") == community


def test_visitors_on_whom_rows_stand_are_not_replaced(acme_tenant: Tenant) -> None:
    seeding.seed(acme_tenant, "commerce", ROWS, seed=1, until=UNTIL)
    before = contents(acme_tenant, "commerce", "visitors")
    with pytest.raises(exceptions.HasData, match="commerce_customer"):
        seeding.seed(acme_tenant, "visitors", ROWS, seed=1, until=UNTIL, force=True)
    assert contents(acme_tenant, "commerce", "visitors") == before


def test_a_seed_that_breaks_off_leaves_the_tenant_as_it_was(acme_tenant: Tenant) -> None:
    """Also where rows were removed before: a killed process is to the database a transaction that never ended."""
    seeding.seed(acme_tenant, "social", ROWS, seed=1, until=UNTIL)
    before = contents(acme_tenant, "social", "visitors")

    def unplug(done: int, _rows: int) -> None:
        if done >= seeding.STEP:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        seeding.seed(acme_tenant, "social", 20_000, seed=2, until=UNTIL, force=True, progress=unplug)
    assert contents(acme_tenant, "social", "visitors") == before
    with context.use(acme_tenant):  # and the triggers count
        post, fan = Post.objects.filter(likes=0).first(), Profile.objects.first()
        assert post is not None
        assert fan is not None
        Like.objects.create(post=post, profile=fan)
        assert Post.objects.get(id=post.id).likes == 1


def test_it_tells_how_far_it_is(acme_tenant: Tenant) -> None:
    told: list[tuple[int, int]] = []
    seeding.seed(acme_tenant, "visitors", 12_000, seed=1, progress=lambda *far: told.append(far))
    assert told == [(5_000, 12_000), (10_000, 12_000), (12_000, 12_000)]


@pytest.mark.parametrize(
    ("app", "size", "options", "message"),
    [
        ("social", "huge", {}, "Sizes are small, medium, large"),
        ("social", 100, {}, "at least 500"),
        ("commerce", 100, {}, "at least 1000"),
        ("commerce", ROWS, {"flavour": "cars"}, "outdoor, books, kitchen"),
    ],
)
def test_it_says_what_there_is(
    acme_tenant: Tenant, app: str, size: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(exceptions.InvalidSeed, match=message):
        seeding.seed(acme_tenant, app, size, seed=1, until=UNTIL, **options)
    assert count(acme_tenant, app) == 0
