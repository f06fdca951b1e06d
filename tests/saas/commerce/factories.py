"""Rows of the shop for tests; each valid by itself."""

import factory
from factory.django import DjangoModelFactory

from saas.commerce.models import (
    Address,
    Brand,
    Category,
    Customer,
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
