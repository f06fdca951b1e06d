"""What one tenant leaves in a database session for the next one on the same connection."""

from contextlib import suppress

from django.db import connection, transaction

from tests.bench import doors
from tests.bench.harness import Passes, Run, attack, close_connections

# What the first leaves, and what the next takes. `{canary}` is the first one's.
LEFT = [
    (
        "CREATE TEMP TABLE commerce_product AS SELECT * FROM commerce_product",
        "SELECT name FROM commerce_product",
    ),
    ("SELECT * INTO TEMP commerce_product FROM commerce_product", "SELECT name FROM commerce_product"),
    (
        "CREATE TEMP VIEW commerce_product AS SELECT * FROM {own}.commerce_product",
        "SELECT name FROM commerce_product",
    ),
    ("CREATE TEMP TABLE note AS SELECT name FROM commerce_product", "SELECT name FROM pg_temp.note"),
    (
        "CREATE FUNCTION pg_temp.note() RETURNS text LANGUAGE sql AS 'SELECT ''{canary}''::text'",
        "SELECT pg_temp.note()",
    ),
    ("PREPARE note AS SELECT name FROM {own}.commerce_product", "EXECUTE note"),
    ("PREPARE note AS SELECT '{canary}'", "SELECT statement FROM pg_prepared_statements"),
    ("DECLARE note CURSOR WITH HOLD FOR SELECT name FROM commerce_product", "FETCH ALL FROM note"),
    ("DECLARE note CURSOR WITH HOLD FOR SELECT '{canary}'", "SELECT statement FROM pg_cursors"),
    ("DECLARE note CURSOR FOR SELECT name FROM commerce_product", "FETCH ALL FROM note"),
    ("SET bench.note = '{canary}'", "SELECT current_setting('bench.note', true)"),
    ("SET application_name = '{canary}'", "SELECT current_setting('application_name')"),
    ("SET search_path = {own}", "SELECT name FROM commerce_product"),
    ("SET ROLE {own}", "SELECT name FROM {own}.commerce_product"),
    ("LISTEN note", "SELECT 1"),
    ("SELECT pg_advisory_lock(1)", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
    (
        "INSERT INTO commerce_category VALUES (gen_random_uuid(), NULL, '{canary}', 'x', 0); SELECT 1/0",
        "SELECT 1",
    ),
]

# By functions that a managed server leaves to everyone.
CALLED = [
    ("SELECT set_config('bench.note', '{canary}', false)", "SELECT current_setting('bench.note', true)"),
    ("SELECT lo_from_bytea(777, '{canary}')", "SELECT lo_get(777)"),
]


@attack("state left in the session", tries=20 * len(LEFT), quick=len(LEFT), passes=Passes.EITHER)
def leave_and_take(run: Run) -> None:
    """In autocommit and in a transaction alike, whatever the side does by itself."""
    _leave(run, LEFT)


@attack(
    "state left by functions",
    tries=40,
    quick=len(CALLED),
    passes=Passes.EITHER,
    open_on_managed=True,
)
def leave_by_functions(run: Run) -> None:
    _leave(run, CALLED)


def _leave(run: Run, cases: list[tuple[str, str]]) -> None:
    for n in range(run.tries):
        first, second = run.pair()
        leave, take = cases[n % len(cases)]
        with run.tally.attempt(second) as found:
            with suppress(Exception), run.enter(first):
                doors.execute(leave.format(own=first.schema, canary=first.canary))
                with (
                    suppress(Exception),
                    transaction.atomic(),
                ):  # refused, it must not take back what was left
                    doors.execute(f"NOTIFY note, '{first.canary}'")
            with found.hostile(take), run.enter(second):
                found.saw(doors.execute(take.format(own=first.schema)), f"{leave} -> {take}")
            with found.hostile("notifications"), run.enter(second):
                doors.execute("SELECT 1")
                found.saw(
                    [note.payload for note in connection.connection.notifies(timeout=0)], "notifications"
                )
            run.look(found, second)
        _clear()


@attack("plans prepared by one, run by another", tries=6_000, quick=60)
def reuse_a_plan(run: Run) -> None:
    """By the protocol, with one connection: after five executions PostgreSQL may keep a generic plan."""
    text = "SELECT name, description FROM commerce_product WHERE price >= %s ORDER BY price"
    for n in range(run.tries):
        tenant = run.rng.choice(run.side.tenants)
        with run.tally.attempt(tenant) as found, run.enter(tenant), connection.cursor() as cursor:
            cursor.cursor.execute(text, [100], prepare=n % 3 > 0)
            found.saw(cursor.fetchall(), "prepared")


@attack(
    "texts of statements that others prepared",
    tries=300,
    quick=20,
    over=("prepared",),
    passes=Passes.EITHER,
    open_on_managed=True,
)
def read_prepared_texts(run: Run) -> None:
    """The driver prepares what an app composed with its values inside."""
    for _ in range(run.tries):
        first, second = run.pair()
        with run.tally.attempt(second) as found:
            with run.enter(first):
                doors.execute(f"SELECT name FROM commerce_product WHERE slug = '{first.canary}-0'")
            with found.hostile("texts"), run.enter(second):
                found.saw(doors.execute("SELECT * FROM pg_prepared_statements"), "pg_prepared_statements")
            run.look(found, second)


@attack("results left unread", tries=600, quick=20)
def leave_unread(run: Run) -> None:
    """A stream, a copy or a cursor that is given up in the middle, and the connection goes on to the next."""
    for n in range(run.tries):
        first, second = run.pair()
        with run.tally.attempt(second) as found:
            with suppress(Exception), run.enter(first), connection.cursor() as cursor:
                if n % 2:
                    next(cursor.cursor.stream("SELECT name FROM commerce_product, generate_series(1, 2000)"))
                else:
                    with cursor.copy(
                        "COPY (SELECT name FROM commerce_product, generate_series(1, 2000)) TO STDOUT"
                    ) as rows:
                        rows.read()
                        raise StopIteration
            run.look(found, second)


def _clear() -> None:
    """End the session, and delete what outlives it on the side that lets it."""
    with suppress(Exception):
        connection.cursor().execute("SELECT lo_unlink(777)")
    close_connections()
