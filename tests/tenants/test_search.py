"""Prefix search on a shared table, as a tenant's role: the same rows as Python's startswith, and by the index."""

import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg import ClientCursor, sql

from tenants import context, search
from tenants.directory import Entry
from tests import databases, notes

TwoTenants = tuple[Entry, Entry]
STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
# Characters beside the edges of UTF-8's lengths, of the surrogates and of Unicode, and a few that sort oddly elsewhere.
EDGES = "aAbz%_\\'\x01\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010fffe\U0010ffff"
TEXTS = st.text(st.one_of(st.sampled_from(EDGES), STORABLE), max_size=4)
PREFIXES = st.one_of(TEXTS, st.text(max_size=2))


@pytest.fixture(scope="module")
def note(module_db: str) -> Any:
    return notes.make()


@pytest.fixture(autouse=True)
def nothing_left_behind(module_db: str) -> Iterator[None]:
    """Tests commit here, so that a plan can be asked for over another connection."""
    yield
    with psycopg.connect(databases.servers().admin_url(module_db), autocommit=True) as admin:
        if admin.execute("SELECT to_regclass('public.tenants_note')").fetchone() != (None,):
            admin.execute("TRUNCATE public.tenants_note")


def found(note: Any, *conditions: Any) -> set[str]:
    return set(note.objects.filter(*conditions).values_list("title", flat=True))


@pytest.mark.parametrize(
    "prefix", ["", "a", "ab", "abc", "b", "A", "%", "_", "\\", "'", "ä", "a\ud7ff", "a\U0010ffff"]
)
def test_it_finds_what_begins_with_the_prefix(note: Any, two_tenants: TwoTenants, prefix: str) -> None:
    titles = {
        "",
        "a",
        "ab",
        "abc",
        "abd",
        "a b",
        "b",
        "A",
        "%",
        "_",
        "\\x",
        "'",
        "ä",
        "äb",
        "a\ud7ff",
        "a\ud7ffb",
    }
    titles |= {"a\ue000", "a\U0010ffff", "a\U0010ffffb", "a\U0010fffe"}
    acme, globex = two_tenants
    for tenant in (acme, globex):
        with context.use(tenant):
            note.objects.bulk_create(note(tenant_id=tenant.id, title=title) for title in (*titles, None))
    with context.use(acme):
        assert found(note, search.starts_with("title", prefix)) == {t for t in titles if t.startswith(prefix)}
        assert note.objects.filter(search.starts_with("title", prefix)).count() == sum(
            t.startswith(prefix) for t in titles
        ), "of one tenant"


def test_it_agrees_with_python(note: Any, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants

    @given(st.lists(TEXTS, max_size=8), PREFIXES)
    @example(["\ud7ff", "\ue000", "a"], "\ud7ff")
    @example(["\U0010ffff", "\U0010ffff\U0010ffffa", "\U0010fffe"], "\U0010ffff\U0010ffff")
    @example(["a\U0010ffff", "a\U0010ffffz", "b"], "a\U0010ffff")
    @example(["a"], "a\0")
    @example(["a\ud7ff", "a\ue000"], "a\ud800")
    @settings(max_examples=150)
    def agrees(titles: list[str], prefix: str) -> None:
        with context.use(acme):
            note.objects.bulk_create(note(tenant_id=acme.id, title=title) for title in titles)
            assert found(note, search.starts_with("title", prefix)) == {
                title for title in titles if title.startswith(prefix)
            }
            context.roll_back()

    agrees()


@given(TEXTS, TEXTS)
def test_what_comes_after_a_prefix_comes_after_everything_that_begins_with_it(prefix: str, rest: str) -> None:
    end = search.after(prefix)
    assert end is None or prefix <= prefix + rest < end
    assert (end is None) == (prefix.strip("\U0010ffff") == "")


@given(TEXTS, TEXTS)
def test_nothing_else_stands_between(prefix: str, other: str) -> None:
    end = search.after(prefix)
    assert (prefix <= other and (end is None or other < end)) == other.startswith(prefix)


def test_a_search_that_ignores_case(note: Any, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        note.objects.bulk_create(
            note(tenant_id=acme.id, title=title) for title in ("Äpfel", "äPFEL", "Apfel", "ΣΟΦΟΣ", "İzmir")
        )
        for text, titles in (
            ("ÄPF", {"Äpfel", "äPFEL"}),
            ("äpfe", {"Äpfel", "äPFEL"}),
            ("a", {"Apfel"}),
            ("σοφοΣ", {"ΣΟΦΟΣ"}),
            ("İZ", {"İzmir"}),
        ):
            assert found(note, search.starts_with("title_lower", search.lower(text))) == titles, text


def test_lower_case_is_the_server_s() -> None:
    """Of every character that this Python knows; a newer server knows more."""
    known = [
        char
        for char in map(chr, range(1, sys.maxunicode + 1))
        if unicodedata.category(char) not in ("Cn", "Cs", "Co")
    ]
    with context.public(), connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s)", ["".join(known)])
        (theirs,) = cursor.fetchone()
    assert [
        (f"U+{ord(char):04X}", ours, lower)
        for char, ours, lower in zip(known, search.lower("".join(known)), theirs, strict=True)
        if ours != lower
    ] == []


@pytest.fixture
def explain(module_db: str) -> Iterator[Any]:
    """Return the plan of a queryset as the role of a tenant, through an operator's door: a tenant may not ask."""
    with psycopg.connect(
        databases.servers().admin_url(module_db), cursor_factory=ClientCursor, autocommit=True
    ) as admin:

        def plan(queryset: Any, tenant: Entry) -> str:
            statement, params = queryset.query.sql_with_params()
            with admin.transaction(force_rollback=True), admin.cursor() as cursor:
                admin.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(tenant.schema_name)))
                admin.execute("SET LOCAL search_path = public")
                cursor.execute("EXPLAIN (COSTS OFF) " + statement, params)
                return "\n".join(line for (line,) in cursor)

        yield plan


def test_the_index_is_used_under_row_level_security(
    note: Any, two_tenants: TwoTenants, explain: Any, module_db: str
) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        note.objects.bulk_create(note(tenant_id=acme.id, title=f"title {n}") for n in range(2_000))
    with psycopg.connect(databases.servers().admin_url(module_db), autocommit=True) as admin:
        admin.execute("ANALYZE public.tenants_note")
    with context.use(acme):
        for field in ("title", "title_lower"):
            wanted = note.objects.filter(search.starts_with(field, "title 77"))
            assert str(wanted.query).count('COLLATE "C"') == 2, "whatever the order of the database is"
            plan = explain(wanted, acme)
            assert re.search(rf"\btenants_note_{field}\b", plan), plan
            condition = (
                rf"Index Cond: .*tenant_id = .*{field}\)?(::text)? >= 'title 77'::text.* < 'title 78'::text"
            )
            assert re.search(condition, plan), plan
            like = explain(note.objects.filter(**{f"{field}__startswith": "title 77"}), acme)
            assert re.search(r"Filter: .*~~", like), "the way that the helper avoids"
