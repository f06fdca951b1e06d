"""SQL of a stranger in a tenant's context: another schema, a second statement, a way out, a write next door.

`{own}` and `{other}` are the schemas of the attacker and of the victim.
"""

from contextlib import suppress

from django.db import transaction

from tests.bench import doors, rows
from tests.bench.harness import OURS, Passes, Run, Tenant, attack, close_connections

DYNAMIC = "ts_stat('SELECT array_to_tsvector(ARRAY[name::text]) FROM {other}.commerce_product')"
# Each reads the victim's products as one value.
READS = [
    "SELECT string_agg(name, ' ') FROM {other}.commerce_product",
    "(SELECT string_agg(name, ' ') FROM {other}.commerce_product)",
    "/* a /* b */ ; */ SELECT string_agg(name, ' ') FROM {other}.commerce_product",
    "-- a\nSELECT string_agg(name, ' ') FROM {other}.commerce_product",
    "WITH x AS (SELECT name FROM {other}.commerce_product) SELECT string_agg(name, ' ') FROM x",
    "WITH RECURSIVE x AS (SELECT name FROM {other}.commerce_product UNION SELECT name FROM x) SELECT string_agg(name, ' ') FROM x",
    "SELECT string_agg(b.name, ' ') FROM commerce_product a, LATERAL (SELECT name FROM {other}.commerce_product) b",
    "SELECT string_agg(t::text, ' ') FROM {other}.commerce_product t TABLESAMPLE SYSTEM (100)",
    "SELECT string_agg(name, ' ') FROM U&\"\\0{other_escaped}\".commerce_product",
    "SELECT string_agg(word, ' ') FROM " + DYNAMIC,
    "SELECT query_to_xml('SELECT name FROM {other}.commerce_product', true, false, '')::text",
    "SELECT table_to_xml('{other}.commerce_product', true, false, '')::text",
    "SELECT schema_to_xml('{other}', true, false, '')::text",
    "SELECT database_to_xml(true, false, '')::text",
    "SELECT ts_rewrite('a'::tsquery, 'SELECT name::tsquery, name::tsquery FROM {other}.commerce_product')::text",
    "SELECT currtid2('{other}.commerce_product', '(0,1)')::text || (SELECT string_agg(name, ' ') FROM {other}.commerce_product)",
    "SELECT set_config('search_path', '{other}', true) || (SELECT string_agg(word, ' ') FROM ts_stat('SELECT array_to_tsvector(ARRAY[name::text]) FROM commerce_product'))",
    "SELECT set_config('role', '{other}', true) || (SELECT string_agg(word, ' ') FROM " + DYNAMIC + ")",
    "WITH x AS MATERIALIZED (SELECT set_config('role', '{other}', true) AS r) SELECT max(x.r) || string_agg(s.word, ' ') FROM x, LATERAL (SELECT word FROM "
    + DYNAMIC
    + " WHERE x.r IS NOT NULL) s",
    "SELECT (SELECT set_config('role', '{other}', false)) || query_to_xml('SELECT name FROM {other}.commerce_product', true, false, '')::text",
]
SECOND = [
    "SELECT 1; SELECT name FROM {other}.commerce_product",
    "SELECT 1; SET ROLE {other}; SELECT name FROM {other}.commerce_product",
    "SELECT 1; SET LOCAL ROLE {other}; SET LOCAL search_path = {other}; SELECT name FROM commerce_product",
    "SELECT 1; RESET ROLE; SELECT name FROM {other}.commerce_product",
    "SELECT 1; SET search_path = {other}; SELECT name FROM commerce_product",
    "SELECT 1; COMMIT; SET ROLE {other}; SELECT name FROM {other}.commerce_product",
    "SELECT 1; ROLLBACK; BEGIN; SET LOCAL ROLE {other}; SELECT name FROM {other}.commerce_product",
    "SELECT 1;;; SELECT name FROM {other}.commerce_product",
    "SELECT 1 -- \r; SELECT name FROM {other}.commerce_product",
    "SELECT 'it''s'; SELECT name FROM {other}.commerce_product",
    "SELECT $a$;$a$; SELECT name FROM {other}.commerce_product",
    "SELECT 1); SELECT name FROM {other}.commerce_product; --",
    "SAVEPOINT a; RESET ROLE; SELECT name FROM {other}.commerce_product",
    "ROLLBACK TO a; SET ROLE {other}; SELECT name FROM {other}.commerce_product",
]
# What would leave the tenant, the transaction or the list of statements; then its shop and the victim's are read.
WAYS_OUT = [
    "SET ROLE {other}",
    "SET LOCAL ROLE {other}",
    "SET SESSION ROLE {other}",
    "RESET ROLE",
    "SET ROLE NONE",
    "RESET ALL",
    "SET SESSION AUTHORIZATION {other}",
    "SET SESSION AUTHORIZATION DEFAULT",
    "DISCARD ALL",
    "DISCARD TEMP",
    "SET search_path = {other}, public",
    "SET LOCAL search_path = {other}",
    "SET SCHEMA '{other}'",
    "/* x */ SET search_path = {other}",
    "(SET ROLE {other})",
    "-- x\rSET ROLE {other}",
    "--x\n\tSET ROLE {other}",
    "\ufeffSET ROLE {other}",
    ";SET ROLE {other}",
    "\x0bSET ROLE {other}",
    "\x0cSET ROLE {other}",
    "\xa0SET ROLE {other}",
    "COMMIT",
    "COMMIT AND CHAIN",
    "END",
    "ROLLBACK",
    "ABORT",
    "ROLLBACK AND CHAIN",
    "BEGIN",
    "START TRANSACTION",
    "PREPARE TRANSACTION 'x'",
    "ROLLBACK PREPARED 'x'",
    "DO $$ BEGIN EXECUTE 'SET ROLE {other}'; END $$",
    "DO $$ BEGIN PERFORM set_config('role', '{other}', false); END $$",
    "CALL pg_catalog.set_config('role', '{other}', false)",
    "SELECT set_config('role', '{other}', false)",
    "SELECT pg_catalog.set_config('role', '{other}', true)",
    "WITH x AS (SELECT set_config('role', '{other}', true)) SELECT * FROM x",
    "SELECT * FROM commerce_product, LATERAL set_config('role', '{other}', true)",
    "SELECT name FROM commerce_product ORDER BY set_config('role', '{other}', true)",
    "SELECT name FROM commerce_product WHERE set_config('role', '{other}', true) IS NOT NULL",
    "SELECT name FROM commerce_product GROUP BY name HAVING set_config('role', '{other}', true) IS NOT NULL",
    "VALUES (set_config('search_path', '{other}', true))",
    "UPDATE commerce_product SET description = set_config('role', '{other}', true)",
    "UPDATE pg_settings SET setting = '{other}' WHERE name = 'role'",
    "UPDATE pg_catalog.pg_settings SET setting = '{other}, public' WHERE name = 'search_path'",
    "SELECT name INTO TEMP mine FROM {other}.commerce_product",
    "LISTEN mine",
    "NOTIFY mine",
    "EXPLAIN ANALYZE SELECT name FROM {other}.commerce_product",
    "PREPARE x AS SELECT name FROM {other}.commerce_product",
    "EXECUTE x",
    "DEALLOCATE ALL",
    "DECLARE x CURSOR WITH HOLD FOR SELECT name FROM {other}.commerce_product",
    "DECLARE x BINARY SCROLL CURSOR WITH HOLD FOR SELECT name FROM {other}.commerce_product",
    "MOVE ALL IN x",
    "TABLE {other}.commerce_product",
    "SHOW ALL",
    "COPY {other}.commerce_product TO STDOUT",
    "COPY commerce_product TO '/tmp/leasehold-bench'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "COPY commerce_category FROM '/etc/passwd'",
    "COPY commerce_category FROM PROGRAM 'id'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_read_binary_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_stat_file('PG_VERSION')",
    "SELECT pg_current_logfile(), pg_read_file(pg_current_logfile())",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT * FROM pg_file_settings",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/leasehold-bench')",
    "SELECT pg_sleep(0.01)",
    "SELECT pg_sleep_for('10 ms')",
    "SELECT pg_sleep_until(now() + '10 ms')",
    "SELECT pg_terminate_backend(pg_backend_pid())",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock(1)",
    "SELECT pg_advisory_unlock_all()",
    "SELECT pg_notify('mine', 'x')",
    "SELECT pg_logical_emit_message(true, 'x', 'y')",
    "SELECT pg_export_snapshot()",
    "SELECT pg_reload_conf()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_switch_wal()",
    "SELECT pg_create_restore_point('x')",
    "SELECT pg_create_physical_replication_slot('x')",
    "SELECT pg_total_relation_size('{other}.commerce_product')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_largeobject",
    "SELECT * FROM pg_user_mapping",
    "SELECT * FROM pg_subscription",
]
# Definitions. django-tenants' login owns every schema: there they would take the bench apart, so only we are asked.
DEFINITIONS = [
    "ALTER ROLE CURRENT_USER SET role = '{other}'",
    "ALTER ROLE ALL SET search_path = {other}",
    "ALTER DATABASE CURRENT SET search_path = {other}",
    "GRANT {other} TO {own}",
    "GRANT {other} TO CURRENT_USER",
    "ALTER SCHEMA {other} RENAME TO mine",
    "ALTER TABLE {other}.commerce_product SET SCHEMA {own}",
    "CREATE SCHEMA mine",
    "CREATE VIEW {own}.mine AS SELECT name FROM {other}.commerce_product",
    "CREATE TABLE {own}.mine AS SELECT name FROM {other}.commerce_product",
    "SELECT name INTO {own}.mine FROM {other}.commerce_product",
    "CREATE FUNCTION {own}.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE OPERATOR {own}.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT",
    "CREATE TYPE {own}.text AS (x int)",
    "CREATE INDEX ON {own}.commerce_product (set_config('role', '{other}', true))",
    "ALTER TABLE {own}.commerce_product ALTER name SET DEFAULT set_config('role', '{other}', true)",
    "ALTER TABLE {own}.commerce_product DISABLE ROW LEVEL SECURITY",
    "CREATE EXTENSION dblink",
    "CREATE TRIGGER x BEFORE INSERT ON {own}.commerce_product EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE x AS ON SELECT TO {own}.commerce_product DO INSTEAD SELECT * FROM {other}.commerce_product",
    "LOAD 'auto_explain'",
    "LOCK TABLE {other}.commerce_product",
    "TRUNCATE {other}.commerce_product",
    "VACUUM",
    "ANALYZE",
    "CHECKPOINT",
    "REINDEX SCHEMA {other}",
    "CLUSTER",
    "SECURITY LABEL ON SCHEMA {other} IS ''",
    "COMMENT ON SCHEMA {other} IS 'mine'",
    "REASSIGN OWNED BY {other} TO {own}",
    "DROP OWNED BY {other}",
    "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z",
]
WRITES = [
    "UPDATE {other}.commerce_product SET name = '{canary}'",
    "INSERT INTO {other}.commerce_category SELECT gen_random_uuid(), NULL, name, 'stolen', 0 FROM commerce_category LIMIT 1",
    "INSERT INTO {other}.commerce_variant SELECT gen_random_uuid(), id, '{canary}', 'stolen', 0, 0, 0 FROM {other}.commerce_product LIMIT 1",
    "WITH x AS (UPDATE {other}.commerce_product SET description = '{canary}' RETURNING name) SELECT * FROM x",
    "MERGE INTO {other}.commerce_product p USING commerce_product q ON true WHEN MATCHED THEN UPDATE SET description = '{canary}'",
    "DELETE FROM {other}.commerce_variant RETURNING name",
    "UPDATE commerce_product p SET description = '{canary}' FROM {other}.commerce_product q RETURNING q.name",
    "SELECT name FROM {other}.commerce_product FOR UPDATE",
    "COPY {other}.commerce_category FROM STDIN",
]


@attack("another schema, by every way to send SQL", tries=1_400, quick=280, passes=Passes.REFUSED)
def read_another_schema(run: Run) -> None:
    _send(run, [(door, text) for text in _without(READS) for door in (*doors.VALUES, *doors.STATEMENTS)])


@attack(
    "set_config and dynamic SQL in one statement",
    tries=400,
    quick=56,
    passes=Passes.REFUSED,
    open_on_managed=True,
)
def change_the_role_inside(run: Run) -> None:
    _send(run, [(door, text) for text in _with(READS) for door in (*doors.VALUES, *doors.STATEMENTS)])


@attack("stacked statements", tries=800, quick=112, passes=Passes.REFUSED)
def stack(run: Run) -> None:
    in_parentheses = [door for door in doors.VALUES if door is not doors.copy]
    _send(run, [(door, text) for text in SECOND for door in (*doors.STATEMENTS, *in_parentheses)])


@attack("ways out of the tenant", tries=400, quick=90, passes=Passes.REFUSED)
def leave(run: Run) -> None:
    _leave(run, _without(WAYS_OUT))


@attack(
    "ways out of the tenant by set_config", tries=200, quick=13, passes=Passes.REFUSED, open_on_managed=True
)
def leave_by_set_config(run: Run) -> None:
    _leave(run, _with(WAYS_OUT))


def _leave(run: Run, texts: list[str]) -> None:
    for n in range(run.tries):
        attacker, victim = run.pair()
        text = _text(texts[n % len(texts)], attacker, victim)
        with run.tally.attempt(attacker) as found:
            with found.hostile(text), run.enter(attacker):
                _try_out(text)
                with suppress(Exception), transaction.atomic():
                    found.saw(rows.shop(), f"its shop after {text}")
                if run.ours:  # where a schema is a barrier
                    found.saw(doors.execute(f"SELECT name FROM {victim.schema}.commerce_product"), text)
            run.look(found, attacker)
        close_connections()


@attack(
    "definitions", tries=4 * len(DEFINITIONS), quick=len(DEFINITIONS), sides=(OURS,), passes=Passes.REFUSED
)
def define(run: Run) -> None:
    _leave(run, DEFINITIONS)


@attack("writes next door", tries=400, quick=len(WRITES), passes=Passes.REFUSED, writes=True)
def write(run: Run) -> None:
    for n in range(run.tries):
        attacker, victim = run.pair()
        text = _text(WRITES[n % len(WRITES)], attacker, victim)
        with run.tally.attempt(victim) as found:
            with found.hostile(read=False), run.enter(attacker):
                doors.execute(text)
            run.look(found, victim)
        if not run.ours:
            run.side.furnish(victim)


def _send(run: Run, tried: list[tuple[doors.Door, str]]) -> None:
    for n in range(run.tries):
        attacker, victim = run.pair()
        door, template = tried[n % len(tried)]
        text = _text(template, attacker, victim)
        with run.tally.attempt(attacker) as found:
            with found.hostile(text), run.enter(attacker):
                found.saw(door(text), f"{door.__name__}: {text}")
            run.look(found, attacker)


def _with(texts: list[str]) -> list[str]:
    """Those that call set_config, which tenants may on managed PostgreSQL."""
    return [text for text in texts if "set_config" in text or "pg_settings" in text]


def _without(texts: list[str]) -> list[str]:
    return [text for text in texts if text not in _with(texts)]


def _try_out(text: str) -> None:
    """Go on as if nothing had happened when the server refuses, in the same transaction."""
    with suppress(Exception), transaction.atomic():
        doors.execute(text)


def _text(template: str, attacker: Tenant, victim: Tenant) -> str:
    first, rest = victim.schema[0], victim.schema[1:]
    escaped = f"{ord(first):03x}{rest}"
    return template.format(
        own=attacker.schema, other=victim.schema, other_escaped=escaped, canary=attacker.canary
    )
