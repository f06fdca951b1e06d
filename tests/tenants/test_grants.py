"""Database roles as the server knows them: what each is, whom it can become, and what it may touch."""

import re
from collections import defaultdict
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connections
from psycopg import sql

from saas import local
from tenants import context, grants, rls
from tenants.directory import Entry
from tests import databases

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("module_db")

LOGINS = {"app", "console", "owner", "backup"}
GROUPS = {"identity", "tenant"}
# Every table in public that a role of tenant-facing processes may touch, and how.
MAY = {
    "app": {
        "billing_usagecount": "INSERT",
        "tenants_directoryversion": "SELECT",
        "tenants_domain": "SELECT",
        "tenants_outgoingmail": "INSERT",
        "tenants_tenant": "SELECT",
    },
    "identity": {
        "account_emailaddress": "DELETE INSERT SELECT UPDATE",
        "account_emailconfirmation": "DELETE INSERT SELECT UPDATE",
        "mfa_authenticator": "DELETE INSERT SELECT UPDATE",
        "socialaccount_socialaccount": "DELETE INSERT SELECT UPDATE",
        "socialaccount_socialapp": "SELECT",
        "socialaccount_socialtoken": "DELETE INSERT SELECT UPDATE",
        "tenants_apikey": "INSERT SELECT UPDATE",
        "tenants_apikeydigest": "DELETE INSERT SELECT",
        "tenants_auditentry": "INSERT",
        "tenants_credential": "INSERT SELECT UPDATE",
        "tenants_customrole": "DELETE INSERT SELECT UPDATE",
        "tenants_domain": "SELECT",
        "tenants_emaildomain": "DELETE INSERT SELECT UPDATE",
        "tenants_familiarmark": "DELETE INSERT SELECT UPDATE",
        "tenants_identityprovider": "DELETE INSERT SELECT UPDATE",
        "tenants_identityprovidersecret": "DELETE INSERT SELECT UPDATE",
        "tenants_group": "DELETE INSERT SELECT UPDATE",
        "tenants_groupmembership": "DELETE INSERT SELECT UPDATE",
        "tenants_invitation": "INSERT SELECT UPDATE",
        "tenants_invitationdigest": "DELETE INSERT SELECT UPDATE",
        "tenants_mailsettings": "SELECT",
        "tenants_impersonationban": "DELETE INSERT SELECT",
        "tenants_impersonationcode": "SELECT UPDATE",
        "tenants_impersonationgrant": "SELECT UPDATE",
        "tenants_membership": "INSERT SELECT UPDATE",
        "tenants_outgoingmail": "DELETE INSERT SELECT UPDATE",
        "tenants_serviceaccount": "INSERT SELECT UPDATE",
        "tenants_onetimecode": "DELETE INSERT SELECT UPDATE",
        "tenants_pendingsignup": "DELETE INSERT SELECT",
        "tenants_personsession": "DELETE INSERT SELECT UPDATE",
        "tenants_securitypolicy": "INSERT SELECT UPDATE",
        "tenants_session": "DELETE INSERT SELECT UPDATE",
        "tenants_signingkey": "INSERT SELECT UPDATE",
        "tenants_ssoaccount": "DELETE INSERT SELECT",
        "tenants_tenant": "SELECT",
        "tenants_tenantrequest": "INSERT SELECT",
        "tenants_user": "INSERT SELECT UPDATE",
    },
    "tenant": {
        "billing_flag": "SELECT",
        "billing_flagoverride": "SELECT",
        "billing_plan": "SELECT",
        "billing_subscription": "SELECT",
        "billing_usageevent": "INSERT SELECT",
        "billing_usagehour": "SELECT",
        "django_content_type": "SELECT",
        "tenants_apikey": "SELECT",
        "tenants_auditentry": "INSERT SELECT",
        "tenants_auditseal": "SELECT",
        "tenants_backup": "SELECT",
        "tenants_customrole": "SELECT",
        "tenants_domain": "SELECT",
        "tenants_emaildomain": "SELECT",
        "tenants_identityprovider": "SELECT",
        "tenants_group": "SELECT",
        "tenants_groupmembership": "SELECT",
        "tenants_invitation": "SELECT",
        "tenants_mailsettings": "INSERT SELECT UPDATE",
        "tenants_impersonationban": "SELECT",
        "tenants_impersonationgrant": "SELECT",
        "tenants_membership": "SELECT",
        "tenants_outgoingmail": "INSERT",
        "tenants_serviceaccount": "SELECT",
        "tenants_securitypolicy": "SELECT",
        "tenants_tenant": "SELECT",
        "tenants_user": "SELECT",
    },
}
ATTRIBUTES = "rolsuper, rolbypassrls, rolcreatedb, rolreplication, rolcreaterole, rolcanlogin, rolinherit"


def ask(database: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.servers().admin_url(database), autocommit=True) as admin:
        return admin.execute(statement.encode(), parameters).fetchall()


def test_no_role_is_superuser_or_bypasses_policies(module_db: str) -> None:
    found = ask(
        module_db,
        "SELECT rolname FROM pg_roles WHERE (rolsuper OR rolbypassrls OR rolcreatedb OR rolreplication)"
        " AND (rolname = ANY (%s) OR rolname ~ '^t_')",
        list(LOGINS | GROUPS),
    )
    assert found == []
    assert {name for (name,) in ask(module_db, "SELECT rolname FROM pg_roles")} > LOGINS | GROUPS


def test_only_the_owner_makes_roles_and_only_logins_log_in(module_db: str) -> None:
    rows = ask(
        module_db,
        "SELECT rolname, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname !~ '^(pg_|postgres)'",
    )
    assert {name for name, creates, _ in rows if creates} == {"owner"}
    assert {name for name, _, enters in rows if enters} == LOGINS


def test_app_inherits_nothing_and_can_become_identity_and_tenants_alone(module_db: str) -> None:
    rows = ask(
        module_db,
        # On 15 there are no such options.
        "SELECT r.rolname, coalesce(to_jsonb(m) ->> 'inherit_option', 'false'), coalesce(to_jsonb(m) ->> 'set_option', 'true')"
        " FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE m.member = 'app'::regrole",
    )
    assert {name for name, *_ in rows if not name.startswith("t_")} == {"identity"}
    assert {tuple(options) for _, *options in rows} == {("false", "true")}
    assert ask(module_db, "SELECT rolinherit FROM pg_roles WHERE rolname = 'app'") == [(False,)]


@pytest.mark.parametrize("login", ["console", "backup"])
def test_no_other_login_can_become_anybody(module_db: str, login: str) -> None:
    assert (
        ask(module_db, "SELECT roleid::regrole FROM pg_auth_members WHERE member = %s::regrole", login) == []
    )


def test_app_reaches_nobody_else_over_any_number_of_steps(module_db: str) -> None:
    """Also no predefined role, whose members read files or every table."""
    reached = ask(module_db, "SELECT rolname FROM pg_roles WHERE pg_has_role('app', oid, 'MEMBER')")
    assert {name for (name,) in reached if not re.fullmatch("t_[0-9a-f]{32}", name)} == {
        "app",
        "identity",
        "tenant",
    }
    assert ask(module_db, "SELECT pg_has_role('identity', 'tenant', 'MEMBER')") == [(False,)]


def test_no_function_lends_app_or_a_tenant_its_owner_s_rights(module_db: str) -> None:
    lent = (
        "SELECT oid::regprocedure FROM pg_proc WHERE prosecdef AND has_function_privilege(%s, oid, 'EXECUTE')"
    )
    found = {role: {name for (name,) in ask(module_db, lent, role)} for role in ("app", "identity", "tenant")}
    # It hashes the tenant into a lock's name, and takes nothing else.
    assert found == {"app": set(), "identity": set(), "tenant": {"tenants_hold_lock(text)"}}


@pytest.mark.parametrize("role", ["console", "owner", "backup", "postgres"])
def test_app_cannot_become(module_db: str, role: str) -> None:
    with login(module_db, "app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"SET ROLE {role}".encode())


def test_the_group_of_tenants_is_no_tenant_and_sees_no_rows(module_db: str) -> None:
    """A member of a member can become it, on 15 without any way to forbid it."""
    with login(module_db, "app") as app:
        app.execute("SET ROLE tenant")
        for table in ("tenants_tenant", "tenants_user", "tenants_membership", "billing_subscription"):
            assert app.execute(f"SELECT count(*) FROM public.{table}".encode()).fetchone() == (0,)


@pytest.mark.parametrize("user", ["console", "backup"])
def test_other_logins_cannot_become_a_tenant(module_db: str, two_tenants: TwoTenants, user: str) -> None:
    with login(module_db, user) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SET ROLE {two_tenants[0].schema_name}".encode())


def test_app_by_itself_reads_no_tenant_s_table(module_db: str, two_tenants: TwoTenants) -> None:
    with login(module_db, "app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema"):
        app.execute(f"SELECT * FROM {two_tenants[0].schema_name}.commerce_product".encode())


@pytest.mark.parametrize("enter", [context.operator, context.identity, context.public])
def test_nobody_but_the_tenant_and_the_backup_reads_its_schema(two_tenants: TwoTenants, enter: Any) -> None:
    statement = f"SELECT * FROM {two_tenants[0].schema_name}.commerce_product"
    with (
        pytest.raises(ProgrammingError, match="permission denied for schema"),
        enter() as entered,
        connections[entered.alias].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_backup_reads_a_schema_and_writes_nothing_there(two_tenants: TwoTenants) -> None:
    name = f"{two_tenants[0].schema_name}.commerce_category"
    with context.backup(), connections["backup"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}")
        assert cursor.fetchone() is not None
    with (
        pytest.raises(ProgrammingError, match="permission denied for table"),
        context.backup(),
        connections["backup"].cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {name}")


@pytest.mark.parametrize("role", MAY)
def test_a_role_of_tenant_facing_processes_may_do_this_and_no_more(module_db: str, role: str) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for table, verb in ask(
        module_db,
        "SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = %s::regrole",
        role,
    ):
        found[table].add(verb)
    assert {table: " ".join(sorted(verbs)) for table, verbs in found.items()} == MAY[role]


def test_single_columns_are_opened_to_identity_alone_and_to_be_read(module_db: str) -> None:
    """How many seats the plan of a tenant has, for the one who joins; no price, no date of a start."""
    found: dict[str, set[str]] = defaultdict(set)
    for role, table, column, verb in ask(
        module_db,
        "SELECT a.grantee::regrole::text, c.relname, t.attname, a.privilege_type"
        " FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a"
        " WHERE c.relnamespace = 'public'::regnamespace",
    ):
        found[f"{role} {verb} {table}"].add(column)
    assert found == {
        "identity SELECT billing_plan": {"id", "seats"},
        "identity SELECT billing_subscription": {"tenant_id", "plan_id", "ended_at"},
    }


def test_nobody_but_the_owner_may_change_the_record_or_its_seals(module_db: str) -> None:
    """Table and column privileges of every role that there is, also those of single tenants."""
    found = ask(
        module_db,
        "SELECT t, r.rolname FROM unnest(%s::text[]) t, pg_roles r"
        " WHERE NOT r.rolsuper AND (has_table_privilege(r.oid, 'public.' || t, 'DELETE, TRUNCATE')"
        " OR has_any_column_privilege(r.oid, 'public.' || t, 'UPDATE')"
        " OR t <> 'tenants_auditentry' AND has_any_column_privilege(r.oid, 'public.' || t, 'INSERT'))",
        ["tenants_auditentry", "tenants_auditseal", "tenants_auditsealedentry", "tenants_auditcheckpoint"],
    )
    assert {role for _, role in found if not role.startswith("pg_")} == {"owner"}
    assert len({table for table, role in found if role == "owner"}) == 4


def test_public_may_do_nothing(module_db: str) -> None:
    granted = ask(
        module_db,
        "SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE a.grantee = 0 AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " UNION ALL SELECT nspname, a.privilege_type FROM pg_namespace, aclexplode(nspacl) a"
        " WHERE a.grantee = 0 AND nspname NOT IN ('pg_catalog', 'information_schema')"
        " UNION ALL SELECT datname, a.privilege_type FROM pg_database, aclexplode(datacl) a"
        " WHERE a.grantee = 0 AND datname = current_database()",
    )
    assert granted == []


def test_a_tenant_may_use_the_rows_of_its_tables_and_nothing_else_of_them(
    module_db: str, two_tenants: TwoTenants
) -> None:
    schema = two_tenants[0].schema_name
    rows = ask(
        module_db,
        "SELECT c.relname, array_agg(a.privilege_type ORDER BY a.privilege_type)"
        " FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.grantee = %s::regrole GROUP BY 1",
        schema,
        schema,
    )
    found = [apps.get_app_config(name.rpartition(".")[2]) for name in settings.TENANT_APPS]
    wanted = {model._meta.db_table for app in found for model in app.get_models(include_auto_created=True)}
    assert {table for table, _ in rows} == wanted
    assert {tuple(verbs) for _, verbs in rows} == {("DELETE", "INSERT", "SELECT", "UPDATE")}


@pytest.mark.parametrize("role", ["app", "identity", "tenant", "console", "backup"])
def test_only_the_owner_writes_functions(module_db: str, role: str) -> None:
    asked = "SELECT has_language_privilege(%s, 'plpgsql', 'USAGE')"
    assert (ask(module_db, asked, role), ask(module_db, asked, "owner")) == ([(False,)], [(True,)])


def test_what_reaches_beyond_the_transaction_is_closed_to_tenants(
    module_db: str, two_tenants: TwoTenants
) -> None:
    """Every function of these names, whatever its arguments. The login `app` may call none of them by itself either."""
    rows = ask(
        module_db,
        "SELECT p.proname, has_function_privilege(%s, p.oid, 'EXECUTE'), has_function_privilege('app', p.oid, 'EXECUTE')"
        " FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ %s",
        two_tenants[0].schema_name,
        "^(set_config|pg_(cancel|terminate)_backend|pg_notify|pg_sleep(_for|_until)?|pg_logical_emit_message|pg_export_snapshot"
        "|pg_(try_)?advisory_.*|lo_.*|loread|lowrite|pg_stat_get_.*|pg_(database|tablespace|total_relation|relation|table)_size"
        "|pg_prepared_statement)$",
    )
    assert len(rows) > 100
    assert {name for name, tenant_may, _ in rows if tenant_may} == set()
    assert {name for name, _, app_may in rows if app_may} == set()


def test_what_owner_makes_later_in_public_is_nobody_s(fresh_db: str, two_tenants: TwoTenants) -> None:
    """A table that nobody protected and a function that nobody granted: forgotten means closed."""
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE public.forgotten (tenant_id uuid, note text)")
        cursor.execute("CREATE FUNCTION public.forgotten() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    for statement in ("SELECT * FROM public.forgotten", "SELECT public.forgotten()"):
        for enter in (lambda: context.use(two_tenants[0]), context.public, context.identity):
            with (
                pytest.raises(ProgrammingError, match="permission denied for"),
                enter() as entered,
                connections[entered.alias].cursor() as cursor,
            ):
                cursor.execute(statement)


def test_a_function_that_a_later_migration_makes_for_a_tenant_is_its_own(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE FUNCTION {acme.schema_name}.later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    with context.use(acme), connections["default"].cursor() as cursor:
        cursor.execute("SELECT later()")
        assert cursor.fetchone() == (1,)
    allowed = "SELECT has_function_privilege(%s, %s::regprocedure, 'EXECUTE')"
    for role in (globex.schema_name, "console", "identity", "app"):
        assert ask(fresh_db, allowed, role, f"{acme.schema_name}.later()") == [(False,)]


def test_every_object_belongs_to_the_owner(module_db: str) -> None:
    assert ask(
        module_db,
        "SELECT DISTINCT relowner::regrole::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = 'public' OR nspname ~ '^t_'",
    ) == [("owner",)]


def test_every_table_with_a_tenant_s_rows_forces_its_policies(module_db: str) -> None:
    assert (
        ask(
            module_db,
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
            " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
        )
        == []
    )


def test_every_column_tenant_id_is_required(module_db: str) -> None:
    assert (
        ask(
            module_db,
            "SELECT attrelid::regclass FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND attname = 'tenant_id' AND NOT attnotnull",
        )
        == []
    )


def test_a_tenant_s_policy_always_asks_for_the_role(module_db: str) -> None:
    rules = ask(
        module_db,
        "SELECT tablename, qual, with_check FROM pg_policies WHERE 'tenant' = ANY (roles) AND schemaname = 'public'",
    )
    assert len(rules) > 10
    for table, using, check in rules:
        assert "current_tenant()" in using, table
        assert using == check


def test_no_policy_is_for_everybody(module_db: str) -> None:
    assert ask(module_db, "SELECT tablename FROM pg_policies WHERE 'public' = ANY (roles)") == []


def test_the_roles_file_may_run_again(fresh_db: str) -> None:
    before = ask(fresh_db, "SELECT rolname, " + ATTRIBUTES + " FROM pg_roles ORDER BY 1")
    local.apply_roles(databases.servers(), fresh_db)
    assert ask(fresh_db, "SELECT rolname, " + ATTRIBUTES + " FROM pg_roles ORDER BY 1") == before


def test_a_copied_database_is_closed_again(fresh_db: str) -> None:
    for user in ("app", "console", "backup"):
        with login(fresh_db, user) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TEMP TABLE inbox (note text)")
        with login(fresh_db, user) as connection:
            assert connection.execute("SELECT current_setting('search_path')").fetchone() == ('""',)


def test_a_role_that_became_too_strong_is_corrected(fresh_db: str) -> None:
    databases.run_as_admin("ALTER ROLE app INHERIT BYPASSRLS")
    try:
        local.apply_roles(databases.servers(), fresh_db)
        with psycopg.connect(databases.servers().admin_url(fresh_db)) as admin:
            row = admin.execute(
                "SELECT rolinherit, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'app'"
            )
            assert row.fetchone() == (False, False, True)
    finally:
        databases.run_as_admin("ALTER ROLE app NOINHERIT NOBYPASSRLS")


def test_functions_that_initdb_keeps_from_public_are_nobody_s(fresh_db: str) -> None:
    """An earlier roles.sql gave lo_export, which writes files of the server, to owner, console and backup."""
    granted = "SELECT count(*) FROM pg_proc WHERE proname IN ('lo_import', 'lo_export') AND has_function_privilege(%s, oid, 'EXECUTE')"
    with psycopg.connect(databases.servers().admin_url(fresh_db), autocommit=True) as admin:
        admin.execute("GRANT EXECUTE ON FUNCTION lo_export(oid, text) TO console")
        local.apply_roles(databases.servers(), fresh_db)
        for role in ("owner", "app", "console", "backup", "identity", "tenant"):
            assert admin.execute(granted, [role]).fetchone() == (0,)


# The operation.


def test_a_grant_takes_verbs_alone() -> None:
    with pytest.raises(ValueError, match="not TRUNCATE"):
        grants.Grant("Tenant", "console", "SELECT, TRUNCATE")


@pytest.mark.parametrize("verbs", ["SELECT, UPDATE", "DELETE"])
def test_columns_narrow_one_verb_that_knows_columns(verbs: str) -> None:
    with pytest.raises(ValueError, match="one verb"):
        grants.Grant("Tenant", "console", verbs, columns=("id",))


def test_a_grant_of_columns_is_taken_back_like_it_was_given() -> None:
    one = grants.Grant("Tenant", "console", "SELECT", columns=("id", "na me"))
    table = sql.Identifier("public", "t")
    given, taken = [found[0].as_string(None) for found in (one.forwards(table), one.backwards(table))]
    assert given == 'GRANT SELECT ("id", "na me") ON "public"."t" TO "console"'
    assert taken == 'REVOKE SELECT ("id", "na me") ON "public"."t" FROM "console"'


def test_protect_closes_a_table_before_it_opens_it() -> None:
    first, *rest = grants.protect(
        "Domain", tenant="SELECT", console="SELECT", using={"console": "is_primary"}
    )
    assert isinstance(first, rls.EnableRLS)
    assert [type(operation).__name__ for operation in rest] == [
        "TenantPolicy",
        "Grant",
        "RolePolicy",
        "Grant",
    ]
    policies = [operation for operation in rest if isinstance(operation, rls.RolePolicy)]
    assert [policy.rule().as_string(None) for policy in policies] == [
        '"tenant_id" = (SELECT public.current_tenant())',
        "is_primary",
    ]


def login(database: str, user: str) -> psycopg.Connection[Any]:
    """Log in below Django, as a process does that got hold of the credentials."""
    url = connections[{"app": "default"}.get(user, user)].get_connection_params()
    keywords = {name: url[name] for name in ("host", "port", "user", "password") if name in url}
    return psycopg.connect(**keywords, dbname=database, autocommit=True)
