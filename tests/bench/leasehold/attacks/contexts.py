"""Attacks on the contexts themselves: nested, captured, closed in the middle, entered by another door."""

import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction
from django.db.models.signals import post_save, pre_save
from django_tenants.utils import get_tenant_model, schema_context

from saas.commerce.models import Category, Product
from tenants import context
from tests.bench import doors, rows
from tests.bench.harness import OURS, Passes, Run, Tenant, attack, close_connections

ESCAPES = [
    "SELECT set_config('role', '{other}', true) || (SELECT string_agg(word, ' ') FROM"
    " ts_stat('SELECT array_to_tsvector(ARRAY[name::text]) FROM {other}.commerce_product'))",
    "WITH x AS MATERIALIZED (SELECT set_config('role', '{other}', true) AS r) SELECT string_agg(s.word, ' ') FROM x,"
    " LATERAL (SELECT word FROM ts_stat('SELECT array_to_tsvector(ARRAY[name::text]) FROM {other}.commerce_product')"
    " WHERE x.r IS NOT NULL) s",
    "SELECT name FROM {other}.commerce_product",
    "SET LOCAL ROLE {other}",
    "SELECT 1; SET LOCAL ROLE {other}; SELECT name FROM {other}.commerce_product",
]


def _nest(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    with run.side.enter(victim):
        return rows.shop()


def _nest_after_an_error(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    with suppress(Exception):
        doors.execute("SELECT 1/0")
    return _nest(run, attacker, victim)


def _call_set_schema(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    """django-tenants' own way, which our backend inherits."""
    connection.set_schema(victim.schema)  # type: ignore[attr-defined]
    return [rows.shop(), doors.execute(f"SELECT name FROM {victim.schema}.commerce_product")]


def _call_schema_context(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    with schema_context(victim.schema):
        return [rows.shop(), doors.execute(f"SELECT name FROM {victim.schema}.commerce_product")]


def _call_tenant_model(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    connection.set_tenant(get_tenant_model().objects.get(pk=victim.id))  # type: ignore[attr-defined]
    return rows.shop()


def _use_another_login(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    found = [Product.objects.using(alias).first() for alias in connections if alias != "default"]
    return found or Product.objects.using("owner").first()


def _forge_the_context(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    """The ContextVar alone, without its transaction."""
    token = context._current.set(context.Context(context.Kind.TENANT, UUID(victim.id)))
    try:
        return rows.shop()
    finally:
        context._current.reset(token)


def _end_the_transaction(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    """By the driver, past Django: what comes next must not run without a tenant."""
    rows.first()
    connection.connection.commit()
    return [rows.shop(), doors.execute(f"SELECT name FROM {victim.schema}.commerce_product")]


def _roll_it_back(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    rows.first()
    connection.connection.rollback()
    return [rows.shop(), doors.execute(f"SELECT name FROM {victim.schema}.commerce_product")]


def _close_it(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    connection.close()
    return rows.shop()


def _reconnect(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    rows.first()
    connection.connection.close()
    connection.connect()
    return [rows.shop(), doors.execute(f"SELECT name FROM {victim.schema}.commerce_product")]


def _from_a_signal(run: Run, attacker: Tenant, victim: Tenant) -> Any:
    found: list[Any] = []

    def receive(**_: Any) -> None:
        with run.side.enter(victim):
            found.append(rows.shop())

    pre_save.connect(receive, sender=Category)
    try:
        Category.objects.create(name="x", slug="x")
    finally:
        pre_save.disconnect(receive, sender=Category)
    return found


INSIDE: list[Callable[[Run, Tenant, Tenant], Any]] = [
    _nest, _nest_after_an_error, _call_set_schema, _call_schema_context, _call_tenant_model, _use_another_login,
    _forge_the_context, _end_the_transaction, _roll_it_back, _close_it, _reconnect, _from_a_signal,
]  # fmt: skip


@attack(
    "another tenant from inside one",
    tries=50 * len(INSIDE),
    quick=len(INSIDE),
    sides=(OURS,),
    passes=Passes.REFUSED,
)
def go_elsewhere(run: Run) -> None:
    for n in range(run.tries):
        attacker, victim = run.pair()
        act = INSIDE[n % len(INSIDE)]
        with run.tally.attempt(attacker) as found:
            with found.hostile(act.__name__), run.enter(attacker):
                found.saw(act(run, attacker, victim), act.__name__)
            run.look(found, attacker)


@attack(
    "without a tenant, SQL of a stranger",
    tries=600,
    quick=15,
    sides=(OURS,),
    passes=Passes.REFUSED,
    open_on_managed=True,
)
def escape_from_public(run: Run) -> None:
    """In the contexts of the host's look-up and of sign-in, and outside of any."""
    for n in range(run.tries):
        attacker, victim = run.pair()
        text = ESCAPES[n % len(ESCAPES)].format(other=victim.schema)
        with run.tally.attempt(attacker) as found:
            with found.hostile(text):
                if n // len(ESCAPES) % 3 == 0:
                    found.saw(doors.execute(text), text)
                else:
                    with context.public() if n // len(ESCAPES) % 3 == 1 else context.identity():
                        found.saw(doors.execute(text), text)
            run.look(found, attacker)
        close_connections()


@attack(
    "a context captured and run in another one", tries=600, quick=10, sides=(OURS,), passes=Passes.REFUSED
)
def run_captured(run: Run) -> None:
    for _ in range(run.tries):
        former, present = run.pair()
        with run.tally.attempt(present) as found:
            with run.enter(former):
                rows.first()
                captured = contextvars.copy_context()
            with found.hostile("captured"), run.enter(present):
                rows.first()
                found.saw(captured.run(rows.shop), "captured")
            run.look(found, present)


@attack("work on commit", tries=900, quick=12, sides=(OURS,), passes=Passes.EITHER)
def work_on_commit(run: Run) -> None:
    """A callback knows for whom it works, opens its own context for queries, and gets into no other."""
    for n in range(run.tries):
        tenant, other = run.pair()
        with run.tally.attempt(tenant) as found:

            def enter_again(found: Any = found, tenant: Tenant = tenant) -> None:
                run.look(found, tenant)

            def query(found: Any = found) -> None:
                found.saw(rows.shop(), "on commit, no context")

            def enter_other(found: Any = found, other: Tenant = other) -> None:
                run.look(found, other)

            with found.hostile("on commit"), run.enter(tenant):
                rows.first()
                transaction.on_commit([enter_again, query, enter_other][n % 3])
            run.look(found, tenant)


@attack("receivers of signals", tries=300, quick=4, sides=(OURS,), writes=True)
def receive_signals(run: Run) -> None:
    """A receiver runs in the tenant whose row was saved, also while another thread saves."""
    local = threading.local()

    def receive(instance: Any, **_: Any) -> None:
        local.found.saw(rows.shop(), "in a receiver")

    def work(tries: int, rng: Any) -> None:
        for n in range(tries):
            tenant = rng.choice(run.side.tenants)
            with run.tally.attempt(tenant) as local.found, run.enter(tenant):
                Category.objects.update_or_create(slug=tenant.canary, defaults={"position": n})

    post_save.connect(receive, sender=Category)
    try:
        run.threads(4, work)
    finally:
        post_save.disconnect(receive, sender=Category)
