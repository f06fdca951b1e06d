"""What the benchmarks ask of our product."""

import copy
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import Model, UUIDField

from saas.commerce.models import Product
from tenants import audit_log, context, directory, ids, lifecycle
from tenants.audit import allowed
from tenants.audit import report as audit_report
from tenants.backups import ledger, restore, take
from tenants.db import entry, logins, powers
from tenants.fleet import template
from tenants.models import Backup, Tenant, User
from tenants.people import keys, memberships, signers
from tenants.people.sessions import SessionStore
from tenants.record import sealing, verifying
from tests.benchmarks import shop, traffic
from tests.benchmarks.leasehold import people

BY = "benchmark"


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def create(names: list[str]) -> list[float]:
    """Make tenants and return the seconds of each."""
    found = []
    for name in names:
        began = time.perf_counter()
        lifecycle.create(name, by=BY)
        found.append(time.perf_counter() - began)
    return found


def replay_migrations(times: int) -> list[float]:
    """Have Django migrate new schemas, none of which is kept; return the seconds until each was there."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        with template.schema(ids.new()):
            found.append(time.perf_counter() - began)
    return found


def audit(times: int) -> dict[str, list[float]]:
    """Audit several times and return the seconds of each source; the first of a process reads all of the source."""
    found: dict[str, list[float]] = {}
    for _ in range(times):
        with context.owner(), connections["owner"].cursor() as cursor:
            for find in audit_report.SOURCES:
                began = time.perf_counter()
                assert not [one for one in find(cursor) if (one.rule, one.object) not in allowed.declared()]
                found.setdefault(find.__module__, []).append(time.perf_counter() - began)
    return found


def record(name: str, entries: int, idle_rounds: int) -> dict[str, Any]:
    """Write, seal and verify entries of one tenant; return the seconds of each, and of rounds with nothing to seal."""
    with context.operator():
        tenant = lifecycle.find(name)
    sealing.seal_all()
    values = {"price": 3900, "name": "Trail lamp", "currency": "EUR", "stock": 12}
    began = time.perf_counter()
    with context.use(tenant):
        for n in range(entries):
            audit_log.record(tenant.id, "product.updated", by=BY, subject=n, before=values, after=values)
    wrote = time.perf_counter()
    assert sealing.seal_all() == entries
    sealed = time.perf_counter()
    assert verifying.verify(tenant.id).findings == []
    verified = time.perf_counter()
    idle = []
    for _ in range(idle_rounds):
        start = time.perf_counter()
        assert sealing.seal_all() == 0
        idle.append(time.perf_counter() - start)
    return {"written": wrote - began, "sealed": sealed - wrote, "verified": verified - sealed, "idle": idle}


def connect(times: int) -> dict[str, list[float]]:
    """Open connections of the web's login; return the seconds of each, and of the question that each is asked."""
    found: dict[str, list[float]] = {"connection": [], "question": []}
    for _ in range(times):
        connection.close()
        began = time.perf_counter()
        connection.ensure_connection()
        found["connection"].append(time.perf_counter() - began)
        began = time.perf_counter()
        powers.refuse(connection.connection.pgconn, "default")
        found["question"].append(time.perf_counter() - began)
    return found


def furnish(name: str) -> dict[str, str]:
    """Make a tenant with products and one member; return what a request of theirs needs."""
    with context.owner():
        user = User.objects.create_user(f"{name}@example.com")
    tenant = lifecycle.create(name, by=BY, owner=user)
    with context.use(tenant):
        shop.stock(name)
    return {
        "host": f"{name}.{settings.LEASEHOLD_APEX_HOST}",
        "id": tenant.id.hex,
        **people.credentials(user.pk, tenant),
    }


def reconnect() -> None:
    connection.close()


cpu = traffic.cpu


check = people.check


def count(log: str, requests: list[dict[str, str]], cold: str = "") -> dict[str, Any]:
    """Count a request; cold names what it finds empty: the cache, or the host names that the process remembers."""
    before = {
        "": lambda: None,
        "cache": _empty_caches,
        "hosts": directory.clear,
        "second": _let_a_second_pass,
    }[cold]
    return traffic.count(log, requests, before)


def parts(person: dict[str, str], times: int, rounds: int) -> dict[str, float]:
    """Return the CPU seconds of what a request does beside its own query, each by itself."""
    tenant = _entry(person["host"].partition(".")[0])
    key = person["session"].partition("=")[2]
    session = SessionStore(key, tenant.id)
    user_id = UUID(session[SESSION_KEY])
    message = entry.message(context.Context(context.Kind.TENANT, tenant.id), begin=True)
    statement = b'SELECT "commerce_product"."name" AS "name" FROM "commerce_product" LIMIT 1'

    wrapper: Any = connection

    def empty_block() -> None:
        with context.use(tenant):
            pass

    def enter_and_commit() -> None:
        server = wrapper.connection.pgconn
        server.exec_(message)
        server.exec_(b"COMMIT")

    def best(call: Callable[[], object]) -> float:
        return min(traffic.cpu_of(call, times) for _ in range(rounds))

    found = {
        "context.use without a query": best(empty_block),
        "entry message and COMMIT, two round trips": best(enter_and_commit),
        "the cache's answer to who has this session": best(lambda: SessionStore(key, tenant.id).load()),
    }
    with context.use(tenant):
        found["the membership's query"] = best(lambda: memberships.by_user(user_id, tenant))
        found["a query of a view, as the ORM sends it"] = best(lambda: Product.objects.values("name").first())
        found["the guard's look at a statement"] = best(lambda: wrapper.check(statement))
    return found


def count_block(log: str, name: str) -> dict[str, Any]:
    """Count a query inside `context.use`."""
    tenant = _entry(name)

    def call() -> None:
        with context.use(tenant):
            assert Product.objects.values_list("name", flat=True).first()

    return traffic.count_call(log, call)


def fill(name: str, products: int) -> None:
    """Make a tenant with this many products, their descriptions of about 200 characters."""
    with context.use(lifecycle.create(name, by=BY)), connection.cursor() as cursor:
        cursor.execute(FILL, [products])


FILL = """
INSERT INTO commerce_product (id, name, slug, sku, description, price, currency, published_at, created_at, updated_at)
SELECT gen_random_uuid(), 'Trail lamp ' || n, 'trail-lamp-' || n, 'LAMP-' || n,
    'A lamp for the trail, number ' || n || '. ' || md5(n::text) || ' Weighs ' || n %% 900 || ' grams and shines for '
        || n %% 70 || ' hours; rain, snow and a fall from two metres do not trouble it. ' || md5((n * 7)::text),
    n %% 20000, 'EUR', now() - n * interval '1 minute', now() - n * interval '2 minutes', now()
FROM generate_series(1, %s) AS n
"""


def back_up(name: str) -> dict[str, Any]:
    """Take a verified backup of a tenant; return its id, its size and the seconds it took."""
    tenant = _entry(name)
    began = time.perf_counter()
    with context.operator():
        backup = ledger.request(tenant, by=BY)
    assert take.take(backup.id, tenant.id)
    seconds = time.perf_counter() - began
    with context.operator():
        taken = Backup.objects.get(id=backup.id)
    return {"id": backup.id.hex, "seconds": seconds, "bytes": taken.bytes, "rows": taken.rows}


def restore_as(backup: str, name: str) -> float:
    """Restore a backup as a new tenant, every table's hash compared; return the seconds."""
    began = time.perf_counter()
    restore.as_new_tenant(UUID(backup), name, by=BY)
    return time.perf_counter() - began


def schema(name: str) -> str:
    return _entry(name).schema_name


def _entry(name: str) -> directory.Entry:
    with context.public():
        return directory.entry_of(Tenant.objects.get(slug=name))


def _empty_caches() -> None:
    cache.clear()
    keys.forget_all()
    signers.forget_all()


def _let_a_second_pass() -> None:
    """Have the next request ask whether the directory is still the newest."""
    directory.directory._checked = float("-inf")


def make_strict(names: list[str]) -> None:
    for name in names:
        lifecycle.make_strict(name, by=BY)


def enter(names: list[str], times: int, *, first: bool) -> float:
    """Return the seconds of entering one of these tenants, a query and leaving; first: on a new connection."""
    tenants = [_entry(name) for name in names]
    seconds = 0.0
    for n in range(-len(tenants), times):  # each once before the clock runs
        if first:
            logins.close_all()
            connection.close()
            with context.public():  # what every request begins with
                Tenant.objects.exists()
        began = time.perf_counter()
        with context.use(tenants[n % len(tenants)]):
            Product.objects.exists()
        seconds += time.perf_counter() - began if n >= 0 else 0
    return seconds / times


def read_rows(name: str, times: int) -> dict[str, dict[str, float]]:
    """Return CPU seconds per row (or per call) of guarded and of unguarded models of one table, ways in turns."""
    plain, keys_ = _unguarded(Product), list[UUID]()
    ways: dict[str, Callable[[Any], int]] = {
        "list of instances": lambda model: len(model.objects.all()),
        "iterator": lambda model: sum(1 for _ in model.objects.iterator()),
        "values_list": lambda model: len(model.objects.values_list("id", "name")),
        "get by key": lambda model: len([model.objects.get(pk=pk) for pk in keys_]),
        "save": lambda model: len([row.save(update_fields=["name"]) for row in model.objects.all()[:50]]),
    }
    best: dict[str, dict[str, float]] = {way: {"guarded": 1e9, "plain": 1e9} for way in ways}
    with context.use(_entry(name)):
        keys_ += Product.objects.values_list("pk", flat=True)[:50]
        for _ in range(times):
            for way, read in ways.items():
                for kind, model in (("guarded", Product), ("plain", plain)):
                    began = time.process_time()
                    rows = read(model)
                    best[way][kind] = min(best[way][kind], (time.process_time() - began) / rows)
    return best


def _unguarded(model: type[Model]) -> Any:
    """Return a model of the same table that remembers nothing."""
    fields: dict[str, Any] = {
        field.attname: UUIDField(null=True) if field.is_relation else copy.copy(field)
        for field in model._meta.local_fields
    }
    options = {"app_label": "unguarded", "db_table": model._meta.db_table, "ordering": model._meta.ordering}
    meta = type("Meta", (), {**options, "managed": False})
    return type("Unguarded", (Model,), {"__module__": __name__, "Meta": meta, **fields})
