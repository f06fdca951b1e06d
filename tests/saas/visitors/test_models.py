"""A visitor: one address once in a tenant, no password without one, and the same address elsewhere is another."""

import pytest
from django.db import IntegrityError, transaction

from saas.visitors.models import Visitor
from tenants import context
from tenants.directory import Entry

TwoTenants = tuple[Entry, Entry]


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"email": "nobody"}, "visitors_visitor_email_format"),
        ({"email": "a b@example.com"}, "visitors_visitor_email_format"),
        ({"email": "ANN@example.com"}, "visitors_visitor_email_unique"),
        ({"password": "x"}, "visitors_visitor_password_needs_email"),
    ],
)
def test_the_database_refuses(two_tenants: TwoTenants, fields: dict[str, str], constraint: str) -> None:
    with context.use(two_tenants[0]):
        Visitor.objects.create(email="ann@example.com")
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Visitor.objects.create(**fields)


def test_guests_have_no_address_and_are_many(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        guests = Visitor.objects.bulk_create([Visitor(), Visitor()])
        assert all(guest.is_guest for guest in guests)
        assert not Visitor.objects.create(email="ann@example.com", password="hash").is_guest


def test_the_same_address_in_another_tenant_is_another_visitor(two_tenants: TwoTenants) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            assert not Visitor.objects.exists()
            Visitor.objects.create(email="ann@example.com")
