"""Carts: what a customer, guest or not, wants to buy. Each verb locks the cart first, and that is all it waits for."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from saas.commerce import constraints, exceptions, refusals, values
from saas.commerce.models import Cart, CartLine, Customer, Variant


def of(customer: Customer) -> Cart:
    """Return the open cart of customer, a new one if there is none; of two callers at once both get the same."""
    found = Cart.objects.filter(customer=customer, closed_at=None).first()
    if found is not None:
        return found
    try:
        with constraints.translated():
            return Cart.objects.create(customer=customer)
    except exceptions.Duplicate:
        return Cart.objects.get(customer=customer, closed_at=None)


def lines(cart: Cart) -> QuerySet[CartLine]:
    """Return what is in cart with variants and products, in the order in which it was put in."""
    return cart.lines.select_related("variant__product").order_by("added_at", "id")


def add(cart: Cart, variant: Variant, *, quantity: int = 1) -> CartLine:
    """Put so many more of variant into cart. Raises InvalidCartQuantity, NotForSale, OtherCurrency, CartClosed."""
    values.cart_quantity(quantity)
    with locked(cart):
        if not variant.product.is_published():
            raise refusals.NotForSale
        line = cart.lines.filter(variant=variant).first() or CartLine(cart=cart, variant=variant, quantity=0)
        line.quantity = values.cart_quantity(line.quantity + quantity)
        _accept(cart, variant, new=line._state.adding)
        with constraints.translated():
            line.save()
        return line


def put(cart: Cart, variant: Variant, *, quantity: int) -> None:
    """Have exactly so many of variant in cart, 0 for none. Raises InvalidCartQuantity, CartClosed, DoesNotExist.

    DoesNotExist is CartLine's, for a variant that is not in the cart.
    """
    with locked(cart):
        wanted = quantity and values.cart_quantity(quantity)
        found = cart.lines.filter(variant=variant)
        changed = found.update(quantity=wanted) if wanted else found.delete()[0]
        if not changed:
            raise CartLine.DoesNotExist


def clear(cart: Cart) -> None:
    """Take everything out of cart, and with it its currency. Raises CartClosed."""
    with locked(cart):
        cart.lines.all().delete()
        _write(cart, currency=None)


def merge(guest: Customer, customer: Customer) -> Cart:
    """Put what guest had into the open cart of customer, who has just signed in, and close the guest's. Returns it.

    Quantities are added, up to what a line may hold; lines in another currency than the customer's, and those above
    what a cart may hold, stay in the closed cart. Again, or without a guest's cart, it changes nothing. Both carts are
    locked in the order of their ids. It reads the rows of two, so whoever proved to be both has the work itself do it:
    acting as one of them it finds nothing of the other. Raises NotAGuest.
    """
    if not guest.visitor.is_guest or guest.pk == customer.pk:
        raise refusals.NotAGuest
    with transaction.atomic(using=router.db_for_write(Cart)):
        into = of(customer)
        both = Cart.objects.filter(customer__in=[guest, customer], closed_at=None)
        held = {cart.customer_id: cart for cart in both.order_by("id").select_for_update(no_key=True)}
        source = held.get(guest.pk)
        into = held.get(customer.pk, into)
        if source is not None:
            _pour(source, into)
            _write(source, closed_at=timezone.now(), merged_into=into)
    return into


def close(cart: Cart) -> None:
    """Say that cart was ordered. The caller holds it locked."""
    _write(cart, closed_at=timezone.now())


@contextmanager
def locked(cart: Cart) -> Iterator[None]:
    """Read cart again and lock it until the transaction ends. Raises CartClosed, Cart.DoesNotExist."""
    with transaction.atomic(using=router.db_for_write(Cart)):
        cart.refresh_from_db(from_queryset=Cart.objects.select_for_update(no_key=True))
        if cart.closed_at is not None:
            raise refusals.CartClosed
        yield


def _accept(cart: Cart, variant: Variant, *, new: bool) -> None:
    """Refuse another currency than that of what is in, and one line too many; the first line decides."""
    held = cart.lines.count()
    if new and held >= values.CART_LINES_MAX:
        raise refusals.InvalidCartQuantity
    if not held:
        _write(cart, currency=variant.product.currency)
    elif cart.currency != variant.product.currency:
        raise refusals.OtherCurrency


def _pour(source: Cart, into: Cart) -> None:
    held = {line.variant_id: line for line in into.lines.all()}
    added: list[CartLine] = []
    for line in lines(source):
        if line.variant_id in held:
            same = held[line.variant_id]
            same.quantity = min(same.quantity + line.quantity, values.CART_QUANTITY_MAX)
        elif len(held) + len(added) < values.CART_LINES_MAX and _fits(
            into, line, empty=not held and not added
        ):
            added.append(CartLine(cart=into, variant=line.variant, quantity=line.quantity))
    CartLine.objects.bulk_update(held.values(), ["quantity"])
    CartLine.objects.bulk_create(added)


def _fits(into: Cart, line: CartLine, *, empty: bool) -> bool:
    if empty:
        _write(into, currency=line.variant.product.currency)
    return into.currency == line.variant.product.currency


def _write(cart: Cart, **fields: object) -> None:
    with constraints.translated():
        Cart.objects.filter(pk=cart.pk).update(**fields)
    for field, value in fields.items():
        setattr(cart, field, value)
