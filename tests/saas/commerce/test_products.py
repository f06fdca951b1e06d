"""Products: what the verbs do, and what they refuse."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import router, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from billing.models import UsageEvent
from saas.commerce import exceptions, ids, products
from saas.commerce.models import Product
from tests.saas.commerce.conftest import Session
from tests.saas.commerce.factories import CategoryFactory, ProductFactory

TENT: dict[str, Any] = {"name": "Dome Tent", "price": 29900, "currency": "EUR"}
DAY = timedelta(days=1)
Login = Callable[[], Session]


def test_it_creates_a_draft_with_all_that_was_given(acme: object) -> None:
    category = CategoryFactory()
    made = products.create(
        **TENT,
        slug="dome",
        sku="TNT-1",
        description="For two.",
        category=category,
        compare_at_price=34900,
    )
    kept = Product.objects.get()
    assert kept == made
    assert (kept.name, kept.slug, kept.sku, kept.description) == ("Dome Tent", "dome", "TNT-1", "For two.")
    assert (kept.price, kept.compare_at_price, kept.currency) == (29900, 34900, "EUR")
    assert (kept.category, kept.published_at, kept.archived_at) == (category, None, None)


def test_each_new_product_is_one_billable_event_of_its_own(acme: object) -> None:
    made = [products.create(**TENT), products.create(**TENT)]
    events = UsageEvent.objects.filter(event_id__in=[str(product.id) for product in made])
    assert [(event.meter, event.quantity) for event in events] == [("products_created", 1)] * 2


def test_what_was_refused_is_neither_kept_nor_metered(acme: object) -> None:
    products.create(**TENT, sku="TNT-1")
    events = UsageEvent.objects.filter(meter="products_created").count()
    with pytest.raises(exceptions.DuplicateSku):
        products.create(**TENT, sku="TNT-1")
    assert Product.objects.count() == 1
    assert UsageEvent.objects.filter(meter="products_created").count() == events


def test_without_slug_and_sku_it_makes_them(acme: object) -> None:
    first, second = products.create(**TENT), products.create(**TENT)
    assert first.slug == "dome-tent"
    assert second.slug == f"dome-tent-{second.id.hex[-8:]}"
    assert first.sku == first.id.hex[-12:].upper()


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("日本の湯のみ", "product-"),
        ("snow_goose", "snow-goose"),
        ("--- ___", "product-"),
        ("Æther Öl", "ther-ol"),
    ],
)
def test_every_name_gives_a_slug(acme: object, name: str, stem: str) -> None:
    assert products.create(**{**TENT, "name": name}).slug.startswith(stem)


def test_a_long_name_gives_a_slug_that_fits_even_twice(acme: object) -> None:
    long = {**TENT, "name": "x" * 200}
    assert products.create(**long).slug == "x" * 100
    second = products.create(**long)
    assert second.slug == f"{'x' * 91}-{second.id.hex[-8:]}"


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"name": ""}, "invalid_name", "name"),
        ({"name": " \t"}, "invalid_name", "name"),
        ({"name": "x" * 201}, "invalid_name", "name"),
        ({"name": "a\x00b"}, "invalid_name", "name"),
        ({"name": "\ud800"}, "invalid_name", "name"),
        ({"name": 7}, "invalid_name", "name"),
        ({"slug": ""}, "invalid_slug", "slug"),
        ({"slug": "Dome"}, "invalid_slug", "slug"),
        ({"slug": "dome\n"}, "invalid_slug", "slug"),
        ({"slug": "x" * 101}, "invalid_slug", "slug"),
        ({"sku": ""}, "invalid_sku", "sku"),
        ({"sku": " "}, "invalid_sku", "sku"),
        ({"sku": "A  1"}, "invalid_sku", "sku"),
        ({"sku": "x" * 65}, "invalid_sku", "sku"),
        ({"description": "a\x00b"}, "invalid_description", "description"),
        ({"description": "x" * 20_001}, "invalid_description", "description"),
        ({"price": -1}, "invalid_price", "price"),
        ({"price": 19.99}, "invalid_price", "price"),
        ({"price": "1999"}, "invalid_price", "price"),
        ({"price": True}, "invalid_price", "price"),
        ({"price": 2**63}, "invalid_price", "price"),
        ({"compare_at_price": 29900}, "invalid_price", "compare_at_price"),
        ({"compare_at_price": -1}, "invalid_price", "compare_at_price"),
        ({"compare_at_price": 2**63}, "invalid_price", "compare_at_price"),
        ({"currency": "eur"}, "invalid_currency", "currency"),
        ({"currency": "EURO"}, "invalid_currency", "currency"),
        ({"currency": ""}, "invalid_currency", "currency"),
    ],
)
def test_it_refuses_what_cannot_be_and_names_the_field(
    acme: object, wrong: dict[str, Any], code: str, field: str
) -> None:
    product = ProductFactory(**TENT)
    with pytest.raises(exceptions.InvalidValue) as creating:
        products.create(**{**TENT, **wrong})
    with pytest.raises(exceptions.InvalidValue) as updating:
        products.update(product, **wrong)
    assert (creating.value.code, creating.value.field) == (code, field)
    assert (updating.value.code, updating.value.field) == (code, field)
    assert Product.objects.count() == 1


def test_the_largest_price_fits(acme: object) -> None:
    product = products.create(**{**TENT, "price": 2**63 - 1})
    product.refresh_from_db()
    assert product.price == 9_223_372_036_854_775_807


@pytest.mark.parametrize(
    ("taken", "error"),
    [
        ({"slug": "dome"}, exceptions.DuplicateSlug),
        ({"sku": "TNT-1"}, exceptions.DuplicateSku),
        ({"sku": "tnt-1"}, exceptions.DuplicateSku),
    ],
)
def test_after_a_duplicate_the_transaction_goes_on(
    acme: object, taken: dict[str, Any], error: type[exceptions.Duplicate]
) -> None:
    ProductFactory(slug="dome", sku="TNT-1")
    other = ProductFactory(name="Other")
    with pytest.raises(error):
        products.create(**TENT, **taken)
    with pytest.raises(error):
        products.update(other, name="New", **taken)
    assert other.name == "Other"
    assert set(Product.objects.exclude(slug="dome")) == {other}


def test_it_changes_only_what_is_named(acme: object) -> None:
    product = ProductFactory(name="Tent", price=100, compare_at_price=200)
    mine, theirs = Product.objects.get(), Product.objects.get()
    products.update(theirs, price=150)
    products.update(mine, name="Dome")
    product.refresh_from_db()
    assert (product.name, product.price, product.compare_at_price) == ("Dome", 150, 200)
    assert (mine.name, mine.price) == ("Dome", 150)


def test_it_judges_a_change_by_the_row_as_it_is_now(acme: object) -> None:
    ProductFactory(price=100)
    mine, theirs = Product.objects.get(), Product.objects.get()
    products.update(theirs, price=5000)
    with pytest.raises(exceptions.InvalidPrice):
        products.update(mine, compare_at_price=200)
    assert Product.objects.get().compare_at_price is None


def test_until_its_transaction_ends_others_wait_to_change_the_product_but_not_to_add_variants(
    login: Login,
) -> None:
    other = login()
    product_id = ids.new()
    other.run(
        "INSERT INTO commerce_product (id, name, slug, sku, barcode, description, seo_title, seo_description, price,"
        " currency, created_at, updated_at, rating_count, rating_sum)"
        " VALUES (%s, 'Tent', 'locked-tent', 'LOCKED', '', '', '', '', 100, 'EUR', now(), now(), 0, 0)",
        product_id,
    )
    other.commit()
    using = router.db_for_write(Product)
    with transaction.atomic(using=using):
        products.update(Product.objects.get(pk=product_id))  # changes nothing, so it is the lock alone
        other.run("SET LOCAL lock_timeout = 100")
        other.run(
            "INSERT INTO commerce_variant (id, product_id, name, sku, barcode, price_modifier, quantity, position)"
            " VALUES (%s, %s, 'Red', 'LOCKED-1', '', 0, 0, 0)",
            ids.new(),
            product_id,
        )
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.run("UPDATE commerce_product SET price = 200 WHERE id = %s", product_id)
        other.rollback()
        transaction.set_rollback(True, using=using)  # gives the lock back


def test_it_moves_a_product_to_a_category_and_out_of_it(acme: object) -> None:
    product, category = ProductFactory(), CategoryFactory()
    products.update(product, category=category)
    assert list(products.listing(category=category)) == [product]
    products.update(product, category=None)
    assert list(products.listing(category=category)) == []


def test_only_a_change_moves_the_date_of_change(acme: object) -> None:
    product = ProductFactory(name="Tent")
    before = product.updated_at
    products.update(product)
    assert Product.objects.get().updated_at == before
    products.update(product, name="Dome")
    assert Product.objects.get().updated_at == product.updated_at > before


@pytest.mark.parametrize("field", ["published_at", "archived_at", "created_at", "id", "nonsense"])
def test_it_changes_no_dates_and_nothing_unknown(acme: object, field: str) -> None:
    change: dict[str, Any] = {field: None}
    with pytest.raises(TypeError, match=field):
        products.update(ProductFactory(), **change)


def test_a_product_that_is_gone_cannot_be_changed(acme: object) -> None:
    product, stale = ProductFactory(), Product.objects.get()
    product.delete()
    for verb in (products.publish, products.archive, products.update):
        with pytest.raises(Product.DoesNotExist):
            verb(stale)


def test_publishing_again_keeps_the_first_date(acme: object) -> None:
    product = ProductFactory()
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    with time_machine.travel(monday, tick=False):
        products.publish(product)
    with time_machine.travel(monday + DAY, tick=False):
        products.publish(product)
    assert Product.objects.get().published_at == product.published_at == monday
    products.publish(product, at=monday + 2 * DAY)
    assert Product.objects.get().published_at == monday + 2 * DAY


def test_shoppers_see_a_product_from_its_date_until_it_is_withdrawn_or_archived(acme: object) -> None:
    now = timezone.now()
    product = products.publish(ProductFactory(), at=now + DAY)
    assert list(products.published()) == []
    assert list(products.published(at=now + DAY)) == [product]
    products.archive(product)
    assert list(products.published(at=now + DAY)) == []
    products.restore(product)
    assert list(products.published(at=now + DAY)) == [product]
    products.unpublish(product)
    assert list(products.published(at=now + DAY)) == []


def test_an_archived_product_leaves_the_list_and_keeps_its_first_date_and_its_sku(acme: object) -> None:
    product, other = ProductFactory(sku="TNT-1"), ProductFactory()
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    with time_machine.travel(monday, tick=False):
        products.archive(product)
    products.archive(product)
    assert Product.objects.get(sku="TNT-1").archived_at == monday
    assert list(products.listing()) == [other]
    assert list(products.archived()) == [product]
    with pytest.raises(exceptions.DuplicateSku):
        products.create(**TENT, sku="TNT-1")


def test_it_lists_drafts_too_newest_first(acme: object) -> None:
    now = timezone.now()
    old, new, middle = (ProductFactory(created_at=now - days * DAY) for days in (3, 1, 2))
    products.publish(middle)
    assert list(products.listing()) == [new, middle, old]


def test_pages_hold_every_product_once_even_those_of_one_moment(
    acme: object, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    made = [ProductFactory(created_at=now - days * DAY) for days in (0, 1, 1, 1, 1, 2)]
    pages: list[Product] = list(products.listing()[:2])
    while True:
        with django_assert_num_queries(1):
            page = list(products.older_than(products.listing(), pages[-1].created_at, pages[-1].id)[:2])
        if not page:
            break
        pages += page
    assert pages == sorted(made, key=lambda product: (product.created_at, product.id), reverse=True)


def test_every_error_has_a_code_of_its_own_and_says_how_to_repair_it() -> None:
    def family(error: type[exceptions.CommerceError]) -> list[type[exceptions.CommerceError]]:
        return [error, *(one for child in error.__subclasses__() for one in family(child))]

    errors = family(exceptions.CommerceError)
    assert len({error.code for error in errors}) == len(errors)
    assert all(str(error()).endswith(".") for error in errors)
