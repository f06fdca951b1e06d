"""Own-row policies of the shop: a customer's rows are no other visitor's, and every verb of theirs still works."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connections, router, transaction
from django.db.models import Model
from psycopg import sql

from saas.commerce import carts, coupons, customers, orders, refusals, reviews, wishlists
from saas.commerce.models import (
    Address,
    Cart,
    CartLine,
    CouponUse,
    Customer,
    Order,
    OrderChange,
    OrderItem,
    Payment,
    PaymentStep,
    Phone,
    Product,
    Wishlist,
    WishlistItem,
)
from saas.commerce.payments import steps
from saas.visitors import visitors
from saas.visitors.models import Visitor
from tenants import context
from tenants.context import Who
from tenants.directory import Entry
from tests.saas.commerce.factories import ADDRESS, VisitorFactory, for_sale

TwoTenants = tuple[Entry, Entry]
OWNED: list[type[Model]] = [
    *(Address, Cart, CartLine, CouponUse, Customer, Order, OrderChange, OrderItem, Payment, PaymentStep),
    *(Phone, Wishlist, WishlistItem),
]
CODE = "ONCE"


def shop_as(tenant: Entry, visitor: UUID, variant: Any) -> Order:
    """Do all that a customer does, as this visitor."""
    with context.use(tenant, actor=visitor):
        customer = customers.open(_visitor(visitor), name="Ann")
        customers.add_phone(customer, "+49301234567")
        first = customers.add_address(customer, **ADDRESS)
        customers.ship_to(first)
        wished = wishlists.create(customer, name="Wishes")
        wishlists.put(wished, variant.product)
        cart = carts.of(customer)
        carts.add(cart, variant, quantity=2)
        order = orders.place(cart, shipping_address=ADDRESS, coupon_code=CODE)
        reviews.write(customer, variant.product, rating=5)
        steps.authorize(order, provider="fake", source="card", key=str(order.pk))
        carts.add(carts.of(customer), variant)
        return order


def _visitor(key: UUID) -> Visitor:
    return Visitor.objects.get(pk=key)


@pytest.fixture
def people(two_tenants: TwoTenants) -> tuple[UUID, UUID]:
    with context.use(two_tenants[0]):
        return VisitorFactory().pk, VisitorFactory().pk


@pytest.fixture
def bought(two_tenants: TwoTenants, people: tuple[UUID, UUID]) -> tuple[Order, Order]:
    """Return what two visitors ordered, each acting as they are."""
    with context.use(two_tenants[0]):
        variant = for_sale(quantity=9)
        coupons.create(CODE, currency="EUR", amount=100, customer_limit=1)
    one, other = (shop_as(two_tenants[0], key, variant) for key in people)
    return one, other


def number(model: type[Model]) -> tuple[int, int]:
    """Return how many rows are seen by the ORM, and by SQL of one's own."""
    with connections[router.db_for_read(model)].cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(model._meta.db_table)))
        return model._default_manager.count(), cursor.fetchone()[0]


def test_each_sees_their_own_rows_nobody_none_and_staff_all(
    two_tenants: TwoTenants, people: tuple[UUID, UUID], bought: tuple[Order, Order]
) -> None:
    seen = {}
    for actor in (*people, Who.NOBODY, Who.STAFF, Who.SYSTEM):
        with context.use(two_tenants[0], actor=actor):
            seen[actor] = {model: number(model) for model in OWNED}
    for model in OWNED:
        mine = seen[people[0]][model][0]
        assert mine > 0, model
        assert seen[people[0]][model] == seen[people[1]][model] == (mine, mine), model  # both did the same
        assert seen[Who.NOBODY][model] == (0, 0), model
        assert seen[Who.STAFF][model] == seen[Who.SYSTEM][model] == (2 * mine, 2 * mine), model
    with context.use(two_tenants[1], actor=people[0]):
        assert {number(model) for model in OWNED} == {(0, 0)}


def test_numbers_and_limits_count_over_all_customers(bought: tuple[Order, Order]) -> None:
    assert [order.number for order in bought] == [1, 2]


def test_limits_hold_for_who_acts_as_themselves(
    two_tenants: TwoTenants, people: tuple[UUID, UUID], bought: tuple[Order, Order]
) -> None:
    acme = two_tenants[0]
    with context.use(acme, actor=people[0]):
        cart = carts.of(Customer.objects.get())
        with pytest.raises(refusals.CouponUsedUp):
            orders.place(cart, shipping_address=ADDRESS, coupon_code=CODE)
    with context.use(acme):
        assert coupons.find(CODE).used == 2
        assert Product.objects.get().rating_count == 2


def test_rows_of_another_are_neither_changed_nor_made(
    two_tenants: TwoTenants, people: tuple[UUID, UUID], bought: tuple[Order, Order]
) -> None:
    ann, bob = people
    with context.use(two_tenants[0], actor=ann):
        assert Address.objects.filter(customer=bob).update(city="Paris") == 0
        assert CartLine.objects.filter(cart__customer=bob).delete()[0] == 0
        with pytest.raises(Order.DoesNotExist):
            orders.cancel(bought[1])
        refused: list[Callable[[], Any]] = [
            lambda: Cart.objects.create(customer_id=bob),
            lambda: Phone.objects.create(customer_id=bob, number="+4930999999"),
            lambda: Address.objects.filter(customer=ann).update(customer=bob),
            lambda: Wishlist.objects.filter(customer=ann).update(customer=bob),
        ]
        for write in refused:
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                write()
    with context.use(two_tenants[0]):
        assert Address.objects.get(customer=bob).city == "London"
        assert CartLine.objects.filter(cart__customer=bob).count() == 2  # ordered, and in the cart of now
        assert Order.objects.get(pk=bought[1].pk).status == "pending"


def test_a_customer_cancels_their_own_order(
    two_tenants: TwoTenants, people: tuple[UUID, UUID], bought: tuple[Order, Order]
) -> None:
    with context.use(two_tenants[0], actor=people[0]):
        assert orders.cancel(Order.objects.get()).status == "cancelled"
        assert [row.after for row in orders.history(Order.objects.get())] == ["pending", "cancelled"]
    with context.use(two_tenants[0]):
        assert coupons.find(CODE).used == 1


def test_carts_are_merged_by_the_work_itself_where_somebody_signs_in(two_tenants: TwoTenants) -> None:
    """It reads the rows of two: a visitor would find nothing of the guest's, whom they are no more."""
    acme = two_tenants[0]
    with context.use(acme):
        variant = for_sale(quantity=9)
        guest = customers.open(visitors.guest())
        ann = customers.open(visitors.sign_up(email="ann@example.com", password="correct horse battery"))
    with context.use(acme, actor=guest.pk):
        carts.add(carts.of(Customer.objects.get()), variant, quantity=2)
    with context.use(acme, actor=ann.pk), pytest.raises(Visitor.DoesNotExist):
        carts.merge(Customer(visitor_id=guest.pk), ann)
    with context.use(acme):
        carts.merge(guest, ann)
    with context.use(acme, actor=ann.pk):
        assert [line.quantity for line in carts.lines(carts.of(Customer.objects.get()))] == [2]
