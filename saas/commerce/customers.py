"""Customers: open one for a visitor, and keep their phone numbers and addresses. Each change locks the customer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypedDict, Unpack

from django.db import router, transaction
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from saas.commerce import constraints, exceptions, values
from saas.commerce.models import Address, Customer, Phone
from saas.visitors.models import Visitor


class AddressFields(TypedDict, total=False):
    """What an address says."""

    name: str
    company: str
    line1: str
    line2: str
    postal_code: str
    city: str
    region: str
    country: str


NEEDED = ("name", "line1", "city")
LENGTHS = dict.fromkeys(("name", "company", "line1", "line2", "city", "region"), values.NAME_LENGTH) | {
    "postal_code": 20,
    "country": 2,
}


def open(visitor: Visitor, *, name: str = "") -> Customer:  # noqa: A001  # as one opens an account
    """Return the customer that visitor is, made now if there is none; also when two ask at once. Raises InvalidName."""
    checked = _name(name)
    with transaction.atomic(using=router.db_for_write(Customer)):
        Customer.objects.bulk_create([Customer(visitor=visitor, name=checked)], ignore_conflicts=True)
        return Customer.objects.get(pk=visitor.pk)


def update(customer: Customer, *, name: str) -> Customer:
    """Change how customer is called; '' is nothing. Raises InvalidName, Customer.DoesNotExist."""
    checked = _name(name)
    if not Customer.objects.filter(pk=customer.pk).update(name=checked):
        raise Customer.DoesNotExist
    customer.name = checked
    return customer


def listing() -> QuerySet[Customer]:
    """Return the customers, newest first, each with its visitor."""
    return Customer.objects.select_related("visitor").order_by("-created_at", "-visitor")


def older_than(customers: QuerySet[Customer], customer: Customer) -> QuerySet[Customer]:
    """Return those after a customer in the order newest first."""
    return customers.filter(
        TupleLessThan(Tuple("created_at", "visitor_id"), (customer.created_at, customer.visitor_id))
    )


# Phones


def add_phone(customer: Customer, number: str, *, label: str = "") -> Phone:
    """Add a number, written in any way; the first one is the primary one. Raises InvalidPhone, Duplicate."""
    checked = values.phone(number)
    text = values.text(label, values.NAME_LENGTH, field="label")
    with _locked(customer), constraints.translated():
        first = not Phone.objects.filter(customer=customer).exists()
        return Phone.objects.create(customer=customer, number=checked, label=text, is_primary=first)


def make_primary(phone: Phone) -> Phone:
    """Make phone the primary one of its customer instead of whichever was. Raises Phone.DoesNotExist."""
    with _locked(phone.customer):
        Phone.objects.filter(customer=phone.customer_id, is_primary=True).exclude(pk=phone.pk).update(
            is_primary=False
        )
        if not Phone.objects.filter(pk=phone.pk).update(is_primary=True):
            raise Phone.DoesNotExist
    phone.is_primary = True
    return phone


def remove_phone(phone: Phone) -> None:
    """Delete phone; when it was the primary one, the oldest of the others becomes that. Raises Phone.DoesNotExist."""
    with _locked(phone.customer):
        if not Phone.objects.filter(pk=phone.pk).delete()[0]:
            raise Phone.DoesNotExist
        left = (
            Phone.objects.filter(customer=phone.customer_id)
            .order_by("-is_primary", "created_at", "id")
            .first()
        )
        if left and not left.is_primary:
            make_primary(left)


# Addresses


def add_address(customer: Customer, **fields: Unpack[AddressFields]) -> Address:
    """Add an address; the first one is the default for shipping and billing. Raises InvalidAddress."""
    checked = _address({**dict.fromkeys(LENGTHS, ""), **fields})
    with _locked(customer), constraints.translated():
        first = not Address.objects.filter(customer=customer).exists()
        return Address.objects.create(
            customer=customer, is_default_shipping=first, is_default_billing=first, **checked
        )


def change_address(address: Address, **fields: Unpack[AddressFields]) -> Address:
    """Change only what is named. Raises InvalidAddress, Address.DoesNotExist."""
    checked = _address({**fields})
    with constraints.translated():
        if checked and not Address.objects.filter(pk=address.pk).update(**checked):
            raise Address.DoesNotExist
    for field, value in checked.items():
        setattr(address, field, value)
    return address


def ship_to(address: Address) -> Address:
    """Make address the default for shipping instead of whichever was. Raises Address.DoesNotExist."""
    return _default(address, "is_default_shipping")


def bill_to(address: Address) -> Address:
    """Make address the default for billing instead of whichever was. Raises Address.DoesNotExist."""
    return _default(address, "is_default_billing")


def remove_address(address: Address) -> None:
    """Delete address; what it was the default for has none until one is chosen. Raises Address.DoesNotExist."""
    if not Address.objects.filter(pk=address.pk).delete()[0]:
        raise Address.DoesNotExist


@contextmanager
def _locked(customer: Customer) -> Iterator[None]:
    """Of two changes of the same customer, the later waits. Raises Customer.DoesNotExist."""
    with transaction.atomic(using=router.db_for_write(Customer)):
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        yield


def _default(address: Address, flag: str) -> Address:
    with _locked(address.customer):
        others = Address.objects.filter(customer=address.customer_id, **{flag: True}).exclude(pk=address.pk)
        others.update(**{flag: False})
        if not Address.objects.filter(pk=address.pk).update(**{flag: True}):
            raise Address.DoesNotExist
    setattr(address, flag, True)
    return address


def _name(name: str) -> str:
    return "" if name == "" else values.name(name)


def _address(fields: dict[str, Any]) -> dict[str, str]:
    unknown = fields.keys() - LENGTHS.keys()
    if unknown:
        raise TypeError(f"an address has no {', '.join(sorted(unknown))}")
    try:
        checked = {
            field: values.text(value, LENGTHS[field], field=field, needed=field in NEEDED)
            for field, value in fields.items()
        }
    except exceptions.InvalidText as error:
        raise exceptions.InvalidAddress(field=error.field) from error
    if "country" in checked:
        checked["country"] = values.country(checked["country"])
    return checked
