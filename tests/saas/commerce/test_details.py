"""Tags and images: given, listed, and refused where they make no sense."""

from typing import Any

import pytest

from saas.commerce import details, exceptions
from saas.commerce.models import Brand, Category, Image, Product, ProductTag
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import BrandFactory, CategoryFactory, ProductFactory, TagFactory


def test_a_product_has_exactly_the_tags_that_were_given_last(acme: object) -> None:
    product, new, sale, gone = ProductFactory(), TagFactory(), TagFactory(), TagFactory()
    details.tag(product, [gone, sale])
    kept = ProductTag.objects.get(product=product, tag=sale).pk
    details.tag(product, [sale, new, sale])
    assert set(product.tags.all()) == {sale, new}
    assert ProductTag.objects.get(product=product, tag=sale).pk == kept
    details.tag(product, [])
    assert list(product.tags.all()) == []


def test_a_tag_has_a_name_and_a_slug_of_its_own(acme: object) -> None:
    details.create_tag(name="New", slug="new")
    for error, name, slug in (
        (exceptions.DuplicateSlug, "Newer", "new"),
        (exceptions.InvalidName, "", "other"),
        (exceptions.InvalidSlug, "Other", "O"),
    ):
        with pytest.raises(error):
            details.create_tag(name=name, slug=slug)


def test_an_image_belongs_to_a_product_a_category_or_a_brand(acme: object) -> None:
    owners: list[Product | Category | Brand] = [ProductFactory(), CategoryFactory(), BrandFactory()]
    for owner in owners:
        last = details.add_image(owner, key="shop/b.webp", position=1)
        first = details.add_image(owner, key="shop/a.webp", alt="From the side")
        assert list(details.images(owner)) == [first, last]
        with pytest.raises(exceptions.Duplicate):
            details.add_image(owner, key="shop/a.webp")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"key": ""}, "invalid_key"),
        ({"key": "/etc/passwd"}, "invalid_key"),
        ({"key": "a/../b"}, "invalid_key"),
        ({"key": "a//b"}, "invalid_key"),
        ({"key": "ä.webp"}, "invalid_key"),
        ({"alt": "x" * 201}, "invalid_text"),
        ({"position": -1}, "invalid_position"),
    ],
)
def test_an_image_that_cannot_be_is_refused(acme: object, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(exceptions.CommerceError) as caught:
        details.add_image(ProductFactory(), **{"key": "a.webp", **wrong})
    assert (caught.value.code, Image.objects.count()) == (code, 0)


def test_another_tenant_s_product_is_not_tagged(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        theirs = ProductFactory().pk
    with context.use(two_tenants[0]), pytest.raises(Product.DoesNotExist):
        details.tag(Product(pk=theirs), [TagFactory()])
