"""A drawn shop, before any database sees it: what hangs together, and how far popularity goes."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from saas.commerce import seed

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


def drawn(rows: int = 5_000, **options: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [dict(zip(columns, row, strict=True)) for row in found]
        for table, columns, found in seed.batches(rows, **{"seed": 1, "until": UNTIL, **options})
    }


def test_a_flavour_can_be_chosen_and_neighbouring_seeds_have_different_ones() -> None:
    prefixes = {drawn(1_500, seed=n)["commerce_product"][0]["sku"][:3] for n in (0, 1, 2)}
    assert len(prefixes) == 3
    assert drawn(1_500, flavour="books")["commerce_product"][0]["sku"].startswith("BKS-")


def test_kinds_can_be_asked_for_by_number() -> None:
    assert len(drawn(5_000, parts={"products": 33})["commerce_product"]) == 33


def test_the_popular_sell_most() -> None:
    sold = Counter(item["product_id"] for item in drawn(20_000)["commerce_orderitem"])
    best = sum(count for _, count in sold.most_common(len(sold) // 10))
    assert best > sum(sold.values()) / 5


def test_nothing_is_ordered_before_it_was_there_or_drafted_once_it_was() -> None:
    shop = drawn()
    products = {product["id"]: product for product in shop["commerce_product"]}
    placed = {order["id"]: order["placed_at"] for order in shop["commerce_order"]}
    for item in shop["commerce_orderitem"]:
        assert products[item["product_id"]]["created_at"] <= placed[item["order_id"]]
        assert products[item["product_id"]]["published_at"]


def test_every_quantity_has_its_entries() -> None:
    shop = drawn()
    sums: Counter[str] = Counter()
    for entry in shop["commerce_stockentry"]:
        assert entry["previous_quantity"] == sums[entry["variant_id"]]
        sums[entry["variant_id"]] += entry["change"]
        assert entry["quantity"] == sums[entry["variant_id"]] >= 0
    assert any(sums.values())
    assert all(variant["quantity"] == sums[variant["id"]] for variant in shop["commerce_variant"])


def test_every_product_has_a_variant_also_the_last_one() -> None:
    for rows in range(1_500, 1_510):
        shop = drawn(rows)
        of = {variant["product_id"] for variant in shop["commerce_variant"]}
        assert of == {product["id"] for product in shop["commerce_product"]}


@pytest.mark.parametrize("rows", [1_000, 1_001, 4_321])
def test_it_is_exactly_as_many_rows(rows: int) -> None:
    assert sum(map(len, drawn(rows).values())) == rows
