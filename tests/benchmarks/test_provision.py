"""What a new tenant takes: our script, Django's migrate into the same schema, and django-tenants for the same app."""

import pytest

from tests.benchmarks import report
from tests.benchmarks.conftest import Child, Ground

pytestmark = pytest.mark.bench

PRESENT = [1, 100]
ROUNDS = 5
OURS, MIGRATED, THEIRS = (
    "Leasehold: lifecycle.create (script)",
    "Leasehold: migrate into a schema",
    "django-tenants: save (create_schema)",
)
COUNT = {
    "schemas": "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^(t_|shop)'",
    "tables": "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND nspname ~ '^(t_|shop)' AND relname ~ '^(commerce_|django_migrations)'",
}


def test_a_new_tenant(ground: Ground) -> None:
    for database in ("ours", "theirs"):
        ground.create(database)
    ours = ground.leasehold("ours", "app", "owner", "console")
    theirs = ground.plain("plain_tenants", "theirs")
    for child in (ours, theirs):
        child("migrate")
    rows, made = [], 0
    for present in PRESENT:
        for child in (ours, theirs):
            child("create", names=[slug(n) for n in range(made, present)])
        made = present + ROUNDS
        rounds = measure(ours, theirs, present)
        rows += [
            [
                f"{title}, {present} present",
                *report.milliseconds(rounds[title]),
                *report.ratios(rounds[OURS], rounds[title]),
            ]
            for title in rounds
        ]
    report.table(
        f"A new tenant with the tables of saas.commerce ({ROUNDS} interleaved rounds)",
        ground.version(),
        ["", "ms, min", "ms, median", "Leasehold to it: min", "median"],
        rows,
    )
    check(ground, made)


def slug(number: int) -> str:
    return f"shop{number}"


def measure(ours: Child, theirs: Child, present: int) -> dict[str, list[float]]:
    """Return the seconds of each way, one tenant of each by turns. What `migrate` builds is not kept."""
    found: dict[str, list[float]] = {OURS: [], MIGRATED: [], THEIRS: []}
    for n in range(present, present + ROUNDS):
        found[OURS] += ours("create", names=[slug(n)])
        found[MIGRATED] += ours("replay_migrations", times=1)
        found[THEIRS] += theirs("create", names=[slug(n)])
    return found


def check(ground: Ground, made: int) -> None:
    """Each way made as many schemas, with the same tables in them."""
    for what, expected in (("schemas", made), ("tables", made * 4)):
        counts = [ground.sql(COUNT[what], database=database) for database in ("ours", "theirs")]
        assert counts == [(expected,)] * 2, what
