"""Seeds: believable shops, the same for the same seed."""

from typing import Any

import pytest
import time_machine

from billing.models import UsageEvent
from saas.commerce import exceptions, products
from saas.commerce.models import Category, Product, Variant
from saas.commerce.seed import seed
from tests.saas.commerce.factories import CategoryFactory


def shop() -> dict[str, list[tuple[Any, ...]]]:
    """Everything but the ids."""
    return {
        "categories": sorted(Category.objects.values_list("slug", "name", "position", "parent__slug")),
        "products": list(
            Product.objects.order_by("sku").values_list(
                *(
                    "sku",
                    "slug",
                    "name",
                    "description",
                    "category__slug",
                    "price",
                    "compare_at_price",
                    "currency",
                ),
                *("created_at", "published_at", "archived_at"),
            )
        ),
        "variants": list(
            Variant.objects.order_by("sku").values_list(
                "sku", "name", "price_modifier", "quantity", "position"
            )
        ),
    }


def clear() -> None:
    Product.objects.all().delete()
    Category.objects.update(parent=None)
    Category.objects.all().delete()


@pytest.mark.parametrize("rows", [30, 31, 500, 1234])
def test_it_makes_exactly_as_many_rows_as_asked(acme: object, rows: int) -> None:
    made = seed(rows, seed=1)
    counted = (Category.objects.count(), Product.objects.count(), Variant.objects.count())
    assert counted == (made.categories, made.products, made.variants)
    assert sum(counted) == made.rows == rows


def test_a_size_is_a_number_of_rows(acme: object) -> None:
    assert seed("small", seed=1).rows == 500


def test_the_same_seed_makes_the_same_shop_but_never_the_same_ids(acme: object) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        seed(400, seed=7)
        first, ids = shop(), set(Product.objects.values_list("id", flat=True))
        clear()
        seed(400, seed=7)
        assert shop() == first
        assert not ids & set(Product.objects.values_list("id", flat=True))
        clear()
        seed(400, seed=10)  # the same flavour
        assert shop()["categories"] == first["categories"]
        assert shop()["products"] != first["products"]


def test_neighbouring_seeds_make_shops_of_different_kinds(acme: object) -> None:
    kinds: list[str] = []
    trees: list[list[tuple[Any, ...]]] = []
    currencies: list[str] = []
    for number in (1, 2, 3):
        kinds.append(seed(100, seed=number).flavour)
        trees.append(shop()["categories"])
        currencies += Product.objects.values_list("currency", flat=True).order_by().distinct()
        clear()
    assert sorted(kinds) == ["books", "kitchen", "outdoor"]
    assert not {row[0] for row in trees[0]} & {row[0] for row in trees[1]}
    assert len(set(currencies)) == len(currencies) == 3


def test_a_flavour_can_be_chosen(acme: object) -> None:
    assert seed(100, seed=1, flavour="kitchen").flavour == "kitchen"


@pytest.mark.parametrize("flavour", ["outdoor", "books", "kitchen"])
def test_a_shop_is_believable(acme: object, flavour: str) -> None:
    seed(3000, seed=1, flavour=flavour)
    everything = list(Product.objects.select_related("category").prefetch_related("variants"))
    assert {product.currency for product in everything} == {everything[0].currency}
    assert all(500 <= product.price <= 100_000 and product.price % 100 == 99 for product in everything)
    assert all(product.category for product in everything)
    assert sum(not product.variants.all() for product in everything) <= 1  # the last row of all
    assert Category.objects.filter(parent__parent__isnull=False).exists()
    assert not any("{" in product.name + product.description for product in everything)
    share = len(everything) / 100
    assert 80 * share < products.published().count() < 95 * share
    assert 0 < products.archived().count() < 10 * share
    assert 10 * share < sum(product.compare_at_price is not None for product in everything) < 30 * share
    sold_out = Variant.objects.filter(quantity=0).count() / Variant.objects.count()
    assert 0.10 < sold_out < 0.20
    for product in Product.objects.filter(published_at__isnull=False):
        assert product.published_at
        dates = (product.created_at, product.published_at, product.archived_at or product.updated_at)
        assert list(dates) == sorted(dates)


def test_it_tells_how_far_it_is(acme: object) -> None:
    told: list[tuple[int, int]] = []
    seed(6000, seed=1, progress=lambda done, rows: told.append((done, rows)))
    assert len(told) >= 3
    assert told == sorted(set(told))
    assert told[-1] == (6000, 6000)


@pytest.mark.parametrize("make", [CategoryFactory, lambda: seed(100, seed=1)])
def test_it_refuses_a_shop_that_has_rows(acme: object, make: Any) -> None:
    make()
    before = shop()
    with pytest.raises(exceptions.ShopNotEmpty):
        seed(100, seed=2)
    assert shop() == before


def test_a_seed_that_breaks_off_leaves_nothing(acme: object) -> None:
    def unplug(done: int, rows: int) -> None:
        if done > 3000:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        seed(6000, seed=1, progress=unplug)
    assert shop() == {"categories": [], "products": [], "variants": []}


@pytest.mark.parametrize(
    ("size", "flavour", "message"),
    [
        ("huge", None, "small, medium, large"),
        (100, "cheese", "outdoor, books, kitchen"),
        (16, "books", "more rows than 16"),
        (0, "books", "more rows than 0"),
        (-5, "books", "more rows than -5"),
    ],
)
def test_it_says_which_sizes_and_flavours_there_are(
    acme: object, size: str | int, flavour: str | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        seed(size, seed=1, flavour=flavour)
    assert Category.objects.count() == 0


def test_seeding_is_not_usage(acme: object) -> None:
    before = UsageEvent.objects.count()
    seed(100, seed=1)
    assert UsageEvent.objects.count() == before
