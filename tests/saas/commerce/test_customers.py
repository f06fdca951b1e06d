"""Customers: opened once per visitor, with one primary phone and one default address of each kind."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connections

from saas.commerce import customers, exceptions
from saas.commerce.models import Address, Customer, Phone
from saas.visitors.models import Visitor
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import CustomerFactory, VisitorFactory

HOME: Any = {"name": "Ada Lovelace", "line1": "1 Engine Street", "city": "London", "country": "GB"}


def primary(customer: Customer) -> list[str]:
    return list(Phone.objects.filter(customer=customer, is_primary=True).values_list("number", flat=True))


def test_a_visitor_is_opened_as_a_customer_once(acme: object) -> None:
    visitor = VisitorFactory()
    opened = customers.open(visitor, name="Ada")
    again = customers.open(visitor, name="Somebody else")
    assert (opened.pk, again.pk, again.name) == (visitor.pk, visitor.pk, "Ada")
    assert Customer.objects.count() == 1
    customers.update(again, name="")
    assert Customer.objects.get().name == ""
    for wrong in (" ", "x" * 201, "\x00"):
        with pytest.raises(exceptions.InvalidName):
            customers.open(VisitorFactory(), name=wrong)
        with pytest.raises(exceptions.InvalidName):
            customers.update(again, name=wrong)


def test_customers_are_listed_newest_first_page_by_page(acme: object) -> None:
    made = [CustomerFactory() for _ in range(5)]
    first = list(customers.listing()[:2])
    rest = list(customers.older_than(customers.listing(), first[-1]))
    assert [*first, *rest] == made[::-1]


def test_the_first_phone_is_the_primary_one_until_another_is_chosen(acme: object) -> None:
    customer, other = CustomerFactory(), CustomerFactory()
    first = customers.add_phone(customer, "+49 (30) 123-4567", label="Home")
    second = customers.add_phone(customer, "+493055555")
    customers.add_phone(other, "+493055555")
    assert primary(customer) == ["+49301234567"]
    customers.make_primary(second)
    assert primary(customer) == ["+493055555"]
    customers.remove_phone(second)
    assert primary(customer) == [first.number]
    customers.remove_phone(first)
    assert (primary(customer), primary(other)) == ([], ["+493055555"])
    for gone in (lambda: customers.remove_phone(first), lambda: customers.make_primary(first)):
        with pytest.raises(Phone.DoesNotExist):
            gone()


@pytest.mark.parametrize(
    "number", ["", "030 1234567", "+0301234567", "+49", "+49" + "1" * 14, "+49x", 49, "+491\n"]
)
def test_what_is_no_number_is_refused(acme: object, number: Any) -> None:
    customer = CustomerFactory()
    with pytest.raises(exceptions.InvalidPhone):
        customers.add_phone(customer, number)
    customers.add_phone(customer, "+49301234567")
    with pytest.raises(exceptions.Duplicate):
        customers.add_phone(customer, "+49 30 1234567")
    assert Phone.objects.count() == 1


def test_the_first_address_is_the_default_until_another_is_chosen(acme: object) -> None:
    customer = CustomerFactory()
    first = customers.add_address(customer, **HOME)
    second = customers.add_address(customer, **HOME, company="Analytical Ltd")
    assert (first.is_default_shipping, first.is_default_billing) == (True, True)
    customers.ship_to(second)
    rows = Address.objects.order_by("created_at").values_list("is_default_shipping", "is_default_billing")
    assert list(rows) == [(False, True), (True, False)]
    customers.bill_to(second)
    assert list(rows.all()) == [(False, False), (True, True)]
    customers.remove_address(second)
    assert list(rows.all()) == [(False, False)]
    for verb in (customers.remove_address, customers.ship_to, customers.bill_to):
        with pytest.raises(Address.DoesNotExist):
            verb(second)


def test_an_address_changes_only_what_is_named(acme: object) -> None:
    address = customers.add_address(CustomerFactory(), **HOME, postal_code="NW1")
    customers.change_address(address, city="Bath")
    kept = Address.objects.get()
    assert (kept.city, kept.line1, kept.postal_code, address.city) == (
        "Bath",
        "1 Engine Street",
        "NW1",
        "Bath",
    )
    with pytest.raises(TypeError, match="customer"):
        customers.change_address(address, customer=None)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"line1": " "}, "line1"),
        ({"city": "\x00"}, "city"),
        ({"country": "gb"}, "country"),
        ({"country": "GBR"}, "country"),
        ({"country": ""}, "country"),
        ({"postal_code": "1" * 21}, "postal_code"),
        ({"line2": "x" * 201}, "line2"),
    ],
)
def test_an_address_that_reaches_nobody_is_refused(acme: object, wrong: dict[str, Any], field: str) -> None:
    address = customers.add_address(CustomerFactory(), **HOME)
    with pytest.raises(exceptions.InvalidAddress) as adding:
        customers.add_address(CustomerFactory(), **{**HOME, **wrong})
    with pytest.raises(exceptions.InvalidAddress) as changing:
        customers.change_address(address, **wrong)
    assert (adding.value.field, changing.value.field) == (field, field)
    assert Address.objects.get().city == "London"


def test_a_customer_of_another_tenant_is_not_there(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        customer_id = CustomerFactory().pk
        visitor_id = VisitorFactory().pk
    theirs = Customer(pk=customer_id)
    with context.use(two_tenants[0]):
        for refused in (
            lambda: customers.add_phone(theirs, "+49301234567"),
            lambda: customers.add_address(theirs, **HOME),
            lambda: customers.update(theirs, name="Mine"),
        ):
            with pytest.raises(Customer.DoesNotExist):
                refused()
        with pytest.raises(IntegrityError, match="foreign key"):
            customers.open(Visitor(pk=visitor_id))


def test_of_many_first_phones_at_once_exactly_one_is_primary(
    fresh_db: str, tenant: Callable[[str], Entry]
) -> None:
    acme = tenant("acme")
    with context.use(acme):
        visitor = VisitorFactory()
    together = threading.Barrier(12)

    def add(number: int) -> None:
        try:
            with context.use(acme):
                mine = Visitor.objects.get(pk=visitor.pk)
                together.wait(30)
                customers.add_phone(customers.open(mine), f"+49301234{number:03}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(add, range(12)))
    with context.use(acme):
        customer = Customer.objects.get()
        assert (customer.phones.count(), len(primary(customer))) == (12, 1)
