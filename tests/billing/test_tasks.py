"""Billing's tasks run for operators alone, on the queue of the worker that holds their login."""

import pytest

from billing import tasks, usage
from billing.models import UsageHour
from saas.celery import app
from tenants import context, exceptions
from tenants.directory import Entry
from tests.tenants.test_tasks import receive, sign

TwoTenants = tuple[Entry, Entry]


def test_the_roll_up_moves_what_was_flushed_into_hours(fresh_db: str, two_tenants: TwoTenants) -> None:
    usage.count(two_tenants[0].id, "api_calls", 3)
    usage.flush()
    assert receive(tasks.roll_up, header=sign(None, tasks.roll_up)) == 1
    with context.use(two_tenants[0]):
        assert [row.quantity for row in UsageHour.objects.all()] == [3]


def test_a_tenant_can_neither_run_nor_publish_it(two_tenants: TwoTenants) -> None:
    with pytest.raises(exceptions.InvalidScope):
        receive(tasks.roll_up, header=sign(two_tenants[0], tasks.roll_up))
    with context.use(two_tenants[0]), pytest.raises(exceptions.WrongTenant):
        tasks.roll_up.delay()


def test_it_goes_to_the_worker_that_holds_the_login() -> None:
    assert app.amqp.router.route({}, tasks.roll_up.name)["queue"].name == "ddl"
