"""What the database refuses of brands, tags, images and past prices, whoever writes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from saas.commerce.models import Brand, Image, PastPrice, ProductTag
from tests.saas.commerce.factories import BrandFactory, CategoryFactory, ProductFactory, TagFactory
from tests.saas.commerce.models.test_catalog import refused

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def past(product: Any, first: int, last: int, **fields: Any) -> PastPrice:
    facts = {"price": 1, "currency": "EUR", **fields}
    return PastPrice(product=product, valid_from=START + first * DAY, valid_until=START + last * DAY, **facts)


@pytest.mark.parametrize("owners", [(), ("product", "brand"), ("product", "category", "brand")])
def test_an_image_of_nothing_or_of_several_is_refused(acme: object, owners: tuple[str, ...]) -> None:
    makers: dict[str, Any] = {"product": ProductFactory, "category": CategoryFactory, "brand": BrandFactory}
    image = Image(key="a.webp", **{owner: makers[owner]() for owner in owners})
    assert refused(image.save) == "commerce_image_of_exactly_one"


@pytest.mark.parametrize("owner", ["product", "category", "brand"])
def test_an_image_of_exactly_one_is_kept_once_and_goes_with_it(acme: object, owner: str) -> None:
    makers: dict[str, Any] = {"product": ProductFactory, "category": CategoryFactory, "brand": BrandFactory}
    row = makers[owner]()
    Image.objects.create(key="a.webp", **{owner: row})
    assert refused(Image(key="a.webp", **{owner: row}).save) == f"commerce_image_once_per_{owner}"
    assert refused(Image(key="../a", **{owner: row}).save) == "commerce_image_key_format"
    assert refused(Image(key="b", position=-1, **{owner: row}).save) == "commerce_image_position_not_negative"
    row.delete()
    assert Image.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"name": " "}, "commerce_brand_name_not_blank"),
        ({"slug": "A"}, "commerce_brand_slug_format"),
        ({"website": "ftp://a"}, "commerce_brand_website_format"),
        ({"slug": "taken"}, "commerce_brand_slug_unique"),
    ],
)
def test_a_brand_that_cannot_be_is_refused(acme: object, fields: dict[str, Any], constraint: str) -> None:
    BrandFactory(slug="taken")
    assert refused(lambda: BrandFactory(**fields)) == constraint
    assert Brand.objects.count() == 1


def test_a_tag_is_unique_and_given_once(acme: object) -> None:
    tag, product = TagFactory(slug="new"), ProductFactory()
    assert refused(lambda: TagFactory(slug="new")) == "commerce_tag_slug_unique"
    assert refused(lambda: TagFactory(slug="N")) == "commerce_tag_slug_format"
    assert refused(lambda: TagFactory(name="")) == "commerce_tag_name_not_blank"
    product.tags.add(tag)
    assert refused(ProductTag(product=product, tag=tag).save) == "commerce_producttag_unique"


@pytest.mark.parametrize(("first", "last"), [(0, 10), (1, 2), (-1, 1), (9, 11), (-5, 99)])
def test_two_times_of_one_product_that_overlap_are_refused(acme: object, first: int, last: int) -> None:
    product = ProductFactory()
    past(product, 0, 10).save()
    assert refused(past(product, first, last).save) == "commerce_pastprice_no_overlap"
    past(ProductFactory(), first, last).save()


def test_times_that_only_touch_are_kept(acme: object) -> None:
    product = ProductFactory()
    for first, last in ((0, 10), (10, 11), (-1, 0)):
        past(product, first, last).save()
    assert PastPrice.objects.count() == 3


def test_products_whose_ids_differ_in_one_digit_do_not_meet(acme: object) -> None:
    digits = "0198c0dec0de7000800000000000000"
    alike = [ProductFactory(id=UUID(digits + last)) for last in "01f"]
    alike += [ProductFactory(id=UUID(first + digits)) for first in "1f"]
    for product in alike:
        past(product, 0, 10).save()
    for product in alike:
        assert refused(past(product, 0, 10).save) == "commerce_pastprice_no_overlap"


def test_a_time_that_is_empty_or_a_price_that_is_none_is_refused(acme: object) -> None:
    product = ProductFactory()
    assert refused(past(product, 1, 1).save) == "commerce_pastprice_time_not_empty"
    assert refused(past(product, 0, 1, price=-1).save) == "commerce_pastprice_price_not_negative"
    assert refused(past(product, 0, 1, currency="eur").save) == "commerce_pastprice_currency_iso"
