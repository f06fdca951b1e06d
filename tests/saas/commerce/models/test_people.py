"""A customer is a visitor of the same tenant under the same id, at most once."""

import pytest
from django.db import IntegrityError, transaction

from saas.commerce.models import Customer
from saas.visitors.models import Visitor
from tenants import context
from tenants.directory import Entry

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
