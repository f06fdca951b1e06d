"""One schema: built whole or not at all, its unqualified names never meant for another."""

from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections

from tenants import context, ddl, ids, names
from tests import databases

pytestmark = pytest.mark.usefixtures("module_db")


def ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(databases.servers().admin_url(name)) as admin:
        return admin.execute(statement.encode(), parameters).fetchall()


def tables_of(schema: str) -> set[str]:
    rows = ask("SELECT tablename FROM pg_tables WHERE schemaname = %s", schema)
    return {name for (name,) in rows}


def test_a_built_schema_has_the_tables_of_tenant_apps_and_a_role() -> None:
    tenant_id = ids.new()
    with context.owner():
        ddl.build(tenant_id)
    schema = names.schema_of(tenant_id)
    apps_of_tenants = [apps.get_app_config(name.rpartition(".")[2]) for name in settings.TENANT_APPS]
    wanted = {
        model._meta.db_table for app in apps_of_tenants for model in app.get_models(include_auto_created=True)
    }
    assert tables_of(schema) == wanted | {"django_migrations"}
    assert {"commerce_category", "commerce_product", "commerce_variant", "visitors_visitor"} <= wanted
    assert schema in databases.roles()
    ((migrations,),) = ask(
        f"SELECT array_agg(app || '.' || name ORDER BY id) FROM {schema}.django_migrations"
    )
    assert "commerce.0001_catalog" in migrations


def test_building_is_all_or_nothing() -> None:
    tenant_id = ids.new()
    with pytest.raises(ZeroDivisionError), context.owner():
        ddl.build(tenant_id)
        raise ZeroDivisionError
    assert tables_of(names.schema_of(tenant_id)) == set()
    assert names.schema_of(tenant_id) not in databases.roles()


def test_building_puts_nothing_into_public() -> None:
    before = tables_of("public")
    with context.owner():
        ddl.build(ids.new())
    assert tables_of("public") == before


def test_building_twice_is_an_error() -> None:
    tenant_id = ids.new()
    with context.owner():
        ddl.build(tenant_id)
    with pytest.raises(Exception, match="already exists"), context.owner():
        ddl.build(tenant_id)


def test_names_mean_public_again_after_the_block() -> None:
    tenant_id = ids.new()
    with context.owner():
        ddl.create_empty(tenant_id)
        with ddl.inside(tenant_id), ddl.cursor() as cursor:
            cursor.execute("SELECT current_schemas(false), current_setting('check_function_bodies')")
            assert cursor.fetchone() == ([names.schema_of(tenant_id), "public"], "off")
        with ddl.cursor() as cursor:
            cursor.execute("SELECT current_schemas(false), current_setting('check_function_bodies')")
            assert cursor.fetchone() == (["public"], "on")


def test_tables_of_later_migrations_are_the_tenant_s_and_the_backup_s_too() -> None:
    tenant_id = ids.new()
    schema = names.schema_of(tenant_id)
    with context.owner():
        ddl.build(tenant_id)
        with ddl.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {schema}.later (id serial PRIMARY KEY)")
    for role, verbs in ((schema, {"SELECT", "INSERT", "UPDATE", "DELETE"}), ("backup", {"SELECT"})):
        rows = ask(
            "SELECT a.privilege_type FROM pg_class c, aclexplode(c.relacl) a"
            " WHERE c.oid = to_regclass(%s) AND a.grantee = %s::regrole",
            f"{schema}.later",
            role,
        )
        assert {verb for (verb,) in rows} == verbs
    assert ask("SELECT has_sequence_privilege(%s, %s, 'USAGE')", schema, f"{schema}.later_id_seq") == [
        (True,)
    ]


def test_dropping_removes_schema_and_role_and_may_be_repeated() -> None:
    tenant_id = ids.new()
    with context.owner():
        ddl.build(tenant_id)
    for _ in range(2):
        with context.owner():
            ddl.drop(tenant_id)
    assert names.schema_of(tenant_id) not in databases.roles()
    assert tables_of(names.schema_of(tenant_id)) == set()


def test_the_script_is_read_once() -> None:
    assert ddl.script() is ddl.script()
