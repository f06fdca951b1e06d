"""What the database refuses of the stock's log, and what it writes by itself, whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, router, transaction
from django.db.models import ProtectedError

from saas.commerce import ids
from saas.commerce.models import StockEntry, Variant
from tests.saas.commerce.factories import VariantFactory
from tests.saas.commerce.models.test_catalog import refused


def entry(variant: Variant, kind: str = "adjustment", change: int = 1, **fields: Any) -> StockEntry:
    return StockEntry(variant=variant, kind=kind, change=change, **fields)


def test_an_entry_sets_the_quantity_whatever_it_says_itself(acme: object) -> None:
    variant = VariantFactory(quantity=5)
    entry(variant, change=2, number=77, previous_quantity=100, quantity=102).save()
    StockEntry.objects.bulk_create([entry(variant, change=-1), entry(variant, change=3)])
    rows = StockEntry.objects.order_by("number")
    assert list(rows.values_list("number", "previous_quantity", "change", "quantity")) == [
        (1, 5, 2, 7),
        (2, 7, -1, 6),
        (3, 6, 3, 9),
    ]
    assert Variant.objects.get().quantity == 9


@pytest.mark.parametrize(
    ("kind", "change", "fields", "constraint"),
    [
        ("adjustment", -6, {}, "commerce_variant_quantity_not_negative"),
        ("adjustment", 0, {}, "commerce_stockentry_kind_and_sign"),
        ("purchase", -1, {}, "commerce_stockentry_kind_and_sign"),
        ("theft", -1, {}, "commerce_stockentry_kind_and_sign"),
        ("sale", 1, {"order_id": ids.new()}, "commerce_stockentry_kind_and_sign"),
        ("return", -1, {"order_id": ids.new()}, "commerce_stockentry_kind_and_sign"),
        ("sale", -1, {}, "commerce_stockentry_order_when_sold"),
        ("return", 1, {}, "commerce_stockentry_order_when_sold"),
        ("purchase", 1, {"order_id": ids.new()}, "commerce_stockentry_order_when_sold"),
        ("transfer", 1, {}, "commerce_stockentry_transfer_when_moved"),
        ("purchase", 1, {"transfer_id": ids.new()}, "commerce_stockentry_transfer_when_moved"),
        ("purchase", 4, {}, "commerce_stockentry_maximum"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(
    acme: object, kind: str, change: int, fields: dict[str, Any], constraint: str
) -> None:
    variant = VariantFactory(quantity=5, stock_maximum=8)
    assert refused(entry(variant, kind, change, **fields).save) == constraint
    assert (Variant.objects.get().quantity, StockEntry.objects.count()) == (5, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(reason="Never"),
        lambda rows: rows.update(change=100),
        lambda rows: rows.delete(),
        lambda rows: rows.none().model.objects.filter(pk=ids.new()).update(reason="Never"),
    ],
)
def test_an_entry_is_never_changed_nor_deleted(acme: object, change: Any) -> None:
    entry(VariantFactory(quantity=5)).save()
    using = router.db_for_write(StockEntry)
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic(using=using):
        change(StockEntry.objects.all())
    assert StockEntry.objects.get().reason == ""


def test_a_variant_with_a_log_and_its_product_stay(acme: object) -> None:
    variant = VariantFactory(quantity=5)
    entry(variant).save()
    for row in (variant, variant.product):
        with pytest.raises(ProtectedError):
            row.delete()


def test_an_entry_of_no_variant_is_refused(acme: object) -> None:
    assert refused(entry(Variant(pk=ids.new())).save).startswith("commerce_stockentry_variant_id")


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"barcode": "12"}, "commerce_variant_barcode_format"),
        ({"stock_minimum": -1}, "commerce_variant_stock_minimum_not_negative"),
        ({"stock_minimum": 5, "stock_maximum": 5}, "commerce_variant_stock_maximum_above_minimum"),
        ({"stock_maximum": 0}, "commerce_variant_stock_maximum_above_minimum"),
    ],
)
def test_a_variant_whose_limits_make_no_sense_is_refused(
    acme: object, fields: dict[str, Any], constraint: str
) -> None:
    assert refused(lambda: VariantFactory(**fields)) == constraint


def test_low_is_what_the_quantity_says_whatever_was_written(acme: object) -> None:
    low, fine = VariantFactory(quantity=1, stock_minimum=1), VariantFactory(quantity=2, stock_minimum=1)
    rows = Variant.objects.order_by("quantity").values_list("low_since", flat=True)
    Variant.objects.filter(pk=low.pk).update(low_since=None)
    Variant.objects.filter(pk=fine.pk).update(low_since="2026-01-01T00:00Z")
    assert [since is None for since in rows] == [False, True]
    told = Variant.objects.filter(pk=fine.pk)
    assert refused(lambda: told.update(low_told_at="2026-01-01T00:00Z")) == (
        "commerce_variant_told_only_when_low"
    )
