"""Search: what shoppers find by words, and what they do not."""

import pytest
from django.utils import timezone

from saas.commerce import products, search
from saas.commerce.models import Product
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import ProductFactory


def shown(**fields: object) -> Product:
    return ProductFactory(published_at=timezone.now(), **fields)


def test_a_word_in_the_name_counts_more_than_one_in_the_description(acme: object) -> None:
    below = shown(name="Lamp", description="A light for your tent.")
    above = shown(name="Dome tent")
    shown(name="Mug")
    assert list(search.published("TENT")) == [above, below]


@pytest.mark.parametrize("words", ["dome", "DT-77", "4006381333931", "hiking", "lightweight"])
def test_it_looks_into_name_sku_barcode_titles_and_description(acme: object, words: str) -> None:
    found = shown(
        name="Dome tent",
        sku="DT-77",
        barcode="4006381333931",
        seo_title="For hiking",
        description="Lightweight.",
    )
    shown(name="Mug")
    assert list(search.published(words)) == [found]


def test_all_words_are_needed_quotes_bind_and_a_hyphen_excludes(acme: object) -> None:
    red, blue = shown(name="Red dome tent"), shown(name="Blue tent dome")
    assert list(search.published("red tent")) == [red]
    assert list(search.published('"dome tent"')) == [red]
    assert list(search.published("tent -red")) == [blue]


@pytest.mark.parametrize("words", ["", "   ", "'", '"', "&|!()", "\x00", ":*", "x" * 10_000, "🙂"])
def test_what_is_no_question_finds_nothing_and_breaks_nothing(acme: object, words: str) -> None:
    shown(name="Tent")
    assert list(search.published(words)) == []


def test_it_finds_what_was_changed_and_no_draft_and_nothing_archived(acme: object) -> None:
    product, draft, gone = shown(name="Tent"), ProductFactory(name="Yurt"), shown(name="Yurt")
    products.update(product, name="Yurt")
    products.archive(gone)
    assert list(search.published("yurt")) == [product]
    assert list(search.published("tent")) == []
    assert draft.published_at is None


def test_it_finds_nothing_of_another_tenant(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[1]):
        shown(name="Tent")
    with context.use(two_tenants[0]):
        assert list(search.published("tent")) == []
