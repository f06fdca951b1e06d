"""Which statements pass: judged by the first word, as PostgreSQL itself would read it."""

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.db import statements
from tests import databases

PASSING = [
    "SELECT 1",
    "select 1",
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "VALUES (1)",
    "COPY t TO STDOUT",
    'DECLARE "c" CURSOR FOR SELECT 1',
    'DECLARE "_django_curs_1_sync_1" NO SCROLL CURSOR FOR SELECT 1',
    "declare c scroll cursor without hold for select 1",
    "FETCH FORWARD 10 FROM c",
    "CLOSE c",
    "SAVEPOINT s",
    "RELEASE SAVEPOINT s",
    "ROLLBACK TO SAVEPOINT s",
    "rollback to s",
    "SET CONSTRAINTS ALL IMMEDIATE",
    'SET CONSTRAINTS "a", b.c deferred;',
]
REFUSED = [
    # A variable of the session would outlive the transaction: an inbox for the next tenant.
    "SET CONSTRAINTS.note = 'x'",
    "SET CONSTRAINTS . note = 'x'",
    "SET CONSTRAINTS . note TO immediate",
    "SET CONSTRAINTS/**/.note TO immediate",
    "SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE",
    # What another reader might take for a space; PostgreSQL does not.
    "\ufeffSELECT 1",
    "\u00a0SELECT 1",
    "\u2028SELECT 1",
    "\x00SELECT 1",
    "\x1fSELECT 1",
    "\x85SELECT 1",
    'U&"SELECT" 1',
    "$$SELECT$$",
    "'SELECT 1'",
    '"SELECT" 1',
    "E'SELECT'",
    "SELECTED",
    "ROLLBACK TOO",
    "ROLLBACK PREPARED 'x'",
    "COMMIT PREPARED 'x'",
    "BEGIN; SELECT 1",
    "MOVE ALL IN c",
    "DECLARE c BINARY CURSOR WITH HOLD FOR SELECT 1",
    'DECLARE U&"c" CURSOR WITH HOLD FOR SELECT 1',
    "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z",
    "REASSIGN OWNED BY a TO b",
    "CHECKPOINT",
    "",
    ";",
    "; SELECT 1",
    ";DROP TABLE t",
    "/*/**/DROP TABLE t",
    "/*/**/SELECT 1",
    "/* SELECT */ DROP TABLE t",
    "-- SELECT\nDROP TABLE t",
    "--\rSET ROLE NONE /*\n/**/ SELECT */",  # a carriage return ends the comment for PostgreSQL
    "((SET ROLE NONE",
    "ROLLBACK",
    "ROLLBACK AND CHAIN",
    "ROLLBACK; SELECT 1",
    "COMMIT",
    "END",
    "ABORT",
    "BEGIN",
    "START TRANSACTION",
    "PREPARE TRANSACTION 'x'",
    "SET ROLE NONE",
    "SET LOCAL ROLE NONE",
    "SET SESSION AUTHORIZATION DEFAULT",
    "SET search_path = public",
    "RESET ROLE",
    "RESET ALL",
    "DISCARD ALL",
    "DO $$ BEGIN END $$",
    "CALL p()",
    "EXECUTE x",
    "PREPARE x AS SELECT 1",
    "DEALLOCATE ALL",
    "LISTEN x",
    "NOTIFY x",
    "UNLISTEN *",
    "EXPLAIN ANALYZE SELECT 1",
    "CREATE TEMP TABLE t (a int)",
    "ALTER TABLE t ADD a int",
    "DROP TABLE t",
    "TRUNCATE t",
    "GRANT a TO b",
    "LOCK t",
    "SHOW role",
    "TABLE t",
    "VACUUM",
    "LOAD 'x'",
    "SECURITY LABEL ON TABLE t IS 'x'",
    "SELEC\u0422 1",  # the last letter is Cyrillic
    # What outlives the transaction is an inbox for the next tenant on this connection.
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "DECLARE c CURSOR WITH/**/HOLD FOR SELECT 1",
    "DECLARE c SCROLL CURSOR\nWITH\nHOLD\nFOR SELECT 1",
    'DECLARE "a"" b" CURSOR WITH HOLD FOR SELECT 1',
]
PIECES = [
    "\v",
    "\f",
    "\x00",
    "\ufeff",
    "U&",
    "/*",
    "*/",
    "*",
    "/",
    "--",
    "-",
    "\n",
    "\r",
    "\t",
    " ",
    "(",
    ")",
    "'",
    '"',
    ";",
    "x",
    "SELECT",
    "$$",
]

comments = st.recursive(
    st.text(alphabet="ab *\n'\";(-").map(lambda text: text.replace("*", "* ")),
    lambda inner: st.lists(st.tuples(st.just("/*"), inner, st.just("*/")).map("".join), max_size=3).map(
        " ".join
    ),
    max_leaves=8,
)
gaps = st.one_of(
    comments.map("/* {} */".format),
    st.text(alphabet="ab ;('/*", max_size=6).map("--{}\n".format),
    st.text(alphabet="ab ;('/*", max_size=6).map("--{}\r".format),
    st.sampled_from([" ", "\n", "\t", "\r", "\f", "("]),
)


@pytest.mark.parametrize("statement", PASSING)
def test_it_lets_pass_what_reads_and_writes_rows(statement: str) -> None:
    assert statements.allowed(statement.encode())


@pytest.mark.parametrize("statement", REFUSED)
def test_it_refuses_everything_else(statement: str) -> None:
    assert not statements.allowed(statement.encode())


@given(st.lists(gaps, max_size=5).map("".join), st.sampled_from(PASSING[:9]))
def test_it_finds_the_first_word_behind_comments_and_parentheses(gap: str, statement: str) -> None:
    assert statements.allowed((gap + statement).encode())


@given(
    st.lists(gaps, max_size=5).map("".join), st.sampled_from([one for one in REFUSED if one[:1].isalpha()])
)
def test_no_gap_makes_a_refused_statement_pass(gap: str, statement: str) -> None:
    assert not statements.allowed((gap + statement).encode())


def test_the_server_reads_no_other_word_first_than_we_do() -> None:
    """Noise in front of SET: whatever we would let pass, PostgreSQL must not take for a SET."""
    with psycopg.connect(databases.servers().admin_url(), autocommit=True) as connection:

        @settings(max_examples=400, deadline=None)
        @given(
            st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
            st.sampled_from(["", " */", " /*\n/**/ SELECT */"]),
        )
        def try_noise(noise: str, tail: str) -> None:
            statement = f"{noise} SET ROLE pg_monitor{tail}".encode()
            if statements.allowed(statement):
                connection.execute("RESET ROLE")
                connection.pgconn.exec_params(statement, None)  # the extended protocol, as in a context
                assert connection.execute("SELECT current_user").fetchone() == ("postgres",)

        try_noise()


@pytest.mark.parametrize(
    "statement", ["SAVEPOINT s", "RELEASE SAVEPOINT s", "ROLLBACK TO s", "SET CONSTRAINTS ALL DEFERRED"]
)
def test_only_these_control_a_transaction_without_touching_data(statement: str) -> None:
    assert statements.controls_transaction(statement.encode())


@pytest.mark.parametrize(
    "statement", ["SELECT 1", "ROLLBACK", "COMMIT", "SET ROLE x", "BEGIN", "WITH x AS (SELECT 1) SELECT 1"]
)
def test_nothing_else_does(statement: str) -> None:
    assert not statements.controls_transaction(statement.encode())
