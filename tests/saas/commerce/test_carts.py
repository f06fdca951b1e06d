"""Carts: one open one for each customer, guest or not, with what they may hold."""

from typing import Any

import pytest
from django.db import IntegrityError, router, transaction
from django.utils import timezone

from saas.commerce import carts, constraints, refusals, values
from saas.commerce.models import Cart, CartLine, Customer
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import CartFactory, CustomerFactory, VariantFactory, filled, for_sale
from tests.saas.commerce.parallel import all_at_once

TwoTenants = tuple[Entry, Entry]


def held(cart: Cart) -> dict[Any, int]:
    return dict(cart.lines.values_list("variant_id", "quantity"))


def member() -> Customer:
    return CustomerFactory(visitor__email="ann@example.com", visitor__password="hash")


def refused(write: Any) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(using=router.db_for_write(Cart)):
        write()
    return constraints.name_of(caught.value)


def test_a_customer_has_one_open_cart(acme: object) -> None:
    customer = CustomerFactory()
    cart = carts.of(customer)
    assert carts.of(customer) == cart
    assert refused(lambda: Cart.objects.create(customer=customer)) == "commerce_cart_one_open"
    carts.close(cart)
    assert carts.of(customer) != cart


def test_the_same_variant_again_is_one_line_of_more(acme: object) -> None:
    variant, other = for_sale(), for_sale()
    cart = filled((variant, 2), (other, 1), (variant, 3))
    assert held(cart) == {variant.pk: 5, other.pk: 1}
    assert refused(lambda: CartLine.objects.create(cart=cart, variant=variant)) == (
        "commerce_cartline_variant_once"
    )


@pytest.mark.parametrize("quantity", [0, 1000])
def test_the_database_refuses_a_quantity_out_of_range(acme: object, quantity: int) -> None:
    line = {"cart": CartFactory(), "variant": for_sale(), "quantity": quantity}
    assert refused(lambda: CartLine.objects.create(**line)) == "commerce_cartline_quantity_in_range"


@pytest.mark.parametrize("wrong", [0, -1, 1000, True, 1.0, "1"])
def test_so_does_the_verb(acme: object, wrong: Any) -> None:
    cart, variant = CartFactory(), for_sale()
    with pytest.raises(refusals.InvalidCartQuantity):
        carts.add(cart, variant, quantity=wrong)
    carts.add(cart, variant, quantity=999)
    with pytest.raises(refusals.InvalidCartQuantity):
        carts.add(cart, variant)
    assert held(cart) == {variant.pk: 999}


def test_a_quantity_is_set_and_none_takes_the_line_out(acme: object) -> None:
    variant = for_sale()
    cart = filled((variant, 2))
    carts.put(cart, variant, quantity=7)
    assert held(cart) == {variant.pk: 7}
    carts.put(cart, variant, quantity=0)
    assert held(cart) == {}
    with pytest.raises(CartLine.DoesNotExist):
        carts.put(cart, variant, quantity=1)


def test_the_first_line_decides_on_the_currency_until_the_cart_is_cleared(acme: object) -> None:
    euro, dollar = for_sale(), for_sale(currency="USD")
    cart = filled((euro, 1))
    with pytest.raises(refusals.OtherCurrency):
        carts.add(cart, dollar)
    carts.clear(cart)
    carts.add(cart, dollar)
    assert (held(cart), Cart.objects.get().currency) == ({dollar.pk: 1}, "USD")


def test_what_is_not_published_goes_into_no_cart(acme: object) -> None:
    with pytest.raises(refusals.NotForSale):
        carts.add(CartFactory(), VariantFactory())


def test_a_closed_cart_takes_nothing(acme: object) -> None:
    variant = for_sale()
    cart = filled((variant, 1))
    carts.close(cart)
    for change in (
        lambda: carts.add(cart, variant),
        lambda: carts.put(cart, variant, quantity=2),
        lambda: carts.clear(cart),
    ):
        with pytest.raises(refusals.CartClosed):
            change()
    assert held(cart) == {variant.pk: 1}


def test_a_cart_holds_so_many_lines(acme: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "CART_LINES_MAX", 2)
    variant = for_sale()
    cart = filled((variant, 1), (for_sale(), 1))
    with pytest.raises(refusals.InvalidCartQuantity):
        carts.add(cart, for_sale())
    carts.add(cart, variant)


# At sign-in


def test_a_guest_s_cart_is_poured_into_the_customer_s(acme: object) -> None:
    both, only, own = for_sale(), for_sale(), for_sale()
    guest, ann = CustomerFactory(), member()
    left = filled((both, 998), (only, 2), customer=guest)
    kept = filled((both, 5), (own, 1), customer=ann)
    assert carts.merge(guest, ann) == kept
    # 998 + 5 is more than a line may hold.
    assert held(kept) == {both.pk: 999, only.pk: 2, own.pk: 1}
    left.refresh_from_db()
    assert left.closed_at is not None
    assert left.merged_into == kept
    assert carts.merge(guest, ann) == kept
    assert held(kept) == {both.pk: 999, only.pk: 2, own.pk: 1}


def test_a_customer_without_a_cart_gets_the_guest_s_things_and_currency(acme: object) -> None:
    variant = for_sale(currency="USD")
    guest = filled((variant, 1)).customer
    made = carts.merge(guest, member())
    assert (held(made), Cart.objects.get(pk=made.pk).currency) == ({variant.pk: 1}, "USD")


def test_things_in_another_currency_are_left_behind(acme: object) -> None:
    euro, dollar = for_sale(), for_sale(currency="USD")
    ann = member()
    filled((euro, 1), customer=ann)
    assert held(carts.merge(filled((dollar, 1)).customer, ann)) == {euro.pk: 1}


def test_only_a_guest_s_cart_is_merged(acme: object) -> None:
    ann = member()
    with pytest.raises(refusals.NotAGuest):
        carts.merge(ann, CustomerFactory())
    guest = CustomerFactory()
    with pytest.raises(refusals.NotAGuest):
        carts.merge(guest, guest)


def test_a_merged_cart_is_closed_and_not_merged_into_itself(acme: object) -> None:
    cart, other = CartFactory(), CartFactory()
    rows = Cart.objects.filter(pk=cart.pk)
    assert refused(lambda: rows.update(merged_into=other)) == "commerce_cart_merged_is_closed"
    closed = {"merged_into": cart, "closed_at": timezone.now()}
    assert refused(lambda: rows.update(**closed)) == "commerce_cart_merged_is_closed"


def test_another_tenant_sees_no_cart(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        cart = filled((for_sale(), 1))
    with context.use(two_tenants[1]):
        assert not Cart.objects.exists()
        with pytest.raises(Cart.DoesNotExist):
            Cart.objects.get(pk=cart.pk)


# At once


def test_fifty_clicks_at_once_open_one_cart_and_none_is_lost(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        variant, customer_id = for_sale(), CustomerFactory().pk

    def click(_: int) -> None:
        carts.add(carts.of(Customer.objects.get(pk=customer_id)), type(variant).objects.get(pk=variant.pk))

    assert all_at_once(click, 50, tenant=two_tenants[0]) == [None] * 50
    with context.use(two_tenants[0]):
        assert held(Cart.objects.get()) == {variant.pk: 50}
    with context.use(two_tenants[1]):
        assert not Cart.objects.exists()
