"""A customer is a visitor of the same tenant under the same id, at most once."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from saas.commerce.models import Customer, WishlistItem
from saas.visitors.models import Visitor
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import (
    AddressFactory,
    CustomerFactory,
    PhoneFactory,
    ProductFactory,
    WishlistFactory,
)
from tests.saas.commerce.models.test_catalog import refused

TwoTenants = tuple[Entry, Entry]


def test_a_visitor_is_a_customer_at_most_once(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        visitor = Visitor.objects.create()
        customer = Customer.objects.create(visitor=visitor)
        assert customer.pk == visitor.pk
        with pytest.raises(IntegrityError, match="commerce_customer_pkey"), transaction.atomic():
            Customer(visitor=visitor).save(force_insert=True)


def test_no_customer_is_a_visitor_of_another_tenant(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        visitor = Visitor.objects.create()
    with (
        context.use(two_tenants[1]),
        pytest.raises(IntegrityError, match="foreign key"),
        transaction.atomic(),
    ):
        Customer(visitor_id=visitor.pk).save(force_insert=True)


def test_a_customer_has_one_primary_phone_and_each_number_once(acme: object) -> None:
    phone = PhoneFactory(is_primary=True)
    PhoneFactory(customer=phone.customer)
    PhoneFactory(is_primary=True, number=phone.number)
    again = {"customer": phone.customer}
    assert refused(lambda: PhoneFactory(**again, is_primary=True)) == "commerce_phone_one_primary"
    assert refused(lambda: PhoneFactory(**again, number=phone.number)) == "commerce_phone_unique"
    assert refused(lambda: PhoneFactory(number="0301234567")) == "commerce_phone_format"


@pytest.mark.parametrize("flag", ["is_default_shipping", "is_default_billing"])
def test_a_customer_has_one_default_address_of_each_kind(acme: object, flag: str) -> None:
    first = AddressFactory(**{flag: True})
    AddressFactory(customer=first.customer)
    AddressFactory(**{flag: True})
    constraint = f"commerce_address_one_{flag.removeprefix('is_')}"
    assert refused(lambda: AddressFactory(customer=first.customer, **{flag: True})) == constraint


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"name": " "}, "commerce_address_not_blank"),
        ({"line1": ""}, "commerce_address_not_blank"),
        ({"city": ""}, "commerce_address_not_blank"),
        ({"country": "gb"}, "commerce_address_country_iso"),
        ({"country": ""}, "commerce_address_country_iso"),
    ],
)
def test_an_address_that_reaches_nobody_is_refused(
    acme: object, fields: dict[str, Any], constraint: str
) -> None:
    assert refused(lambda: AddressFactory(**fields)) == constraint


def test_a_wish_stands_once_on_a_list_for_one_piece_or_more(acme: object) -> None:
    wishlist, product = WishlistFactory(), ProductFactory()
    item = WishlistItem.objects.create(wishlist=wishlist, product=product)
    assert refused(WishlistItem(wishlist=wishlist, product=product).save) == "commerce_wishlistitem_unique"
    none = WishlistItem.objects.filter(pk=item.pk)
    assert refused(lambda: none.update(quantity=0)) == "commerce_wishlistitem_quantity_positive"
    same = {"customer": wishlist.customer, "name": wishlist.name}
    assert refused(lambda: WishlistFactory(**same)) == "commerce_wishlist_name_unique"
    assert refused(lambda: WishlistFactory(name="")) == "commerce_wishlist_name_not_blank"


def test_what_a_customer_keeps_goes_with_the_customer(acme: object) -> None:
    customer = CustomerFactory()
    for make in (PhoneFactory, AddressFactory, WishlistFactory):
        make(customer=customer)
    customer.delete()
    assert not any(
        make._meta.model.objects.exists() for make in (PhoneFactory, AddressFactory, WishlistFactory)
    )
