"""Stock: every change is in the log, nothing is sold twice, and the arithmetic always adds up."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.commerce import exceptions, ids, stock
from saas.commerce.models import StockEntry, Variant
from tenants import context
from tenants.directory import Entry
from tests.saas.commerce.factories import VariantFactory

TwoTenants = tuple[Entry, Entry]


def left(variant: Variant) -> int:
    return Variant.objects.get(pk=variant.pk).quantity


def log(variant: Variant) -> list[tuple[int, str, int, int, int]]:
    """The whole log of a variant, oldest first."""
    rows = stock.history(variant).order_by("number")
    return list(rows.values_list("number", "kind", "previous_quantity", "change", "quantity"))


def test_it_sells_several_variants_for_an_order_and_writes_it_down(acme: object) -> None:
    red, blue, order = VariantFactory(quantity=5), VariantFactory(quantity=3), ids.new()
    entries = stock.sell({blue.pk: 3, red.pk: 2}, order_id=order, by="till 1")
    assert (left(red), left(blue)) == (3, 0)
    assert log(red) == [(1, "sale", 5, -2, 3)]
    assert log(blue) == [(1, "sale", 3, -3, 0)]
    assert {(entry.order_id, entry.by) for entry in entries} == {(order, "till 1")}
    assert [entry.variant_id for entry in entries] == sorted([red.pk, blue.pk])
    assert stock.sold(order) == {red.pk: 2, blue.pk: 3}


def test_it_sells_all_or_none_and_names_what_is_short(acme: object) -> None:
    plenty, short = VariantFactory(quantity=50), VariantFactory(quantity=1)
    with pytest.raises(exceptions.OutOfStock) as caught:
        stock.sell({plenty.pk: 1, short.pk: 2}, order_id=ids.new())
    assert (caught.value.variant_id, caught.value.wanted, caught.value.left) == (short.pk, 2, 1)
    assert str(short.pk) in str(caught.value)
    assert (left(plenty), left(short), StockEntry.objects.count()) == (50, 1, 0)


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "2", 2**31])
def test_it_refuses_what_is_no_number_of_pieces(acme: object, wrong: Any) -> None:
    variant = VariantFactory()
    for verb in (stock.sell, stock.put_back):
        with pytest.raises(exceptions.InvalidQuantity):
            verb({variant.pk: wrong}, order_id=ids.new())
    with pytest.raises(exceptions.InvalidQuantity):
        stock.receive({variant.pk: wrong})
    assert StockEntry.objects.count() == 0


def test_a_variant_that_is_not_there_is_not_sold(acme: object) -> None:
    there = VariantFactory()
    with pytest.raises(Variant.DoesNotExist):
        stock.sell({there.pk: 1, ids.new(): 1}, order_id=ids.new())
    assert left(there) == 5


def test_another_tenant_s_variant_is_not_there(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        variant = VariantFactory(quantity=5)
    with context.use(two_tenants[1]), pytest.raises(Variant.DoesNotExist):
        stock.sell({variant.pk: 1}, order_id=ids.new())
    with context.use(two_tenants[0]):
        assert left(variant) == 5


def test_an_order_returns_what_it_took_and_no_more(acme: object) -> None:
    variant, order, other = VariantFactory(quantity=9), ids.new(), ids.new()
    stock.sell({variant.pk: 3}, order_id=order)
    stock.sell({variant.pk: 3}, order_id=other)
    stock.put_back({variant.pk: 2}, order_id=order, reason="Too small")
    with pytest.raises(exceptions.ReturnedTooMany) as caught:
        stock.put_back({variant.pk: 2}, order_id=order)
    assert caught.value.left == 1
    stock.put_back({variant.pk: 1}, order_id=order)
    # 9 - 3 - 3 + 2 + 1 = 6
    assert (left(variant), stock.sold(order), stock.sold(other)) == (6, {}, {variant.pk: 3})


def test_a_purchase_fills_up_to_the_maximum_and_not_beyond(acme: object) -> None:
    variant = VariantFactory(quantity=5, stock_maximum=10)
    stock.receive({variant.pk: 5}, reference="DN 7", by="Ada")
    with pytest.raises(exceptions.AboveMaximum):
        stock.receive({variant.pk: 1})
    assert log(variant) == [(1, "purchase", 5, 5, 10)]
    entry = stock.history(variant).get()
    assert (entry.reference, entry.by) == ("DN 7", "Ada")


def test_a_return_may_go_above_the_maximum(acme: object) -> None:
    variant, order = VariantFactory(quantity=10, stock_maximum=10), ids.new()
    stock.sell({variant.pk: 1}, order_id=order)
    stock.receive({variant.pk: 1})
    stock.put_back({variant.pk: 1}, order_id=order)
    assert left(variant) == 11


def test_no_stock_is_more_than_a_column_holds(acme: object) -> None:
    variant = VariantFactory(quantity=2**31 - 2)
    stock.receive({variant.pk: 1})
    with pytest.raises(exceptions.AboveMaximum):
        stock.receive({variant.pk: 1})
    assert left(variant) == 2_147_483_647


def test_a_count_corrects_the_stock_with_a_reason(acme: object) -> None:
    variant = VariantFactory(quantity=5)
    entry = stock.adjust(variant, to=3, reason="Two were broken", by="Ada")
    assert entry is not None
    assert (entry.change, entry.reason, variant.quantity, left(variant)) == (-2, "Two were broken", 3, 3)
    assert stock.adjust(variant, to=3, reason="Counted again") is None
    with pytest.raises(exceptions.InvalidReason):
        stock.adjust(variant, to=4, reason=" ")
    for wrong in (-1, True, 2**31):
        with pytest.raises(exceptions.InvalidStock):
            stock.adjust(variant, to=wrong, reason="Counted")
    assert log(variant) == [(1, "adjustment", 5, -2, 3)]


def test_a_transfer_takes_here_and_gives_there_under_one_name(acme: object) -> None:
    source, target = VariantFactory(quantity=5), VariantFactory(quantity=0)
    entries = stock.transfer(source, target, 4)
    assert (left(source), left(target)) == (1, 4)
    assert len({entry.transfer_id for entry in entries} - {None}) == 1
    with pytest.raises(exceptions.OutOfStock):
        stock.transfer(source, target, 2)
    with pytest.raises(exceptions.InvalidQuantity):
        stock.transfer(source, source, 1)
    assert (left(source), left(target)) == (1, 4)


def test_the_history_is_read_page_by_page_newest_first(acme: object) -> None:
    variant = VariantFactory(quantity=10)
    for _ in range(5):
        stock.sell({variant.pk: 1}, order_id=ids.new())
    first = list(stock.history(variant)[:2])
    rest = list(stock.before(stock.history(variant), first[-1].number))
    assert [entry.number for entry in [*first, *rest]] == [5, 4, 3, 2, 1]


# What is low


def test_stock_is_low_at_the_minimum_and_somebody_is_told_once(acme: object) -> None:
    variant, fine = VariantFactory(quantity=5), VariantFactory(quantity=5)
    stock.limit(variant, minimum=3, maximum=20)
    stock.limit(fine, minimum=3, maximum=None)
    assert list(stock.low()) == []
    stock.sell({variant.pk: 2}, order_id=ids.new())
    assert list(stock.low()) == list(stock.alerts()) == [variant]
    since = stock.low().get().low_since
    stock.sell({variant.pk: 1}, order_id=ids.new())
    assert stock.low().get().low_since == since
    assert stock.told([variant.pk, fine.pk]) == 1
    assert (list(stock.low()), list(stock.alerts()), stock.told([variant.pk])) == ([variant], [], 0)


def test_who_was_told_is_forgotten_when_the_stock_is_full_again(acme: object) -> None:
    variant = VariantFactory(quantity=2, stock_minimum=3)
    stock.told([variant.pk])
    stock.receive({variant.pk: 2})
    assert list(stock.low()) == []
    stock.sell({variant.pk: 1}, order_id=ids.new())
    assert list(stock.alerts()) == [variant]


def test_a_minimum_that_is_lifted_ends_the_alert(acme: object) -> None:
    variant = VariantFactory(quantity=0, stock_minimum=0)
    assert list(stock.alerts()) == [variant]
    stock.limit(variant, minimum=None, maximum=None)
    assert list(stock.low()) == []


@pytest.mark.parametrize(("minimum", "maximum"), [(-1, None), (5, 5), (5, 4), (None, 0), (True, None)])
def test_limits_that_make_no_sense_are_refused(acme: object, minimum: Any, maximum: Any) -> None:
    variant = VariantFactory()
    with pytest.raises(exceptions.InvalidStock):
        stock.limit(variant, minimum=minimum, maximum=maximum)


# The log is the truth


def test_a_quantity_that_left_its_log_is_found_and_repaired(acme: object) -> None:
    wrong, right, unlogged = (
        VariantFactory(quantity=5),
        VariantFactory(quantity=5),
        VariantFactory(quantity=7),
    )
    for variant in (wrong, right):
        stock.sell({variant.pk: 1}, order_id=ids.new())
    assert list(stock.wrong()) == []
    Variant.objects.filter(pk=wrong.pk).update(quantity=99)
    assert [(variant.pk, variant.expected) for variant in stock.wrong()] == [(wrong.pk, 4)]
    assert (stock.recount(), stock.recount()) == (1, 0)
    assert (left(wrong), left(right), left(unlogged)) == (4, 4, 7)


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "put_back", "receive", "adjust", "transfer"]),
        st.integers(0, 1),
        st.integers(1, 8),
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.tuples(st.integers(0, 10), st.integers(0, 10)), steps=STEPS)
def test_whatever_happens_in_whatever_order_the_log_adds_up(
    acme: object, start: tuple[int, int], steps: list[Step]
) -> None:
    variants = [VariantFactory(quantity=quantity) for quantity in start]
    model, out, order = list(start), [0, 0], ids.new()
    for verb, which, number in steps:
        expected = play(model, out, (verb, which, number))
        assert run(variants, order, (verb, which, number)) == expected
        assert [left(variant) for variant in variants] == model
    for variant, opening in zip(variants, start, strict=True):
        quantity = opening
        for number, (row, _kind, previous, change, after) in enumerate(log(variant), 1):
            assert (row, previous) == (number, quantity)
            quantity += change
            assert after == quantity >= 0
        assert left(variant) == quantity
    assert list(stock.wrong()) == []


def play(model: list[int], out: list[int], step: Step) -> bool:
    """What should become of two plain numbers; whether the step is possible."""
    verb, which, number = step
    match verb:
        case "sell" if model[which] >= number:
            model[which] -= number
            out[which] += number
        case "put_back" if out[which] >= number:
            model[which] += number
            out[which] -= number
        case "receive":
            model[which] += number
        case "adjust":
            model[which] = number
        case "transfer" if model[which] >= number:
            model[which] -= number
            model[1 - which] += number
        case _:
            return False
    return True


def run(variants: Sequence[Variant], order: UUID, step: Step) -> bool:
    verb, which, number = step
    one, other = variants[which], variants[1 - which]
    verbs: dict[str, Callable[[], object]] = {
        "sell": lambda: stock.sell({one.pk: number}, order_id=order),
        "put_back": lambda: stock.put_back({one.pk: number}, order_id=order),
        "receive": lambda: stock.receive({one.pk: number}),
        "adjust": lambda: stock.adjust(one, to=number, reason="Counted"),
        "transfer": lambda: stock.transfer(one, other, number),
    }
    try:
        verbs[verb]()
    except (exceptions.OutOfStock, exceptions.ReturnedTooMany):
        return False
    return True


# Many at once


def test_of_fifty_buyers_of_the_last_ten_items_exactly_ten_are_served(
    fresh_db: str, tenant: Callable[[str], Entry]
) -> None:
    acme = tenant("acme")
    with context.use(acme):
        variant = VariantFactory(quantity=10)
    together = threading.Barrier(25)

    def buy(number: int) -> str:
        try:
            with context.use(acme):
                assert left(variant) >= 0  # the transaction has begun
                if number < 25:
                    together.wait(30)
                stock.sell({variant.pk: 1}, order_id=ids.new(), by=f"buyer {number}")
        except exceptions.OutOfStock as refusal:
            return f"refused, {refusal.left} left"
        finally:
            connections.close_all()
        return "sold"

    with ThreadPoolExecutor(25) as pool:
        outcomes = list(pool.map(buy, range(50)))
    assert (outcomes.count("sold"), outcomes.count("refused, 0 left")) == (10, 40)
    with context.use(acme):
        assert left(variant) == 0
        assert [row[0] for row in log(variant)] == list(range(1, 11))
        assert [row[4] for row in log(variant)] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
        assert list(stock.wrong()) == []


def test_baskets_that_name_the_same_variants_in_any_order_never_deadlock(
    fresh_db: str, tenant: Callable[[str], Entry]
) -> None:
    acme = tenant("acme")
    with context.use(acme):
        variants = [VariantFactory(quantity=60).pk for _ in range(4)]

    def buy(number: int) -> None:
        turned = variants[number % 4 :] + variants[: number % 4]
        try:
            with context.use(acme):
                stock.sell(dict.fromkeys(turned if number % 2 else reversed(turned), 1), order_id=ids.new())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(buy, range(50)))
    with context.use(acme):
        assert set(Variant.objects.filter(pk__in=variants).values_list("quantity", flat=True)) == {10}
        assert StockEntry.objects.count() == 200
        assert list(stock.wrong()) == []
