"""A table of somebody else's app, given to tenants: its rows are each tenant's own, and its model knows nothing of it."""

from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connections
from django.db.migrations.state import ProjectState

from tenants import context, exceptions
from tenants.adoption import AdoptTable
from tenants.directory import Entry
from tenants.fleet import catalog

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("fresh_db")
VERBS = {"tenant": "SELECT, INSERT, UPDATE, DELETE", "console": "SELECT", "backup": "SELECT"}
ADOPT = AdoptTable("visitor_note", VERBS)
READ = "SELECT note FROM public.visitor_note ORDER BY note"
WRITE = "INSERT INTO public.visitor_note (note) VALUES ('{}')"


@pytest.fixture(autouse=True)
def visitor_note(fresh_db: str) -> None:
    """As an older Django made it, with a serial key."""
    run(context.owner, "CREATE TABLE public.visitor_note (id serial PRIMARY KEY, note varchar(50) NOT NULL)")


def run(enter: Any, statement: str) -> list[str]:
    with enter() as entered, connections[entered.alias].cursor() as cursor:
        cursor.execute(statement)
        return [name for (name,) in cursor.fetchall()] if cursor.description else []


def forwards(operation: AdoptTable = ADOPT) -> None:
    with connections["owner"].schema_editor() as editor:
        operation.database_forwards("tenants", editor, ProjectState(), ProjectState())


def backwards() -> None:
    with connections["owner"].schema_editor() as editor:
        ADOPT.database_backwards("tenants", editor, ProjectState(), ProjectState())


def facts() -> list[str]:
    return catalog.facts(connections["owner"], "public")


def test_forwards_backwards_and_forwards_again_leave_the_same() -> None:
    before = facts()
    forwards()
    adopted = facts()
    assert catalog.difference(adopted, before) != []
    backwards()
    assert catalog.difference(facts(), before) == []
    forwards()
    assert catalog.difference(facts(), adopted) == []


def test_a_row_belongs_to_the_tenant_that_writes_it_and_nobody_else_reads_it(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    forwards()
    run(lambda: context.use(acme), WRITE.format("of acme"))
    run(lambda: context.use(globex), WRITE.format("of globex"))
    assert run(lambda: context.use(acme), READ) == ["of acme"]
    assert run(lambda: context.use(globex), READ) == ["of globex"]
    run(lambda: context.use(acme), "UPDATE public.visitor_note SET note = 'mine now'")
    run(lambda: context.use(acme), "DELETE FROM public.visitor_note WHERE note = 'of globex'")
    for enter in (context.operator, context.backup, context.owner):
        assert run(enter, READ) == ["mine now", "of globex"]


def test_a_row_cannot_be_given_to_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    forwards()
    run(lambda: context.use(acme), WRITE.format("of acme"))
    for statement in (
        f"INSERT INTO public.visitor_note (note, tenant_id) VALUES ('x', '{globex.id}')",
        f"UPDATE public.visitor_note SET tenant_id = '{globex.id}'",
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            run(lambda: context.use(acme), statement)


def test_who_is_no_tenant_writes_no_row() -> None:
    forwards()
    with pytest.raises(IntegrityError, match='null value in column "tenant_id"'):
        run(context.owner, WRITE.format("whose?"))
    for enter in (context.public, context.identity):
        with pytest.raises(ProgrammingError, match="permission denied"):
            run(enter, READ)


def test_rows_that_are_there_need_an_owner(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    run(context.owner, WRITE.format("old"))
    before = facts()
    with pytest.raises(exceptions.NotAdoptable, match="existing="):
        forwards()
    assert catalog.difference(facts(), before) == []
    forwards(AdoptTable("visitor_note", VERBS, existing=f"'{acme.id}'"))
    assert run(lambda: context.use(acme), READ) == ["old"]


def test_an_expression_that_finds_no_tenant_is_refused() -> None:
    run(context.owner, WRITE.format("old"))
    with pytest.raises(IntegrityError, match="contains null values"):
        forwards(AdoptTable("visitor_note", VERBS, existing="NULL"))


def test_a_unique_index_across_tenants_is_refused_unless_it_is_named(two_tenants: TwoTenants) -> None:
    run(context.owner, "CREATE UNIQUE INDEX note_once ON public.visitor_note (note)")
    with pytest.raises(exceptions.NotAdoptable, match="note_once"):
        forwards()
    forwards(AdoptTable("visitor_note", VERBS, unique=("note_once",)))
    assert run(lambda: context.use(two_tenants[0]), READ) == []


def test_a_tenant_s_schema_is_left_alone(two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch) -> None:
    before = facts()
    monkeypatch.setattr(connections["owner"], "schema_name", two_tenants[0].schema_name)
    forwards()
    assert catalog.difference(facts(), before) == []


def test_sqlmigrate_shows_it_and_changes_nothing() -> None:
    before = facts()
    with connections["owner"].schema_editor(collect_sql=True) as editor:
        ADOPT.database_forwards("tenants", editor, ProjectState(), ProjectState())
    assert any("FORCE ROW LEVEL SECURITY" in line for line in editor.collected_sql)
    assert catalog.difference(facts(), before) == []


def test_it_survives_being_written_to_a_file() -> None:
    name, arguments, keywords = ADOPT.deconstruct()
    assert (name, arguments, keywords) == ("AdoptTable", ("visitor_note", VERBS), {})
    assert ADOPT.describe() == "Each row of visitor_note belongs to the tenant that wrote it"


def test_the_roles_of_one_tenant_may_not_read_past_the_policy(two_tenants: TwoTenants, fresh_db: str) -> None:
    """The same from below, as the tenant's role without our wrapper."""
    acme, globex = two_tenants
    forwards()
    run(lambda: context.use(globex), WRITE.format("of globex"))
    parameters = connections["default"].get_connection_params()
    where = {key: parameters[key] for key in ("host", "port", "user", "password") if key in parameters}
    with psycopg.connect(**where, dbname=fresh_db) as session:
        session.execute(f"SET ROLE {acme.schema_name}".encode())
        assert session.execute(READ.encode()).fetchall() == []
