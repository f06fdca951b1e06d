"""tenants.fleet.script: what is derived builds the same schema elsewhere, and what cannot be is refused by name."""

import dataclasses
import hashlib
import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tenants.fleet import catalog
from tenants.fleet.script import NotAScript, NotScriptable, Script, derive, parse

Connection = psycopg.Connection[tuple[Any, ...]]
Build = Callable[..., None]

TEMPLATE = "t_" + "7e" * 16
REPLAYED = "t_" + "4e" * 16
OTHER_TENANT = "t_" + "0d" * 16

# What is added to an empty template, and words of the message.
REFUSED = [
    ("CREATE TABLE parted (id int) PARTITION BY LIST (id)", ["table", "parted", "kind"]),
    ("CREATE TABLE parted (id int) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parted DEFAULT",
     ["part: partitions"]),
    ("CREATE TYPE public.shape AS (id int); CREATE TABLE t OF public.shape", ["table", "t: tables of a type"]),
    ("RESET ROLE; CREATE ACCESS METHOD pile TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE t () USING pile",
     ["table", "t: it is not a heap"]),
    # What CREATE TABLESPACE would need, which no transaction can hold.
    ("CREATE TABLE t (); RESET ROLE; UPDATE pg_class SET reltablespace = 1664 WHERE oid = 't'::regclass",
     ["table", "t: it has a tablespace"]),
    ("CREATE TABLE t (id int PRIMARY KEY); RESET ROLE;"
     "UPDATE pg_class SET reltablespace = 1664 WHERE oid = 't_pkey'::regclass", ["t_pkey: it has a tablespace"]),
    ("CREATE MATERIALIZED VIEW seen AS SELECT 1 AS one", ["materialized view", "seen", "kind"]),
    ("CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer)", ["total(integer)", "only functions"]),
    ("CREATE TYPE pair AS (one integer, two integer)", ["pair", "only enums"]),
    ("CREATE TYPE span AS RANGE (SUBTYPE = float8)", ["span", "only enums"]),
    ("CREATE TABLE t (); CREATE RULE quiet AS ON DELETE TO t DO INSTEAD NOTHING", ["rule quiet", "not known"]),
    ("CREATE UNLOGGED TABLE fast ()", ["table", "fast", "not logged"]),
    ("CREATE SEQUENCE s; ALTER SEQUENCE s SET UNLOGGED", ["sequence", "s:", "not logged"]),
    ("CREATE TABLE parent (); CREATE TABLE child () INHERITS (parent)", ["parent", "child", "inherits"]),
    ("RESET ROLE; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
     "CREATE FOREIGN TABLE far (id int) SERVER s", ["foreign table", "far", "kind"]),
    ("CREATE COLLATION german FROM \"C\"", ["collation", "german", "kind"]),
    ("CREATE TEXT SEARCH CONFIGURATION words (COPY = simple)", ["text search configuration", "words", "kind"]),
    ("CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)", ["operator", "===", "kind"]),
    ("RESET ROLE; CREATE FUNCTION low(text) RETURNS text LANGUAGE internal AS 'lower'", ["low(text)", "languages"]),
    ("RESET ROLE; CREATE EXTENSION citext SCHEMA {template}", ["extension citext", "kind"]),
    ("CREATE TABLE t (id int PRIMARY KEY); RESET ROLE; UPDATE pg_index SET indisvalid = false"
     " WHERE indrelid = 't'::regclass", ["index", "t_pkey", "not valid"]),
    ("CREATE TABLE pg_class ()", ["pg_class", "same name"]),
    ("CREATE DOMAIN {template}.inet AS text", ["inet", "same name"]),
    ("CREATE FUNCTION lower(mood integer) RETURNS text RETURN 'x'", ["lower(integer)", "same name"]),
    ("CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM {template}.t'", ["f()", "body"]),
    ("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '{template}' $$", ["f()", "body"]),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = {template} AS 'SELECT 1'", ["function f"]),
    ("CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM {other}.t'", ["function f()"]),
    ("CREATE FUNCTION f() RETURNS text RETURN '{template}.x'", ["function f()"]),
    ("CREATE TABLE t (a text DEFAULT '{template}')", ["table t"]),
    ("CREATE TABLE t (a text DEFAULT 'see {template}.t')", ["table t"]),
    ("CREATE TABLE t (a text DEFAULT '{template}.t')", ["table t"]),
    ("CREATE TABLE t (a text CHECK (a <> 'it''s {template}.t'))", ["table t"]),
    ("CREATE TABLE {template} (a int)", ["table {template}"]),
    ("CREATE TABLE t (a int CONSTRAINT check_{template} CHECK (a > 0))", ["table t"]),
    ("CREATE TABLE t (); COMMENT ON TABLE t IS 'that is {template}.t'", ["comment t"]),
    ("COMMENT ON SCHEMA {template} IS 'ours'", ["schema {template}", "comment"]),
    ("CREATE ROLE {template}; CREATE TABLE t (); CREATE POLICY p ON t TO {template}", ["policy p"]),
    ("CREATE SCHEMA {other}; CREATE TABLE {other}.o (id int PRIMARY KEY);"
     "CREATE TABLE t (id int CONSTRAINT fk REFERENCES {other}.o)", ["foreign key fk"]),
    ("CREATE TABLE t (a int); CREATE FUNCTION f(t) RETURNS boolean IMMUTABLE RETURN true;"
     "ALTER TABLE t ADD CHECK (f(t.*))", ["need each other", "function f(t)", "table t"]),
]  # fmt: skip


@pytest.fixture
def template(connection: Connection, build: Build) -> Callable[[str], str]:
    """Build a template schema from statements and return its name."""

    def make(statements: str) -> str:
        build(connection, TEMPLATE, statements)
        return TEMPLATE

    return make


def test_what_is_replayed_differs_in_nothing(connection: Connection, build: Build, sample: str) -> None:
    script = derive(connection, sample)
    build(connection, REPLAYED, script)
    assert catalog.difference(catalog.facts(connection, sample), catalog.facts(connection, REPLAYED)) == []
    assert catalog.fingerprint(connection, sample) == catalog.fingerprint(connection, REPLAYED)


def test_a_replayed_schema_gives_the_same_script(connection: Connection, build: Build, sample: str) -> None:
    script = derive(connection, sample)
    build(connection, REPLAYED, parse(script.dump()))
    assert derive(connection, REPLAYED) == script


def test_it_does_not_depend_on_the_templates_name(connection: Connection, sample: str, copy: str) -> None:
    assert derive(connection, sample) == derive(connection, copy)


def test_nothing_is_left_in_public(connection: Connection, build: Build, sample: str) -> None:
    before = catalog.facts(connection, "public")
    build(connection, REPLAYED, derive(connection, sample))
    assert catalog.facts(connection, "public") == before


def test_a_script_of_the_newest_server_builds_the_same_on_the_oldest(
    newest: Connection, oldest: Connection, build: Build, text: str
) -> None:
    build(newest, TEMPLATE, text)
    build(oldest, TEMPLATE, text)
    build(oldest, REPLAYED, derive(newest, TEMPLATE))
    assert catalog.difference(catalog.facts(oldest, TEMPLATE), catalog.facts(oldest, REPLAYED)) == []


def test_a_script_of_the_oldest_server_builds_on_the_newest(
    newest: Connection, oldest: Connection, build: Build, text: str
) -> None:
    build(newest, TEMPLATE, text)
    build(oldest, TEMPLATE, text)
    build(newest, REPLAYED, derive(oldest, TEMPLATE))
    lines = catalog.difference(catalog.facts(newest, TEMPLATE), catalog.facts(newest, REPLAYED))
    assert lines, "the names of NOT NULL constraints are lost"
    assert all("not_null" in line or "slug_given" in line for line in lines)


def test_it_names_no_schema_but_public(connection: Connection, sample: str) -> None:
    text = derive(connection, sample).dump()
    assert not re.search(r"t_[0-9a-f]{32}", text)
    assert "REFERENCES public.country(id)" in text
    assert "public.gin_trgm_ops" in text


def test_tables_and_what_they_need_come_before_the_rows(connection: Connection, sample: str) -> None:
    script = derive(connection, sample)
    early, late = "\n".join(script.before), "\n".join(script.after)
    for words in (
        "TYPE mood",
        "DOMAIN slug",
        "SEQUENCE number_seq",
        "FUNCTION is_short",
        "FUNCTION next_number",
    ):
        assert f"CREATE {words}" in early.replace("OR REPLACE ", "")
    assert early.count("CREATE TABLE") == len(re.findall(r"CREATE TABLE", early + late))
    assert "SET STORAGE EXTERNAL" in early
    for words in (
        "PRIMARY KEY",
        "UNIQUE",
        "EXCLUDE",
        "INDEX",
        "FOREIGN KEY",
        "TRIGGER",
        "VIEW",
        "POLICY",
        "COMMENT",
    ):
        assert not re.search(rf"(CREATE|ADD|ON)\b.* {words}\b", early)
        assert words in late
    assert "FUNCTION touch" in late


def test_rows_load_between_the_two_parts(connection: Connection, build: Build, sample: str) -> None:
    script = derive(connection, sample)
    author = "00000000-0000-0000-0000-000000000001"
    rows = (
        "INSERT INTO public.country VALUES (1)",
        f"INSERT INTO post (author_id, text, parent_id, title, room) VALUES ('{author}', 'x', 105, 'later', 1)",
        f"INSERT INTO post (author_id, text, title) VALUES ('{author}', 'y', 'touched? no')",
        f"INSERT INTO author (id, email, slug) VALUES ('{author}', 'a@example.com', 'a')",
    )
    build(connection, REPLAYED, dataclasses.replace(script, rows=(*script.rows, *rows)))
    found = connection.execute(
        f"SELECT id, number, title FROM {REPLAYED}.post ORDER BY id".encode()
    ).fetchall()
    assert found == [(100, 1000, "later"), (105, 1010, "touched? no")]


def test_the_ledger_is_replayed_in_order(connection: Connection, build: Build, sample: str) -> None:
    build(connection, REPLAYED, derive(connection, sample))
    query = f"SELECT id, app, name, applied = now() FROM {REPLAYED}.django_migrations ORDER BY id"
    assert connection.execute(query.encode()).fetchall() == [
        (1, "commerce", "0001_initial", True),
        (2, "social", "0001_initial", True),
        (3, "commerce", "0002_it's 100%", True),
    ]


def test_a_template_without_a_ledger_does_not_read_another_one(
    connection: Connection, template: Callable[[str], str]
) -> None:
    connection.execute("CREATE TABLE public.django_migrations (id int, app text, name text)")
    connection.execute("INSERT INTO public.django_migrations VALUES (1, 'public', 'one')")
    assert derive(connection, template("CREATE TABLE t ()")).rows == ()


def test_deriving_leaves_the_callers_search_path(connection: Connection, sample: str) -> None:
    connection.execute(f"SET LOCAL search_path = {sample}, public".encode())
    derive(connection, sample)
    assert connection.execute("SHOW search_path").fetchone() == (f"{sample}, public",)


@pytest.mark.parametrize(("statements", "words"), REFUSED)
def test_it_refuses_what_it_cannot_write_and_names_it(
    connection: Connection, template: Callable[[str], str], statements: str, words: list[str]
) -> None:
    names = {"template": TEMPLATE, "other": OTHER_TENANT}
    template(statements.format(**names))
    connection.execute("RESET ROLE")
    with pytest.raises(NotScriptable) as caught:
        derive(connection, TEMPLATE)
    for word in words:
        assert word.format(**names) in str(caught.value)


@pytest.mark.parametrize("name", ["t_a", "public", TEMPLATE.upper(), TEMPLATE + "0", TEMPLATE + "\n"])
def test_it_refuses_a_template_whose_name_is_not_opaque(connection: Connection, name: str) -> None:
    with pytest.raises(NotScriptable, match="32 hex digits"):
        derive(connection, name)


def test_it_refuses_a_template_that_is_not_there(connection: Connection) -> None:
    with pytest.raises(catalog.NoSuchSchema):
        derive(connection, TEMPLATE)


def test_an_empty_schema_has_an_empty_script(connection: Connection, template: Callable[[str], str]) -> None:
    assert derive(connection, template("SELECT 1")) == Script(before=(), after=(), rows=())


def test_a_script_survives_its_file(connection: Connection, sample: str) -> None:
    script = derive(connection, sample)
    text = script.dump()
    assert parse(text) == script
    assert script.digest == hashlib.sha256(text.encode()).hexdigest()
    assert script.digest != dataclasses.replace(script, rows=()).digest


@pytest.mark.parametrize(
    "script",
    [
        Script(before=(), after=(), rows=()),
        Script(before=("a;b", "c;\n\nd;\n", "-- --x", "\n"), after=("", ";"), rows=("x",)),
    ],
)
def test_any_statements_survive_their_file(script: Script) -> None:
    assert parse(script.dump()) == script


def test_a_file_is_sections_of_statements() -> None:
    script = Script(before=("CREATE TABLE a ()", "CREATE TABLE b ()"), after=("CREATE INDEX",), rows=())
    assert script.dump() == (
        "-- A tenant's schema, derived from a migrated template: do not edit.\n\n"
        "-- before --\n\nCREATE TABLE a ();\n-- --\n\nCREATE TABLE b ();\n-- --\n\n"
        "-- rows --\n\n"
        "-- after --\n\nCREATE INDEX;\n-- --\n\n"
    )


@pytest.mark.parametrize("mark", ["-- --", "-- before --", "-- rows --", "-- after --"])
def test_a_statement_that_looks_like_the_file_format_is_refused(mark: str) -> None:
    with pytest.raises(NotScriptable, match="mark of the file format"):
        Script(before=(f"CREATE FUNCTION f() AS $$\n{mark}\n$$",), after=(), rows=()).dump()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CREATE TABLE a ();",
        "-- before --\n\n-- rows --\n\n-- after --\n\n",
        Script(before=("a",), after=(), rows=()).dump().replace("-- --\n", ""),
        Script(before=("a",), after=(), rows=()).dump().rstrip(),
        Script(before=("a",), after=(), rows=()).dump().replace("rows", "after"),
        Script(before=(), after=("a",), rows=()).dump() + "DROP TABLE a;\n",
    ],
)
def test_a_text_that_was_edited_is_refused(text: str) -> None:
    with pytest.raises(NotAScript):
        parse(text)
