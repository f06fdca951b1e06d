"""Wishlists: what a customer would like to have, in lists of their own."""

from django.db.models import QuerySet

from saas.commerce import constraints, values
from saas.commerce.models import Customer, Product, Wishlist, WishlistItem


def create(customer: Customer, name: str) -> Wishlist:
    """Begin a list. Raises InvalidName, DuplicateName."""
    wishlist = Wishlist(customer=customer, name=values.name(name))
    with constraints.translated():
        wishlist.save(force_insert=True)
    return wishlist


def remove(wishlist: Wishlist) -> None:
    """Delete a list with all on it."""
    wishlist.delete()


def put(wishlist: Wishlist, product: Product, *, quantity: int = 1, note: str = "") -> WishlistItem:
    """Put product on the list, or change how many and why if it stands there. Raises InvalidValue."""
    facts = {
        "quantity": values.pieces(quantity),
        "note": values.text(note, values.REASON_LENGTH, field="note"),
    }
    with constraints.translated():
        item, _ = WishlistItem.objects.update_or_create(wishlist=wishlist, product=product, defaults=facts)
    return item


def take_off(wishlist: Wishlist, product: Product) -> bool:
    """Take product off the list; returns whether it stood there."""
    return bool(WishlistItem.objects.filter(wishlist=wishlist, product=product).delete()[0])


def of(customer: Customer) -> QuerySet[Wishlist]:
    """Return the lists of customer, the oldest first."""
    return Wishlist.objects.filter(customer=customer).order_by("created_at", "id")


def items(wishlist: Wishlist) -> QuerySet[WishlistItem]:
    """Return what stands on the list with its products, the newest first: one query."""
    found = WishlistItem.objects.filter(wishlist=wishlist).select_related("product").defer("product__search")
    return found.order_by("-added_at", "-id")
