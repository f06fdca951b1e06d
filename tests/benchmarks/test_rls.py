"""What row-level security costs on a million shared rows, beside an explicit WHERE in a copy without it."""

import re
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.benchmarks import report
from tests.benchmarks.conftest import Child, Ground

pytestmark = pytest.mark.bench

ROWS, TENANTS = 1_000_000, 1_000
# These are there with a role of their own and take turns; of the others there are only rows.
REAL = [f"tenant-{n}" for n in range(20)]
ROUNDS, TIMES = 15, 100
LIMIT = 1.2
# PostgreSQL asks an index only what is marked leakproof, and these operators are not.
FORBIDDEN = ("LIKE 'x%'", "ILIKE '%xyz%'", "full text", "jsonb @>")
FILL = """
INSERT INTO public.tenants_note (id, tenant_id, at, title, amount, body, data)
SELECT gen_random_uuid(), tenants[1 + n %% array_length(tenants, 1)], now() - n * interval '1 second', left(md5(n::text), 12),
    n %% 1000, 'A note with word' || n / 1000 %% 100 || ' and word' || n / 7000 %% 100 || ' in it',
    jsonb_build_object('kind', n / 1000 %% 100)
FROM generate_series(1, %(rows)s) AS n, (SELECT %(tenants)s::uuid[]) AS t (tenants)
"""
RLS, PLAIN = "rls", "plain"
TIMES_OF = ["RLS us, min", "median", "WHERE us, min", "median", "ratio: min", "median"]
HEADER = ["", *TIMES_OF, "plan under RLS", "plan of the WHERE"]


@pytest.fixture
def children(ground: Ground) -> dict[str, Child]:
    """Fill one database and copy it; in the copy no policy stands before the rows. The roles are the same."""
    ground.create(RLS)
    for extension in ("pg_trgm", "btree_gin"):
        ground.sql("CREATE EXTENSION {} SCHEMA public", extension, database=RLS)
    owner = ground.leasehold(RLS, "app", "owner", "console", module="shared")
    owner("prepare", names=REAL)
    real = owner("ids", names=REAL)
    with psycopg.connect(ground.url("postgres", RLS), autocommit=True) as admin:
        others = "SELECT array_agg(gen_random_uuid()) FROM generate_series(1, %s)"
        (made,) = admin.execute(others, [TENANTS - len(REAL)]).fetchone() or ([],)
        admin.execute(FILL, {"rows": ROWS, "tenants": [*map(UUID, real), *made]})
        owner("index")
        admin.execute("VACUUM ANALYZE public.tenants_note")
    owner("leave")
    owner.close()
    ground.copy(RLS, PLAIN)
    for change in ("NO FORCE", "DISABLE"):
        ground.sql(f"ALTER TABLE public.tenants_note {change} ROW LEVEL SECURITY", database=PLAIN)
    return {name: ground.leasehold(name, "app", module="shared") for name in (RLS, PLAIN)}


def test_row_level_security_on_a_million_rows(ground: Ground, children: dict[str, Child]) -> None:
    texts = {
        RLS: children[RLS]("statements", name=REAL[0]),
        PLAIN: children[PLAIN]("explicit_statements", name=REAL[0]),
    }
    role = children[RLS]("ids", names=REAL[:1])[0]
    found: dict[str, dict[str, list[float]]] = {}
    plans: dict[str, list[list[str]]] = {}
    # Last those that an index may serve, without the indexes of the others, which would serve the tenant's part of them.
    for statement in sorted(texts[RLS], key=lambda name: name not in FORBIDDEN):
        if statement not in FORBIDDEN and not set(found) - set(FORBIDDEN):
            drop_their_indexes(ground)
        found[statement] = measure(children, statement)
        plans[statement] = [plan(ground, name, role, texts[name][statement]) for name in (RLS, PLAIN)]
    show(ground, {name: found[name] for name in texts[RLS]}, plans)


def drop_their_indexes(ground: Ground) -> None:
    for database in (RLS, PLAIN):
        for name in ("like", "ilike", "words", "data"):
            ground.sql("DROP INDEX public.{}", f"tenants_note_{name}", database=database)


def show(ground: Ground, found: dict[str, dict[str, list[float]]], plans: dict[str, list[list[str]]]) -> None:
    ratios = {statement: report.ratios(rounds[RLS], rounds[PLAIN]) for statement, rounds in found.items()}
    report.table(
        f"A statement on {ROWS:,} shared rows of {TENANTS:,} tenants, {len(REAL)} of them in turn"
        f" ({ROUNDS} interleaved rounds of {TIMES}, the median of each; an open transaction, the answer read)",
        ground.version(),
        HEADER,
        [
            [
                statement,
                *microseconds(rounds[RLS]),
                *microseconds(rounds[PLAIN]),
                *ratios[statement],
                *map(scan, plans[statement]),
            ]
            for statement, rounds in found.items()
        ],
    )
    for statement, (ours, theirs) in plans.items():
        print("\n    ".join([f"\n{statement}", "under RLS:", *ours, "WHERE:", *theirs]))
    missed = [name for name, ratio in ratios.items() if float(ratio[0]) > LIMIT and name not in FORBIDDEN]
    print(f"\nabove {LIMIT}, and PostgreSQL does not forbid the index: {missed or 'none'}")


def measure(children: dict[str, Child], statement: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {RLS: [], PLAIN: []}
    rows: dict[str, set[int]] = {RLS: set(), PLAIN: set()}
    for number in range(ROUNDS + 1):
        for name, child in children.items():
            answer = child("run", statement=statement, names=REAL, explicit=name == PLAIN, times=TIMES)
            rows[name].add(answer["rows"])
            if number:  # the first round warms the buffers
                found[name].append(answer["seconds"])
    assert rows[RLS] == rows[PLAIN], statement
    assert min(rows[RLS]) > 0, f"{statement} found nothing"
    return found


def microseconds(rounds: list[float]) -> list[str]:
    return [f"{seconds * 1e6:.0f}" for seconds in (min(rounds), median(rounds))]


def plan(ground: Ground, database: str, role: str, statement: str) -> list[str]:
    """Return the plan as a tenant's role gets it; the superuser asks, since a tenant may not."""
    with psycopg.connect(ground.url("postgres", database)) as admin:
        admin.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(f"t_{role}")))
        admin.execute("SET LOCAL search_path = public")
        text: Any = "EXPLAIN (COSTS OFF) " + statement
        return [line for (line,) in admin.execute(text)]


def scan(lines: list[str]) -> str:
    """Return how a plan finds its rows: the innermost scan and its index."""
    return re.sub(
        r".*?(\w+[\w ]* Scan)(?: using| on) (\w+).*", r"\1 \2", [line for line in lines if "Scan" in line][-1]
    )
