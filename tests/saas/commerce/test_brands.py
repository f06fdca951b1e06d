"""Brands: created, changed and listed, never across tenants."""

from typing import Any

import pytest

from saas.commerce import brands, exceptions
from saas.commerce.models import Brand
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import BrandFactory


def test_it_creates_and_changes_a_brand(acme: object) -> None:
    brand = brands.create(name="Alpaka", slug="alpaka", website="https://alpaka.example")
    brands.update(brand, name="Alpaka & Co", website="")
    kept = Brand.objects.get()
    assert (kept.name, kept.slug, kept.website, brand.name) == ("Alpaka & Co", "alpaka", "", "Alpaka & Co")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "invalid_name"),
        ({"slug": "A"}, "invalid_slug"),
        ({"description": "\x00"}, "invalid_description"),
        ({"website": "javascript:alert(1)"}, "invalid_website"),
        ({"website": "https://a b.example"}, "invalid_website"),
        ({"website": "https://" + "a" * 500}, "invalid_website"),
        ({"slug": "taken"}, "duplicate_slug"),
    ],
)
def test_it_refuses_what_cannot_be(acme: object, wrong: dict[str, Any], code: str) -> None:
    BrandFactory(slug="taken")
    other = BrandFactory(name="Other")
    with pytest.raises(exceptions.CommerceError) as creating:
        brands.create(**{"name": "Alpaka", "slug": "alpaka", **wrong})
    with pytest.raises(exceptions.CommerceError) as updating:
        brands.update(other, **wrong)
    assert (creating.value.code, updating.value.code) == (code, code)
    assert (Brand.objects.count(), other.name) == (2, "Other")


def test_what_a_brand_does_not_have_cannot_be_changed(acme: object) -> None:
    with pytest.raises(TypeError, match="id"):
        brands.update(BrandFactory(), id=1)  # type: ignore[call-arg]


def test_brands_are_listed_by_name_and_another_tenant_s_are_not(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        theirs = BrandFactory(name="M")
    with context.use(two_tenants[0]):
        last, first = BrandFactory(name="Z"), BrandFactory(name="A")
        assert list(brands.listing()) == [first, last]
        with pytest.raises(Brand.DoesNotExist):
            brands.update(Brand(pk=theirs.pk), name="Mine")
