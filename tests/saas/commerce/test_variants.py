"""Variants: made of options and their values, at least one of each product."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connections
from pytest_django import DjangoAssertNumQueries

from saas.commerce import exceptions, ids, products, stock, variants
from saas.commerce.models import Option, OptionValue, Product, Variant
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import ProductFactory, VariantFactory


def test_a_product_begins_with_a_variant_under_its_own_sku(acme: object) -> None:
    product = products.create(name="Tent", price=29900, currency="EUR", sku="TNT-1")
    variant = Variant.objects.get(product=product)
    assert (variant.name, variant.sku, variant.price, variant.quantity) == ("Standard", "TNT-1", 29900, 0)


def test_a_variant_is_named_and_priced_after_its_values(acme: object) -> None:
    product = ProductFactory(price=2000)
    size = variants.add_option(product, "Size", position=1)
    colour = variants.add_option(product, "Colour", position=0)
    large = variants.add_value(size, "L", price_modifier=300)
    red = variants.add_value(colour, "Red", price_modifier=50)
    made = variants.create(product, choices=[large, red], quantity=4)
    # 20.00 + 3.00 + 0.50 = 23.50
    assert (made.name, made.price_modifier, made.price) == ("Red / L", 350, 2350)
    assert Variant.objects.get(pk=made.pk).quantity == made.quantity == 4
    assert [entry.reason for entry in stock.history(made)] == ["Opening stock"]
    with pytest.raises(exceptions.DuplicateName):
        variants.create(product, choices=[red, large])


def test_a_variant_is_found_by_exactly_its_values(acme: object) -> None:
    product = ProductFactory()
    size, colour = variants.add_option(product, "Size"), variants.add_option(product, "Colour")
    small, large = variants.add_value(size, "S"), variants.add_value(size, "L")
    red = variants.add_value(colour, "Red")
    plain = variants.create(product, choices=[small])
    both = variants.create(product, choices=[small, red])
    assert variants.chosen(product, [red, small]) == both
    assert variants.chosen(product, [small]) == plain
    assert variants.chosen(product, [large, red]) is None
    assert variants.chosen(ProductFactory(), [small]) is None


def test_two_values_of_one_option_or_one_of_another_product_are_refused(acme: object) -> None:
    product, other = ProductFactory(), ProductFactory()
    size, foreign = variants.add_option(product, "Size"), variants.add_option(other, "Size")
    small, large = variants.add_value(size, "S"), variants.add_value(size, "L")
    strange = variants.add_value(foreign, "S")
    for choices in ([small, large], [strange]):
        with pytest.raises(exceptions.InvalidChoice):
            variants.create(product, choices=choices)
    assert Variant.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "invalid_name"),
        ({"name": None}, "invalid_name"),  # no values to be called after
        ({"sku": ""}, "invalid_sku"),
        ({"barcode": "4006381333932"}, "invalid_barcode"),
        ({"price_modifier": -1}, "invalid_price"),
        ({"quantity": -1}, "invalid_stock"),
        ({"position": -1}, "invalid_position"),
        ({"sku": "TAKEN"}, "duplicate_sku"),
    ],
)
def test_it_refuses_what_cannot_be(acme: object, wrong: dict[str, Any], code: str) -> None:
    taken = VariantFactory(sku="taken")
    with pytest.raises(exceptions.CommerceError) as caught:
        variants.create(taken.product, **{"name": "Red", **wrong})
    assert caught.value.code == code
    assert list(Variant.objects.all()) == [taken]


def test_options_and_values_refuse_what_cannot_be(acme: object) -> None:
    product = ProductFactory()
    size = variants.add_option(product, "Size")
    variants.add_value(size, "S")
    for error, call in (
        (exceptions.DuplicateName, lambda: variants.add_option(product, "Size")),
        (exceptions.DuplicateName, lambda: variants.add_value(size, "S")),
        (exceptions.InvalidName, lambda: variants.add_option(product, "")),
        (exceptions.InvalidPrice, lambda: variants.add_value(size, "L", price_modifier=-1)),
        (exceptions.InvalidPosition, lambda: variants.add_value(size, "L", position=-1)),
    ):
        with pytest.raises(error):
            call()


def test_the_last_variant_and_one_with_a_history_stay(acme: object) -> None:
    first = VariantFactory()
    with pytest.raises(exceptions.LastVariant):
        variants.remove(first)
    second = VariantFactory(product=first.product)
    stock.sell({second.pk: 1}, order_id=ids.new())
    with pytest.raises(exceptions.VariantInUse):
        variants.remove(second)
    variants.remove(Variant.objects.get(pk=first.pk))
    assert list(Variant.objects.all()) == [second]
    with pytest.raises(Variant.DoesNotExist):
        variants.remove(first)


def test_the_variants_of_a_product_cost_two_queries_however_many(
    acme: object, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = ProductFactory()
    size = variants.add_option(product, "Size")
    for name in "SMLX":
        variants.create(product, choices=[variants.add_value(size, name)])
    with django_assert_num_queries(2):
        named = [(one.price, [str(choice) for choice in one.choices.all()]) for one in variants.of(product)]
    assert len(named) == 4
    assert named[0] == (1999, ["Size: S"])
    found = [one.pk for one in variants.of(product)]
    with django_assert_num_queries(1):
        assert {one.price for one in variants.priced(found).values()} == {1999}


def test_the_database_refuses_to_take_the_last_variant_at_commit(
    fresh_db: str, tenant: Callable[[str], Entry]
) -> None:
    acme = tenant("acme")
    with context.use(acme):
        variant = VariantFactory()
    with pytest.raises(IntegrityError, match="would have no variant"), context.use(acme):
        Variant.objects.filter(pk=variant.pk).delete()
    with context.use(acme):
        Product.objects.get(pk=variant.product_id).delete()
        assert Variant.objects.filter(pk=variant.pk).count() == 0


def test_two_who_take_the_last_two_variants_at_once_leave_one(
    fresh_db: str, tenant: Callable[[str], Entry]
) -> None:
    acme = tenant("acme")
    with context.use(acme):
        first = VariantFactory()
        second = VariantFactory(product=first.product)
    together = threading.Barrier(2)

    def take(variant: Variant) -> str:
        try:
            with context.use(acme):
                mine = Variant.objects.get(pk=variant.pk)
                together.wait(30)
                variants.remove(mine)
        except exceptions.LastVariant:
            return "refused"
        finally:
            connections.close_all()
        return "removed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, (first, second))) == ["refused", "removed"]
    with context.use(acme):
        assert Variant.objects.filter(product=first.product_id).count() == 1


def test_another_tenant_s_values_make_no_variant(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        theirs = variants.add_value(variants.add_option(ProductFactory(), "Size"), "S")
        option_id, value_id = theirs.option_id, theirs.pk
    with context.use(two_tenants[0]):
        product = ProductFactory()
        copy = OptionValue(pk=value_id, name="S", option=Option(pk=option_id))
        with pytest.raises(exceptions.InvalidChoice):
            variants.create(product, name="Red", choices=[copy])
