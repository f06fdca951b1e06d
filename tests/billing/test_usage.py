import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from billing import exceptions, usage
from billing.models import UsageCount, UsageEvent, UsageHour
from tenants import context
from tenants.directory import Entry

FindTenant = Callable[[str], Entry]


def events() -> list[tuple[str, int]]:
    return list(UsageEvent.objects.order_by("recorded_at").values_list("meter", "quantity"))


def test_an_event_is_kept_with_its_meter_and_quantity(acme: Entry) -> None:
    assert usage.record("emails", 3, properties={"to": "x"}) is True
    event = UsageEvent.objects.get()
    assert (event.tenant_id, event.meter, event.quantity, event.properties) == (
        acme.id,
        "emails",
        3,
        {"to": "x"},
    )


def test_the_same_event_twice_is_one_event_and_says_so(acme: Entry) -> None:
    assert usage.record("emails", id="mail-1") is True
    assert usage.record("emails", id="mail-1") is False
    assert events() == [("emails", 1)]


@pytest.mark.parametrize("other", [("emails", 2), ("calls", 1)])
def test_the_same_id_for_something_else_is_refused(acme: Entry, other: tuple[str, int]) -> None:
    usage.record("emails", id="mail-1")
    with pytest.raises(exceptions.EventConflict, match="mail-1"):
        usage.record(*other, id="mail-1")
    assert events() == [("emails", 1)]


def test_the_same_id_in_another_tenant_is_another_event(two_tenants: tuple[Entry, Entry]) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            assert usage.record("emails", id="mail-1") is True


@given(
    quantity=st.one_of(st.integers(max_value=0), st.floats(), st.booleans(), st.text(max_size=3), st.none())
)
def test_it_refuses_a_quantity_that_is_no_whole_number_above_0(quantity: Any) -> None:
    with pytest.raises(exceptions.InvalidQuantity):
        usage.record("emails", quantity)


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_it_refuses_an_id_that_is_empty_or_too_long(acme: Entry, name: str) -> None:
    with pytest.raises(exceptions.InvalidEventId):
        usage.record("emails", id=name)


def test_an_event_is_lost_with_the_transaction_that_it_counts(tenant: FindTenant) -> None:
    shop = tenant("acme")
    with context.use(shop):
        usage.record("emails")
        context.roll_back()
    with context.use(shop):
        assert events() == []


def test_an_event_belongs_to_a_tenant(db: None) -> None:
    with pytest.raises(Exception, match="No context"):
        usage.record("emails")


def test_a_tenant_cannot_change_or_delete_its_events(acme: Entry) -> None:
    usage.record("emails", 5)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        UsageEvent.objects.update(quantity=1)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        UsageEvent.objects.all()._raw_delete("default")
    assert events() == [("emails", 5)]


def test_counting_costs_no_statement_until_the_flush_which_is_one(
    tenant: FindTenant, django_assert_num_queries: Any
) -> None:
    shops = [tenant("acme"), tenant("globex")]
    counters = usage.Counters()
    with django_assert_num_queries(0):
        for shop in shops * 5:
            counters.count(shop.id, "api_calls")
    with CaptureQueriesContext(connection) as queries:
        assert counters.flush() == 2
    assert [q["sql"].split()[0] for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]] == [
        "INSERT"
    ]
    assert counters.flush() == 0


def test_counts_of_all_threads_arrive(fresh_db: str, tenant: FindTenant) -> None:
    shop, counters = tenant("acme"), usage.Counters()

    def count() -> None:
        for _ in range(500):
            counters.count(shop.id, "x")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counters.flush()
    with context.operator():
        usage.roll_up()
        assert UsageHour.objects.get(meter="x").quantity == 2000


def test_a_flush_that_fails_keeps_the_counts(
    fresh_db: str, tenant: FindTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, counters = tenant("acme"), usage.Counters()
    counters.count(shop.id, "x", 2)
    with monkeypatch.context() as broken:
        broken.setattr(UsageCount.objects, "bulk_create", lambda _rows: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            counters.flush()
    counters.count(shop.id, "x", 3)
    counters.flush()
    with context.operator():
        usage.roll_up()
        assert UsageHour.objects.get(meter="x").quantity == 5


def test_the_login_that_flushes_reads_no_counts(tenant: FindTenant) -> None:
    with pytest.raises(Exception, match="permission denied"), context.public():
        UsageCount.objects.count()


def test_the_roll_up_adds_to_hours_and_takes_each_count_once(fresh_db: str, tenant: FindTenant) -> None:
    shops = [tenant("acme"), tenant("globex")]
    for quantity in (2, 5):
        for shop in shops:
            usage.count(shop.id, "api_calls", quantity)
        usage.flush()
        with context.operator():
            assert usage.roll_up() == 2
            assert usage.roll_up() == 0
    for shop in shops:
        with context.use(shop):
            assert [row.quantity for row in UsageHour.objects.all()] == [7]


def test_a_roll_up_that_is_rolled_back_loses_nothing(fresh_db: str, tenant: FindTenant) -> None:
    usage.count(tenant("acme").id, "api_calls", 4)
    usage.flush()
    with context.operator():
        usage.roll_up()
        context.roll_back()
    with context.operator():
        assert UsageHour.objects.count() == 0
        assert usage.roll_up() == 1
        assert UsageHour.objects.get().quantity == 4
