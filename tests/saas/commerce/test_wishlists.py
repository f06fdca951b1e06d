"""Wishlists: several per customer, each product once per list."""

from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from saas.commerce import exceptions, wishlists
from saas.commerce.models import Product, Wishlist, WishlistItem
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import CustomerFactory, ProductFactory, WishlistFactory


def test_a_customer_has_several_lists_with_names_of_their_own(acme: object) -> None:
    customer = CustomerFactory()
    first, second = wishlists.create(customer, "Birthday"), wishlists.create(customer, "Camping")
    wishlists.create(CustomerFactory(), "Birthday")
    assert list(wishlists.of(customer)) == [first, second]
    with pytest.raises(exceptions.DuplicateName):
        wishlists.create(customer, "Birthday")
    with pytest.raises(exceptions.InvalidName):
        wishlists.create(customer, " ")


def test_a_product_stands_on_a_list_once_and_may_change(acme: object) -> None:
    wishlist, product = WishlistFactory(), ProductFactory()
    wishlists.put(wishlist, product)
    wishlists.put(wishlist, product, quantity=3, note="The red one")
    item = WishlistItem.objects.get()
    assert (item.quantity, item.note, list(wishlist.products.all())) == (3, "The red one", [product])
    assert (wishlists.take_off(wishlist, product), wishlists.take_off(wishlist, product)) == (True, False)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"quantity": 0}, "invalid_quantity"),
        ({"quantity": True}, "invalid_quantity"),
        ({"note": "\x00"}, "invalid_text"),
    ],
)
def test_it_refuses_what_cannot_be(acme: object, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(exceptions.InvalidValue) as caught:
        wishlists.put(WishlistFactory(), ProductFactory(), **wrong)
    assert (caught.value.code, WishlistItem.objects.count()) == (code, 0)


def test_a_list_is_read_with_its_products_in_one_query(
    acme: object, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    wishlist, made = WishlistFactory(), [ProductFactory() for _ in range(4)]
    for product in made:
        wishlists.put(wishlist, product)
    with django_assert_num_queries(1):
        assert [item.product for item in wishlists.items(wishlist)] == made[::-1]
    wishlists.remove(wishlist)
    assert WishlistItem.objects.count() == 0


def test_another_tenant_s_product_is_on_no_list(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        product_id = ProductFactory().pk
        WishlistFactory()
    with context.use(two_tenants[0]):
        assert Wishlist.objects.count() == 0
        wishlist = WishlistFactory()
        with pytest.raises(IntegrityError, match="foreign key"):
            wishlists.put(wishlist, Product(pk=product_id))
