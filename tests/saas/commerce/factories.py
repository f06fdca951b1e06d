"""Rows of the shop for tests; each valid by itself."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from saas.commerce import carts
from saas.commerce.models import (
    Address,
    Brand,
    Cart,
    Category,
    Coupon,
    Customer,
    Order,
    Phone,
    Product,
    Review,
    Tag,
    Variant,
    Wishlist,
)
from saas.visitors.models import Visitor


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class BrandFactory(DjangoModelFactory[Brand]):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"Brand {n}")
    slug = factory.Sequence(lambda n: f"brand-{n}")


class TagFactory(DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Tag {n}")
    slug = factory.Sequence(lambda n: f"tag-{n}")


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"Product {n}")
    slug = factory.Sequence(lambda n: f"product-{n}")
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    price = 1999
    currency = "EUR"


class VariantFactory(DjangoModelFactory[Variant]):
    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    name = factory.Sequence(lambda n: f"Variant {n}")
    sku = factory.Sequence(lambda n: f"SKU-V-{n}")
    quantity = 5


class VisitorFactory(DjangoModelFactory[Visitor]):
    class Meta:
        model = Visitor


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    visitor = factory.SubFactory(VisitorFactory)


class PhoneFactory(DjangoModelFactory[Phone]):
    class Meta:
        model = Phone

    customer = factory.SubFactory(CustomerFactory)
    number = factory.Sequence(lambda n: f"+49301{n:06}")


class AddressFactory(DjangoModelFactory[Address]):
    class Meta:
        model = Address

    customer = factory.SubFactory(CustomerFactory)
    name = "Ada Lovelace"
    line1 = "1 Engine Street"
    city = "London"
    country = "GB"


class WishlistFactory(DjangoModelFactory[Wishlist]):
    class Meta:
        model = Wishlist

    customer = factory.SubFactory(CustomerFactory)
    name = factory.Sequence(lambda n: f"Wishes {n}")


class ReviewFactory(DjangoModelFactory[Review]):
    class Meta:
        model = Review

    product = factory.SubFactory(ProductFactory)
    customer = factory.SubFactory(CustomerFactory)
    rating = 4


ADDRESS = {"name": "Ada Lovelace", "line1": "1 Engine Street", "city": "London", "country": "GB"}


class CartFactory(DjangoModelFactory[Cart]):
    class Meta:
        model = Cart

    customer = factory.SubFactory(CustomerFactory)


class CouponFactory(DjangoModelFactory[Coupon]):
    class Meta:
        model = Coupon

    code = factory.Sequence(lambda n: f"CODE{n}")
    currency = "EUR"
    amount = 500


class OrderFactory(DjangoModelFactory[Order]):
    """An order without lines, of nothing but shipping."""

    class Meta:
        model = Order

    number = factory.Sequence(lambda n: n + 1_000_000)  # none that the shop's own counter gives
    customer = factory.SubFactory(CustomerFactory)
    currency = "EUR"
    subtotal = 0
    shipping = 1000
    total = 1000
    shipping_address = ADDRESS
    billing_address = ADDRESS


def for_sale(*, price: int = 1999, quantity: int = 5, **product: object) -> Variant:
    """Return a variant of a published product."""
    published = {"published_at": timezone.now(), "price": price, **product}
    return VariantFactory(product=ProductFactory(**published), quantity=quantity)


def filled(*wanted: tuple[Variant, int], customer: Customer | None = None) -> Cart:
    """Return a cart with so many of each variant."""
    cart = carts.of(customer or CustomerFactory())
    for variant, quantity in wanted:
        carts.add(cart, variant, quantity=quantity)
    return cart
