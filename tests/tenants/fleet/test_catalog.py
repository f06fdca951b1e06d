"""tenants.fleet.catalog: two schemas of one shape are equal, and every difference of shape is seen."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import transaction as django_transaction
from django.db.utils import ConnectionHandler

from tenants.fleet import catalog

Connection = psycopg.Connection[tuple[Any, ...]]

# What is done to the copy, and the kind of fact that shows it.
PLANTED = [
    ("ALTER TABLE post ADD COLUMN extra_column integer", "column"),
    ("ALTER TABLE author DROP COLUMN seen", "column"),
    ("ALTER TABLE post RENAME COLUMN pause TO paused", "column"),
    ("ALTER TABLE author DROP COLUMN born; ALTER TABLE author ADD born date DEFAULT '2000-02-29'", "column"),
    ("ALTER TABLE django_migrations ALTER COLUMN name TYPE varchar(256)", "column"),
    ("ALTER TABLE django_migrations ALTER COLUMN name TYPE varchar(255) COLLATE \"C\"", "column"),
    ("ALTER TABLE author ALTER COLUMN \"user\" SET NOT NULL", "column"),
    ("ALTER TABLE post ALTER COLUMN number DROP NOT NULL", "column"),
    ("ALTER TABLE post ALTER COLUMN price SET DEFAULT 1", "column"),
    ("ALTER TABLE post ALTER COLUMN price DROP DEFAULT", "column"),
    ("ALTER TABLE post ALTER COLUMN taxed DROP EXPRESSION", "column"),
    ("ALTER TABLE post ALTER COLUMN id DROP IDENTITY", "column"),
    ("ALTER TABLE django_migrations ALTER COLUMN id SET GENERATED ALWAYS", "column"),
    ("ALTER TABLE post ALTER COLUMN text SET STORAGE MAIN", "column"),
    ("ALTER TABLE post ALTER COLUMN extra SET COMPRESSION default", "column"),
    ("ALTER TABLE post ALTER COLUMN text SET STATISTICS 501", "column"),
    ("ALTER TABLE post ALTER COLUMN mood SET (n_distinct = 3)", "column"),
    ("ALTER VIEW a_sad_title ALTER COLUMN title DROP DEFAULT", "column"),
    ("ALTER TABLE post ALTER COLUMN id SET INCREMENT BY 6", "sequence"),
    ("ALTER TABLE post ALTER COLUMN id SET NO CYCLE", "sequence"),
    ("ALTER SEQUENCE number_seq START WITH 1001", "sequence"),
    ("ALTER SEQUENCE number_seq CACHE 1", "sequence"),
    ("ALTER SEQUENCE number_seq MAXVALUE 9999", "sequence"),
    ("ALTER SEQUENCE number_seq OWNED BY NONE", "sequence"),
    ("ALTER SEQUENCE loose_seq OWNED BY post.room", "sequence"),
    ("ALTER SEQUENCE loose_seq AS integer", "sequence"),
    ("CREATE TABLE another ()", "relation"),
    ("DROP TABLE \"Odd \"\"Name\"\"\"", "relation"),
    ("ALTER TABLE author RENAME TO writer", "relation"),
    ("ALTER SEQUENCE loose_seq SET UNLOGGED", "relation"),
    ("CREATE UNLOGGED TABLE another ()", "relation"),
    ("ALTER TABLE post SET (fillfactor = 81)", "relation"),
    ("ALTER TABLE post RESET (toast.autovacuum_vacuum_threshold)", "relation"),
    ("ALTER TABLE post DISABLE ROW LEVEL SECURITY", "relation"),
    ("ALTER TABLE post NO FORCE ROW LEVEL SECURITY", "relation"),
    ("ALTER TABLE author REPLICA IDENTITY FULL", "relation"),
    ("ALTER VIEW a_sad_title RESET (security_invoker)", "relation"),
    ("CREATE TABLE parted (id int) PARTITION BY RANGE (id)", "relation"),
    ("CREATE MATERIALIZED VIEW seen AS SELECT 1 AS one", "view"),
    ("CREATE OR REPLACE VIEW a_sad_title AS SELECT id, title FROM post WHERE price > 0", "view"),
    ("CREATE TABLE child () INHERITS (author)", "inheritance"),
    ("ALTER TABLE post DROP CONSTRAINT post_price_positive", "constraint"),
    ("ALTER TABLE post RENAME CONSTRAINT post_price_positive TO post_price_sane", "constraint"),
    ("ALTER TABLE post VALIDATE CONSTRAINT post_title_later", "constraint"),
    ("ALTER TABLE post ALTER CONSTRAINT post_author_id_fkey DEFERRABLE INITIALLY IMMEDIATE", "constraint"),
    ("ALTER TABLE post ALTER CONSTRAINT post_author_id_fkey NOT DEFERRABLE", "constraint"),
    ("ALTER TABLE post DROP CONSTRAINT post_parent;"
     "ALTER TABLE post ADD CONSTRAINT post_parent FOREIGN KEY (parent_id) REFERENCES post", "constraint"),
    ("ALTER TABLE post DROP CONSTRAINT post_room_free", "constraint"),
    ("ALTER TABLE author DROP CONSTRAINT author_user_uniq; ALTER TABLE author ADD CONSTRAINT author_user_uniq"
     " UNIQUE (\"user\") DEFERRABLE", "constraint"),
    ("ALTER TABLE post ADD CONSTRAINT many CHECK (price < 10) NO INHERIT", "constraint"),
    ("ALTER DOMAIN slug DROP CONSTRAINT slug_short", "constraint"),
    ("DROP INDEX post_like", "index"),
    ("ALTER INDEX post_like RENAME TO post_title_like", "index"),
    ("DROP INDEX post_partial; CREATE INDEX post_partial ON post (title) WHERE mood = 'sad'", "index"),
    ("DROP INDEX post_covering; CREATE INDEX post_covering ON post (author_id) INCLUDE (title)", "index"),
    ("DROP INDEX post_like; CREATE INDEX post_like ON post (title)", "index"),
    ("DROP INDEX author_full_name; CREATE INDEX author_full_name ON author (\"Full Name\" COLLATE \"C\")"
     " WHERE \"Full Name\" IS NOT NULL", "index"),
    ("ALTER INDEX post_upper SET (fillfactor = 61)", "index"),
    ("ALTER INDEX author_email_uniq RESET (fillfactor)", "index"),
    ("ALTER INDEX post_upper ALTER COLUMN 1 SET STATISTICS 201", "index"),
    ("ALTER TABLE post SET WITHOUT CLUSTER", "index"),
    ("RESET ROLE; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'post_like'::regclass", "index"),
    ("RESET ROLE; UPDATE pg_index SET indisready = false WHERE indexrelid = 'post_like'::regclass", "index"),
    ("DROP TRIGGER post_touch ON post", "trigger"),
    ("ALTER TABLE post ENABLE TRIGGER post_off", "trigger"),
    ("ALTER TABLE post DISABLE TRIGGER post_touch", "trigger"),
    ("ALTER TABLE post ENABLE ALWAYS TRIGGER post_touch", "trigger"),
    ("CREATE RULE quiet AS ON DELETE TO author DO INSTEAD NOTHING", "rule"),
    ("DROP POLICY post_cheap ON post", "policy"),
    ("ALTER POLICY post_cheap ON post USING (price < 1001)", "policy"),
    ("ALTER POLICY post_cheap ON post WITH CHECK (price < 501)", "policy"),
    ("ALTER POLICY post_read ON post TO tenant", "policy"),
    ("DROP POLICY post_cheap ON post; CREATE POLICY post_cheap ON post USING (price < 1000)"
     " WITH CHECK (price < 500)", "policy"),
    ("CREATE OR REPLACE FUNCTION is_short(word text) RETURNS boolean LANGUAGE sql IMMUTABLE"
     " AS 'SELECT length(word) < 101'", "function"),
    ("ALTER FUNCTION is_short STABLE", "function"),
    ("ALTER FUNCTION touch SECURITY INVOKER", "function"),
    ("ALTER FUNCTION touch RESET search_path", "function"),
    ("CREATE FUNCTION post_count() RETURNS integer LANGUAGE sql RETURN 1", "function"),
    ("CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer)", "aggregate"),
    ("ALTER TYPE mood ADD VALUE 'furious'", "type"),
    ("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", "type"),
    ("ALTER DOMAIN slug SET DEFAULT 'some'", "type"),
    ("ALTER DOMAIN slug DROP NOT NULL", "type"),
    ("CREATE TYPE pair AS (one integer, two integer)", "type"),
    ("CREATE TYPE span AS RANGE (SUBTYPE = float8)", "type"),
    ("ALTER STATISTICS post_mood_room SET STATISTICS 301", "statistics"),
    ("DROP STATISTICS post_mood_room; CREATE STATISTICS post_mood_room (ndistinct) ON mood, room FROM post",
     "statistics"),
    ("RESET ROLE; ALTER TABLE author OWNER TO tenant", "relation"),
    ("RESET ROLE; ALTER FUNCTION touch() OWNER TO tenant", "function"),
    ("RESET ROLE; ALTER TYPE mood OWNER TO tenant", "type"),
    ("GRANT SELECT ON author TO tenant", "acl"),
    ("GRANT SELECT (email) ON author TO tenant", "acl"),
    ("GRANT SELECT ON author TO tenant WITH GRANT OPTION", "acl"),
    ("REVOKE TRUNCATE ON author FROM owner", "acl"),
    ("REVOKE EXECUTE ON FUNCTION touch() FROM PUBLIC", "acl"),
    ("REVOKE USAGE ON TYPE mood FROM PUBLIC", "acl"),
    ("GRANT USAGE ON SEQUENCE loose_seq TO tenant", "acl"),
    ("COMMENT ON TABLE post IS 'else'", "comment"),
    ("COMMENT ON COLUMN post.title IS NULL", "comment"),
    ("COMMENT ON CONSTRAINT slug_short ON DOMAIN slug IS 'else'", "comment"),
    ("COMMENT ON TRIGGER post_touch ON post IS 'else'", "comment"),
    ("COMMENT ON INDEX post_like IS 'new'", "comment"),
    ("COMMENT ON POLICY post_cheap ON post IS 'else'", "comment"),
    ("CREATE COLLATION german FROM \"C\"", "other"),
    ("CREATE TEXT SEARCH CONFIGURATION words (COPY = simple)", "other"),
]  # fmt: skip

# These name the schema itself, which no search_path can do.
PLANTED_ON_SCHEMA = [
    ("GRANT USAGE ON SCHEMA {} TO tenant", "acl"),
    ("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO tenant", "acl"),
    ("COMMENT ON SCHEMA {} IS 'new'", "comment"),
    ("RESET ROLE; ALTER SCHEMA {} OWNER TO tenant", "schema"),
    ("RESET ROLE; CREATE EXTENSION citext SCHEMA {}", "extension"),
]

PLANTED_ON_18 = [
    ("ALTER TABLE novelty RENAME CONSTRAINT novelty_given TO novelty_id_not_null", "constraint"),
    ("ALTER TABLE novelty ALTER CONSTRAINT novelty_parent ENFORCED", "constraint"),
    ("ALTER TABLE novelty VALIDATE CONSTRAINT novelty_later", "constraint"),
    ("ALTER TABLE novelty DROP CONSTRAINT novelty_pk;"
     "ALTER TABLE novelty ADD CONSTRAINT novelty_pk PRIMARY KEY (id, valid_at)", "constraint"),
    ("ALTER TABLE novelty DROP COLUMN doubled;"
     "ALTER TABLE novelty ADD COLUMN doubled integer GENERATED ALWAYS AS (id * 3) VIRTUAL", "column"),
    ("ALTER TABLE novelty DROP COLUMN doubled;"
     "ALTER TABLE novelty ADD COLUMN doubled integer GENERATED ALWAYS AS (id * 2) STORED", "column"),
]  # fmt: skip

# What both get first, since no script could build it, and what is then done to the copy.
PLANTED_ON_BOTH = [
    ("CREATE TYPE pair AS (one integer)", "ALTER TYPE pair ALTER ATTRIBUTE one TYPE bigint", "column"),
    ("CREATE TYPE pair AS (one integer)", "COMMENT ON COLUMN pair.one IS 'new'", "comment"),
    ("CREATE RULE quiet AS ON DELETE TO author DO INSTEAD NOTHING",
     "COMMENT ON RULE quiet ON author IS 'new'", "comment"),
    ("CREATE RULE quiet AS ON DELETE TO author DO INSTEAD NOTHING", "ALTER TABLE author DISABLE RULE quiet", "rule"),
    ("CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer)",
     "CREATE OR REPLACE AGGREGATE total(integer) (SFUNC = int4mul, STYPE = integer)", "aggregate"),
    ("CREATE MATERIALIZED VIEW seen AS SELECT 1 AS one",
     "DROP MATERIALIZED VIEW seen; CREATE MATERIALIZED VIEW seen AS SELECT 2 AS one", "view"),
    ("CREATE TABLE parent (a integer); CREATE TABLE child (a integer) INHERITS (parent)",
     "ALTER TABLE child NO INHERIT parent", "inheritance"),
    ("CREATE TABLE parted (id integer) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parted DEFAULT",
     "ALTER TABLE parted DETACH PARTITION part; ALTER TABLE parted ATTACH PARTITION part FOR VALUES FROM (1) TO (2)",
     "relation"),
]  # fmt: skip

IGNORED = [
    "ALTER TABLE post ADD COLUMN gone integer; ALTER TABLE post DROP COLUMN gone",
    "ALTER TABLE author ADD COLUMN gone text DEFAULT 'x'; ALTER TABLE author DROP COLUMN gone",
    "INSERT INTO django_migrations (app, name, applied) SELECT 'a', 'b', now() FROM generate_series(1, 1000)",
    "SELECT nextval('number_seq'), nextval('loose_seq'), setval('post_legacy_seq', 1000)",
    "INSERT INTO author (id, email, slug) VALUES (gen_random_uuid(), 'x', 'a'); ANALYZE author",
    "TRUNCATE django_migrations",
    "DROP INDEX post_like; CREATE INDEX post_like ON post (title varchar_pattern_ops)",
    "ALTER TABLE post DISABLE TRIGGER post_touch; ALTER TABLE post ENABLE TRIGGER post_touch",
]


@pytest.fixture
def plant(connection: Connection, copy: str) -> Callable[..., None]:
    def execute(statements: str, *, on: str = copy) -> None:
        path = f"SET LOCAL search_path = {on}, public; SET LOCAL ROLE owner"
        connection.execute(f"{path}; {statements}; RESET ROLE".encode())

    return execute


@pytest.fixture
def difference(connection: Connection, sample: str, copy: str) -> Callable[[], list[str]]:
    return lambda: catalog.difference(catalog.facts(connection, sample), catalog.facts(connection, copy))


def test_equal_schemas_have_equal_facts(
    connection: Connection, sample: str, copy: str, difference: Callable[[], list[str]]
) -> None:
    facts = catalog.facts(connection, sample)
    assert len(facts) > 140
    assert facts == sorted(set(facts))
    assert not any(sample in fact for fact in facts)
    assert difference() == []
    assert catalog.fingerprint(connection, sample) == catalog.fingerprint(connection, copy)


@pytest.mark.parametrize(("statements", "kind"), PLANTED)
def test_it_sees_what_was_planted(
    plant: Callable[..., None], difference: Callable[[], list[str]], statements: str, kind: str
) -> None:
    plant(statements)
    assert kind in _kinds(difference())


@pytest.mark.parametrize(("statements", "kind"), PLANTED_ON_SCHEMA)
def test_it_sees_what_was_done_to_the_schema_itself(
    plant: Callable[..., None], copy: str, difference: Callable[[], list[str]], statements: str, kind: str
) -> None:
    plant(statements.format(copy))
    assert kind in _kinds(difference())


@pytest.mark.parametrize(("statements", "kind"), PLANTED_ON_18)
def test_it_sees_what_only_18_can_say(
    connection: Connection,
    plant: Callable[..., None],
    difference: Callable[[], list[str]],
    statements: str,
    kind: str,
) -> None:
    if connection.info.server_version < 180000:
        pytest.skip("this server is older than 18")
    plant(statements)
    assert kind in _kinds(difference())


@pytest.mark.parametrize("case", PLANTED_ON_BOTH, ids=lambda case: case[1])
def test_it_sees_what_became_of_kinds_that_no_script_knows(
    plant: Callable[..., None], difference: Callable[[], list[str]], sample: str, case: tuple[str, str, str]
) -> None:
    common, statements, kind = case
    plant(common, on=sample)
    plant(common)
    assert difference() == []
    plant(statements)
    assert kind in _kinds(difference())


@pytest.mark.parametrize("statements", IGNORED)
def test_it_ignores_what_is_no_shape(
    plant: Callable[..., None], difference: Callable[[], list[str]], statements: str
) -> None:
    plant(statements)
    assert difference() == []


def test_a_fingerprint_changes_with_a_single_fact(
    connection: Connection, plant: Callable[..., None], sample: str, copy: str
) -> None:
    plant("ALTER TABLE post ALTER COLUMN text SET STATISTICS 501")
    assert catalog.fingerprint(connection, sample) != catalog.fingerprint(connection, copy)


def test_a_fingerprint_is_keyed_with_the_major_version(connection: Connection, sample: str) -> None:
    major = connection.info.server_version // 10000
    text = "\0".join([f"postgresql {major}", *catalog.facts(connection, sample)])
    assert catalog.fingerprint(connection, sample) == hashlib.sha256(text.encode()).hexdigest()


def test_each_tenants_grants_to_its_own_role_are_equal(
    connection: Connection, sample: str, copy: str, difference: Callable[[], list[str]]
) -> None:
    for name in (sample, copy):
        connection.execute(
            f"CREATE ROLE {name}; GRANT USAGE ON SCHEMA {name} TO {name};"
            f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {name} TO {name};"
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO {name}".encode()
        )
    assert difference() == []
    assert "acl (relation,post,~=ar/owner)" in catalog.facts(connection, copy)


def test_a_grant_to_another_tenant_is_a_difference(
    connection: Connection,
    sample: str,
    copy: str,
    plant: Callable[..., None],
    difference: Callable[[], list[str]],
) -> None:
    plant(f"CREATE ROLE {sample}; GRANT SELECT ON post TO {sample}")
    assert difference() == [f"+ acl (relation,post,{sample}=r/owner)"]


def test_a_name_inside_another_word_is_no_schema(connection: Connection) -> None:
    connection.execute(b"CREATE SCHEMA t_a; CREATE TABLE t_a.post_author (t_a integer)")
    facts = catalog.facts(connection, "t_a")
    assert any(fact.startswith("relation (post_author,") for fact in facts)


def test_a_missing_schema_is_an_error_that_leaves_the_transaction_whole(connection: Connection) -> None:
    with pytest.raises(catalog.NoSuchSchema, match="t_missing"):
        catalog.facts(connection, "t_missing")
    with pytest.raises(catalog.NoSuchSchema):
        catalog.fingerprint(connection, "t_missing")
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_callers_settings_neither_matter_nor_change(connection: Connection, sample: str) -> None:
    expected = catalog.facts(connection, sample)
    connection.execute(
        f"SET LOCAL search_path = {sample}, public; SET LOCAL TimeZone = 'Asia/Kathmandu';"
        "SET LOCAL DateStyle = 'German'; SET LOCAL IntervalStyle = 'iso_8601';"
        "SET LOCAL quote_all_identifiers = on; SET LOCAL extra_float_digits = -3".encode()
    )
    before = _settings(connection)
    assert catalog.facts(connection, sample) == expected
    assert _settings(connection) == before


def test_nothing_is_left_on_a_connection_without_a_transaction(url: str, sample: str) -> None:
    with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = public")
        assert len(catalog.facts(connection, sample)) > 140
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        assert connection.execute("SHOW search_path").fetchone() == {"search_path": "public"}


def test_a_difference_says_which_side_has_what() -> None:
    assert catalog.difference(["a", "b", "c"], ["b", "c2", "d", "d"]) == ["- a", "- c", "+ c2", "+ d", "+ d"]
    assert catalog.difference(["a"], ["a", "a"]) == ["+ a"]


@pytest.fixture(params=[False, True], ids=["client binding", "server binding"])
def django_connection(
    url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    if not settings.configured:
        settings.configure()
    handler = ConnectionHandler({"default": _django_settings(url, binding=request.param)})
    monkeypatch.setattr(django_transaction, "connections", handler)
    if request.config.pluginmanager.hasplugin("django"):
        blocker = request.getfixturevalue("django_db_blocker")
        with blocker.unblock():
            yield handler["default"]
    else:
        yield handler["default"]
    handler["default"].close()


def test_a_django_connection_reads_the_same(
    connection: Connection, django_connection: Any, sample: str
) -> None:
    expected = catalog.facts(connection, sample)
    assert catalog.facts(django_connection, sample) == expected
    with django_transaction.atomic(), django_connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")
        assert catalog.facts(django_connection, sample) == expected
        cursor.execute("SHOW search_path")
        assert cursor.fetchone() == ("public",)


def _kinds(lines: list[str]) -> set[str]:
    return {line.split(" ")[1] for line in lines}


def _settings(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT name, setting FROM pg_settings ORDER BY name").fetchall()


def _django_settings(url: str, *, binding: bool) -> dict[str, Any]:
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts["user"],
        "HOST": parts["host"],
        "OPTIONS": {"server_side_binding": binding},
    }
