"""What privileges leave open: found and really open under a managed administrator, closed under the superuser's roles.

Each exploit is one that the product would let through: a statement with an allowed first word, in a tenant's context.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from saas import local
from saas.commerce.models import Category
from tenants import context, directory, lifecycle, strict
from tenants.audit import privileges
from tenants.audit.findings import Finding, Severity
from tenants.db import logins
from tenants.models import Tenant
from tests import managed

CANARY = "canary of globex"


@dataclass(frozen=True)
class Scene:
    """Two tenants on a server, whose database an administrator of one kind or the other prepared."""

    server: local.Postgres
    administrator: str
    acme: directory.Entry
    globex: directory.Entry

    @property
    def is_managed(self) -> bool:
        return self.administrator == managed.ADMINISTRATOR

    def table(self) -> int:
        """Return the oid of a table of globex, which every tenant may look up by name."""
        found: int = self.as_superuser(f"SELECT '{self.globex.schema_name}.commerce_category'::regclass::oid")
        return found

    def as_superuser(self, statement: str) -> Any:
        with psycopg.connect(self.server.url("postgres", managed.DATABASE), autocommit=True) as superuser:
            cursor = superuser.execute(statement.encode())
            return (cursor.fetchone() or (None,))[0] if cursor.description else None

    @contextmanager
    def process(self, role: str | None = None) -> Iterator[psycopg.Connection[Any]]:
        """Another process in a transaction, which is rolled back."""
        with psycopg.connect(self.server.url("app", managed.DATABASE)) as connection:
            if role:
                words = sql.SQL("SET LOCAL ROLE {}; SET LOCAL application_name = {}")
                connection.execute(words.format(sql.Identifier(role), sql.Literal(role)))
            try:
                yield connection
            finally:
                connection.close()


@pytest.fixture(scope="module", params=managed.VERSIONS)
def version(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module", params=[managed.ADMINISTRATOR, managed.SUPERUSER])
def installed(
    request: pytest.FixtureRequest,
    version: Any,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Scene]:
    with (
        django_db_blocker.unblock(),
        managed.installation("acme", "globex", bindir=version, administrator=request.param) as server,
    ):
        with context.public():
            acme, globex = map(directory.entry_of, Tenant.objects.order_by("slug"))
        with context.use(globex):
            Category.objects.create(name=CANARY, slug="canary")
        scene = Scene(server, request.param, acme, globex)
        scene.as_superuser(f"ANALYZE {globex.schema_name}.commerce_category")
        yield scene


@pytest.fixture
def scene(installed: Scene) -> Iterator[Scene]:
    yield installed
    connections.close_all()  # what an exploit left in the session


def run(statement: str, *parameters: Any) -> Any:
    """Run a statement in the current context, through the product's own wrapper; return its first value."""
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)
        return (cursor.fetchone() or (None,))[0]


# One exploit for each class. It returns whether the attack got through.


def reads_another_tenant(scene: Scene) -> bool:
    with context.use(scene.acme):
        run("SELECT set_config('role', %s, true)", scene.globex.schema_name)
        found = run(f"SELECT name FROM {scene.globex.schema_name}.commerce_category")
    return bool(found == CANARY)


def predicts_the_next_tenant(scene: Scene) -> bool:
    with context.use(scene.acme):
        run("SELECT setseed(0.25)")
        expected = run("SELECT random()")
        run("SELECT setseed(0.25)")
    with context.use(scene.globex):
        return bool(run("SELECT random()") == expected)


def keeps_a_lock(scene: Scene) -> bool:
    with context.use(scene.acme):
        run("SELECT pg_advisory_lock(42)")
    with scene.process(scene.globex.schema_name) as other:
        return other.execute("SELECT pg_try_advisory_lock(42)").fetchone() == (False,)


def sends_a_message(scene: Scene) -> bool:
    with scene.process() as listener:
        listener.execute("LISTEN inbox")
        listener.commit()
        with context.use(scene.acme):
            run("SELECT pg_notify('inbox', 'from acme')")
        return [note.payload for note in listener.notifies(timeout=10, stop_after=1)] == ["from acme"]


def waits(scene: Scene) -> bool:
    with context.use(scene.acme):
        return bool(run("SELECT pg_sleep(0.001)") == "")


def stores_beside_its_schema(scene: Scene) -> bool:
    with context.use(scene.acme):
        number = run("SELECT lo_from_bytea(0, 'kept for ever')")
    with context.use(scene.globex):
        found = run("SELECT count(*) FROM pg_largeobject_metadata WHERE oid = %s", number)
    scene.as_superuser(f"SELECT lo_unlink({number})")
    return bool(found == 1)


def writes_to_the_log(scene: Scene) -> bool:
    with context.use(scene.acme):
        return run("SELECT pg_logical_emit_message(false, 'acme', 'x')") is not None


def hands_out_its_snapshot(scene: Scene) -> bool:
    with scene.process() as other, context.use(scene.acme):
        name = run("SELECT pg_export_snapshot()")
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(name)))
        return other.execute("SELECT 1").fetchone() == (1,)


def reads_a_size(scene: Scene) -> bool:
    with context.use(scene.acme):
        return bool(run("SELECT pg_relation_size(%s::oid::regclass)", scene.table()) > 0)


def sees_who_is_active(scene: Scene) -> bool:
    name = scene.globex.schema_name
    with scene.process(name), context.use(scene.acme):
        return bool(run("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", name) == 1)


def sees_a_table_in_use(scene: Scene) -> bool:
    with scene.process(scene.globex.schema_name) as other, context.use(scene.acme):
        other.execute(f"SELECT * FROM {scene.globex.schema_name}.commerce_category".encode())
        return bool(run("SELECT count(*) FROM pg_locks WHERE relation = %s", scene.table()) > 0)


def sees_what_the_server_writes(scene: Scene) -> bool:
    with scene.process(scene.globex.schema_name) as other, context.use(scene.acme):
        before = run("SELECT pg_current_wal_insert_lsn()::text")
        other.execute(
            f"UPDATE {scene.globex.schema_name}.commerce_category SET position = position + 1".encode()
        )
        return bool(run("SELECT pg_current_wal_insert_lsn() > %s::pg_lsn", before))


def ends_other_sessions(scene: Scene) -> bool:
    with scene.process(scene.globex.schema_name) as other, context.use(scene.acme):
        run("SELECT set_config('role', 'none', true)")
        return bool(run("SELECT pg_terminate_backend(%s)", other.info.backend_pid))


def writes_code(scene: Scene) -> bool:
    """Not through the product, which lets no DO pass."""
    with scene.process(scene.acme.schema_name) as session:
        try:
            session.execute("DO $$ BEGIN PERFORM 1; END $$")
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseError(error) from error
        return True


def estimates_rows(scene: Scene) -> bool:
    with context.use(scene.acme):
        return bool(run("SELECT reltuples FROM pg_class WHERE oid = %s", scene.table()) == 1)


EXPLOITS: dict[str, Callable[[Scene], bool]] = {
    "open-set-config": reads_another_tenant,
    "open-session-state": predicts_the_next_tenant,
    "open-locks": keeps_a_lock,
    "open-notify": sends_a_message,
    "open-sleep": waits,
    "open-large-objects": stores_beside_its_schema,
    "open-wal-messages": writes_to_the_log,
    "open-snapshots": hands_out_its_snapshot,
    "open-sizes": reads_a_size,
    "open-statistics": sees_who_is_active,
    "open-lock-list": sees_a_table_in_use,
    "open-cluster": sees_what_the_server_writes,
    "open-signals": ends_other_sessions,
    "open-language": writes_code,
    "open-row-estimates": estimates_rows,
}


only_open = pytest.mark.parametrize("installed", [managed.ADMINISTRATOR], indirect=True)
BY_STRICT_MODE = {"open-set-config", "open-session-state", "open-signals"}


@pytest.fixture
def strict_acme(scene: Scene, settings: Any) -> Iterator[None]:
    settings.LEASEHOLD_STRICT_KEY = "a key of the tests, long and varied enough: 0123456789"
    lifecycle.make_strict("acme", by="tests")
    strict.clear()
    yield
    logins.close_all()
    lifecycle.relax("acme", by="tests")
    strict.clear()


@only_open
@pytest.mark.usefixtures("strict_acme")
@pytest.mark.parametrize("rule", sorted(EXPLOITS.keys() - {"open-language"}))  # no way of the product's
def test_strict_mode_closes_what_the_documents_say_and_no_more(scene: Scene, rule: str) -> None:
    if rule not in BY_STRICT_MODE:
        assert EXPLOITS[rule](scene)
    elif rule == "open-session-state":
        assert not EXPLOITS[rule](scene)  # the next tenant has another connection
    else:
        with pytest.raises(DatabaseError, match=r"permission denied|must be a member"):
            EXPLOITS[rule](scene)


@only_open
@pytest.mark.usefixtures("strict_acme")
@pytest.mark.parametrize("role", ["none", "identity", "app", "console", "owner", "tenant"])
def test_a_strict_tenant_becomes_nobody_who_sees_more(scene: Scene, role: str) -> None:
    """`none` is itself there, and the group of tenants sees no rows of any."""
    with suppress(ProgrammingError), context.use(scene.acme):
        run("SELECT set_config('role', %s, true)", role)
        assert run("SELECT current_user") in (scene.acme.schema_name, "tenant")
        assert run("SELECT count(*) FROM public.tenants_tenant WHERE slug <> 'acme'") == 0
        assert run("SELECT has_table_privilege('public.tenants_credential', 'SELECT')") is False


only_closed = pytest.mark.parametrize("installed", [managed.SUPERUSER], indirect=True)


def find() -> list[Finding]:
    with context.owner(), connections["owner"].cursor() as cursor:
        return list(privileges.find(cursor))


@pytest.mark.parametrize("rule", EXPLOITS)
def test_the_attack_works_where_it_is_found_and_nowhere_else(scene: Scene, rule: str) -> None:
    if scene.is_managed:
        assert EXPLOITS[rule](scene)
    else:
        with pytest.raises(DatabaseError, match="permission denied"):
            EXPLOITS[rule](scene)


def test_it_finds_each_class_where_it_is_open_and_nothing_else(scene: Scene) -> None:
    assert [finding.rule for finding in find()].count("open-set-config") == (1 if scene.is_managed else 0)
    assert {finding.rule for finding in find()} == (set(EXPLOITS) if scene.is_managed else set())


def test_each_finding_is_an_error_until_it_is_accepted(scene: Scene, settings: Any) -> None:
    assert {finding.severity for finding in find()} == ({Severity.ERROR} if scene.is_managed else set())
    settings.LEASEHOLD_MANAGED_POSTGRES = True
    assert {finding.severity for finding in find()} == ({Severity.WARNING} if scene.is_managed else set())


def test_a_finding_says_what_is_open_and_how_to_close_it(scene: Scene) -> None:
    found = {finding.rule: finding for finding in find()}
    if scene.is_managed:
        finding = found["open-set-config"]
        assert finding.object == "function pg_catalog.set_config"
        assert "become any other" in finding.problem
        assert "roles.sql as a superuser" in finding.repair
        assert "strict mode closes it" in finding.repair


# Side channels that no grant closes, so that docs/ can name them. One that is closed some day fails here.


STILL_VISIBLE = {
    "that another tenant exists, by its opaque id": "SELECT count(*) FROM pg_namespace WHERE nspname = %(globex)s",
    "its role, and what it is a member of": (
        "SELECT count(*) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = %(globex)s)"
    ),
    "when it was created, from its id": "SELECT ('x' || substr(%(globex)s, 3, 12))::bit(48)::bigint / 1000 / 86400 / 365",
    "what its tables are made of": "SELECT count(*) FROM pg_attribute WHERE attrelid = %(table)s AND attname = 'slug'",
    "which schema its tables stand in": (
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.oid = %(table)s AND n.nspname = %(globex)s"
    ),
    "how many transactions the server has begun": "SELECT pg_current_xact_id()::text::bigint",
    "where in a shared table its own rows lie, and so how long that is": (
        "SELECT 1 + (ctid::text::point)[0] FROM public.tenants_tenant"
    ),
    "since when the server runs": "SELECT count(pg_postmaster_start_time())",
    "the server's version and most settings": "SELECT count(*) FROM pg_settings WHERE name = 'shared_buffers'",
    "the names of other databases": "SELECT count(*) FROM pg_database WHERE datname = 'postgres'",
    "settings of other roles": "SELECT count(*) FROM pg_db_role_setting WHERE setrole = 'console'::regrole",
    "the text of every function and policy": "SELECT count(*) FROM pg_policy WHERE polname = 'console_rows'",
}


@only_closed
@pytest.mark.parametrize("what", STILL_VISIBLE)
def test_a_tenant_can_still_see(scene: Scene, what: str) -> None:
    values: dict[str, str | int] = {"globex": scene.globex.schema_name, "table": scene.table()}
    with context.use(scene.acme), connections["default"].cursor() as cursor:
        cursor.execute(STILL_VISIBLE[what], values)
        assert cursor.fetchone()[0] >= 1


# What nobody has to accept, planted.


PLANTED = {
    "may-create": ("GRANT TEMP ON DATABASE managed TO tenant", "REVOKE TEMP ON DATABASE managed FROM tenant"),
    "superuser-function": (
        "GRANT EXECUTE ON FUNCTION lo_export(oid, text) TO console",
        "REVOKE EXECUTE ON FUNCTION lo_export(oid, text) FROM console",
    ),
    "way-out": ("GRANT console TO app", "REVOKE console FROM app"),
    "open-set-config": (
        "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO identity",
        "REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM identity",
    ),
    "open-language": (
        "GRANT USAGE ON LANGUAGE plpgsql TO tenant",
        "REVOKE USAGE ON LANGUAGE plpgsql FROM tenant",
    ),
    "open-row-estimates": (
        "GRANT SELECT ON pg_catalog.pg_class TO tenant",
        "REVOKE SELECT ON pg_catalog.pg_class FROM tenant",
    ),
    "open-new-functions": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT EXECUTE ON ROUTINES TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
    ),
    "open-extension": (
        "CREATE EXTENSION pg_stat_statements SCHEMA public",
        "DROP EXTENSION pg_stat_statements",
    ),
}


@only_closed
@pytest.mark.parametrize("rule", PLANTED)
def test_it_finds_what_was_planted(scene: Scene, rule: str) -> None:
    plant, undo = PLANTED[rule]
    scene.as_superuser(plant)
    try:
        (finding,) = find()
        assert (finding.rule, finding.severity) == (rule, Severity.ERROR)
    finally:
        scene.as_superuser(undo)
    assert find() == []


@only_closed
@pytest.mark.parametrize("rule", ["superuser-function", "open-extension"])
def test_the_roles_file_repairs_what_was_planted(scene: Scene, rule: str) -> None:
    plant, undo = PLANTED[rule]
    scene.as_superuser(plant)
    try:
        assert managed.apply_roles(scene.server, managed.SUPERUSER) == []
        assert find() == []
    finally:
        scene.as_superuser(undo)


@only_closed
def test_a_grant_to_a_single_tenant_is_found(scene: Scene) -> None:
    grant = f"EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) {{}} {scene.acme.schema_name}"
    scene.as_superuser("GRANT " + grant.format("TO"))
    try:
        assert [finding.rule for finding in find()] == ["open-set-config"]
    finally:
        scene.as_superuser("REVOKE " + grant.format("FROM"))


@only_closed
def test_what_the_roles_file_takes_is_what_the_audit_knows(scene: Scene) -> None:
    """Every function that roles.sql keeps from tenants, and that PostgreSQL does not keep from PUBLIC by itself."""
    with psycopg.connect(scene.server.url("postgres", managed.DATABASE)) as superuser:
        rows = superuser.execute(
            "SELECT DISTINCT proname FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace"
            " AND NOT has_function_privilege('tenant', oid, 'EXECUTE') AND NOT EXISTS ("
            " SELECT FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid)"
        ).fetchall()
        every = superuser.execute(
            "SELECT DISTINCT proname FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace AND NOT EXISTS ("
            " SELECT FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid)"
        ).fetchall()
    known = {
        name
        for (name,) in every
        if any(re.fullmatch(attack.functions, name) for attack in privileges.ATTACKS)
    }
    assert {name for (name,) in rows} == known
    assert len(known) > 150


# From the login of tenant-facing processes, or a tenant's role, to console or owner: below our wrapper, by any statement.


BEYOND = [
    *(
        words + role
        for words in ("SET ROLE ", "SET LOCAL ROLE ", "SET SESSION AUTHORIZATION ")
        for role in ("console", "owner", "backup", "postgres")
    ),
    "SELECT set_config('role', 'console', false)",
    "SELECT set_config('role', 'owner', true)",
    "SELECT set_config('session_authorization', 'owner', false)",
    "RESET ROLE; SET ROLE owner",
    "RESET SESSION AUTHORIZATION; SET SESSION AUTHORIZATION console",
    "SET session_replication_role = replica",
    "ALTER ROLE app SUPERUSER",
    "ALTER ROLE app BYPASSRLS",
    "ALTER ROLE app CREATEROLE",
    "ALTER ROLE console PASSWORD 'mine'",
    "ALTER ROLE owner RENAME TO former",
    "ALTER ROLE tenant LOGIN",
    "ALTER ROLE ALL SET role = 'app'",
    "GRANT console TO app",
    "GRANT owner TO tenant",
    "GRANT identity TO tenant",
    "GRANT pg_read_all_data TO app",
    "GRANT pg_execute_server_program TO app",
    "ALTER GROUP console ADD USER app",
    "CREATE ROLE mine SUPERUSER LOGIN",
    "CREATE ROLE mine IN ROLE console",
    "CREATE USER mine",
    "DROP ROLE console",
    "REASSIGN OWNED BY owner TO app",
    "DROP OWNED BY owner",
    "ALTER TABLE public.tenants_tenant OWNER TO app",
    "ALTER TABLE public.tenants_tenant DISABLE ROW LEVEL SECURITY",
    "ALTER SCHEMA public OWNER TO app",
    "ALTER DATABASE managed OWNER TO app",
    "ALTER DATABASE managed SET role = 'owner'",
    "ALTER FUNCTION public.current_tenant() OWNER TO app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT ALL ON TABLES TO app",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION public.current_tenant() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    "CREATE TABLE public.mine (x int)",
    "CREATE TEMP TABLE mine (x int)",
    "CREATE SCHEMA mine",
    "CREATE VIEW public.mine AS SELECT 1",
    "CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_ne)",
    "CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT",
    "CREATE POLICY mine ON public.tenants_tenant USING (true)",
    "ALTER POLICY tenant_rows ON public.tenants_tenant USING (true)",
    "CREATE RULE mine AS ON SELECT TO public.tenants_tenant DO INSTEAD SELECT 1",
    "CREATE TRIGGER mine AFTER UPDATE ON public.tenants_tenant EXECUTE FUNCTION tenants_count_directory_version()",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION tenants_count_directory_version()",
    "CREATE EXTENSION pg_trgm",
    "CREATE LANGUAGE plperl",
    "CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw",
    "CREATE SUBSCRIPTION mine CONNECTION 'dbname=managed' PUBLICATION mine",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "LOAD 'auto_explain'",
    "ALTER SYSTEM SET shared_preload_libraries = 'mine'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY public.tenants_domain FROM '/etc/hostname'",
    "DO $$ BEGIN SET ROLE console; END $$",
    "DO $$ BEGIN EXECUTE 'GRANT console TO app'; END $$",
    "SELECT query_to_xml('SET ROLE owner', true, true, '')",
    "SELECT lo_export(1, '/tmp/mine')",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_reload_conf()",
    "TABLE pg_authid",
    "TABLE public.tenants_operatorsession",
    "TABLE public.django_admin_log",
    "VACUUM public.tenants_tenant",
]


@pytest.mark.parametrize("statement", BEYOND)
def test_no_statement_reaches_what_is_not_the_tenant_s(scene: Scene, statement: str) -> None:
    for role in (None, "identity", "tenant", scene.acme.schema_name):
        with scene.process(role) as session, pytest.raises(psycopg.Error):
            session.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pg_settings SET setting = 'owner' WHERE name = 'role'",  # there is no such row
        "GRANT ALL ON public.tenants_credential TO app",  # identity may read it, and hand on nothing
        "ALTER ROLE app SET role = 'owner'",  # a login may change its own settings; the next login is refused this one
    ],
)
def test_a_statement_that_is_no_error_reaches_nothing_either(scene: Scene, statement: str) -> None:
    for role in (None, "identity", "tenant", scene.acme.schema_name):
        with scene.process(role) as session, suppress(psycopg.errors.InsufficientPrivilege):
            session.execute(statement.encode())
            session.commit()
        with scene.process() as session:
            assert session.execute("SELECT session_user, current_user").fetchone() == ("app", "app")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("SELECT * FROM public.tenants_credential")
    scene.as_superuser("ALTER ROLE app RESET role")


def test_who_tried_all_of_it_is_still_nobody(scene: Scene) -> None:
    """Not only an error: after all of them no role, right or object is there that was not there before."""
    assert {finding.rule for finding in find()} == (set(EXPLOITS) if scene.is_managed else set())
    with scene.process() as session:
        for role in ("console", "owner", "backup", "postgres", managed.ADMINISTRATOR):
            assert session.execute("SELECT pg_has_role('app', %s, 'MEMBER')", [role]).fetchone() == (False,)
        assert session.execute("SELECT session_user, current_user").fetchone() == ("app", "app")
