"""The alias of a query is the login of the context; which app migrates where is django-tenants' split."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connections, router

from billing.models import Plan
from saas.commerce.models import Category
from tenants import context
from tenants.context import Kind
from tenants.directory import Entry
from tenants.fleet import template
from tenants.models import Tenant

TwoTenants = tuple[Entry, Entry]


@pytest.mark.parametrize("model", [Tenant, Category, Plan])
def test_reads_and_writes_go_to_the_login_of_the_context(
    module_db: str, two_tenants: TwoTenants, model: type[Tenant] | type[Category] | type[Plan]
) -> None:
    with context.use(two_tenants[0]):
        assert (router.db_for_read(model), router.db_for_write(model)) == ("default", "default")
    with context.operator():
        assert (router.db_for_read(model), router.db_for_write(model)) == ("console", "console")
    with context.owner():
        assert router.db_for_write(model) == "owner"


def test_an_object_that_was_read_elsewhere_is_not_written_there(
    module_db: str, two_tenants: TwoTenants
) -> None:
    with context.operator():
        tenant = Tenant.objects.get(slug="acme")
    with context.use(two_tenants[0]):
        assert router.db_for_write(Tenant, instance=tenant) == "default"


def test_rows_of_two_logins_may_meet(module_db: str) -> None:
    with context.operator():
        plan = Plan.objects.get(code="pro")
    with context.owner():
        assert router.allow_relation(plan, Tenant.objects.get(slug="acme"))


def test_public_gets_the_shared_tables_and_a_schema_those_of_tenant_apps(module_db: str) -> None:
    alias = context.ALIAS[Kind.OWNER]
    assert [router.allow_migrate(alias, app) for app in ("tenants", "billing", "commerce")] == [
        True,
        True,
        False,
    ]
    with template.migrating("t_" + "0" * 32):
        assert [router.allow_migrate(alias, app) for app in ("tenants", "billing", "commerce")] == [
            False,
            False,
            True,
        ]
    assert connections[alias].schema_name == "public"  # type: ignore[attr-defined]


SHARED_TABLES = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relname IN ('django_content_type', 'auth_permission', 'auth_group') ORDER BY 1, 2"
)


def test_content_types_and_permissions_are_in_public_alone(fresh_db: str) -> None:
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute(SHARED_TABLES)
        found = cursor.fetchall()
    assert {schema for schema, _ in found} == {"public"}
    assert ("public", "django_content_type") in found


def test_the_cache_of_content_types_holds_what_is_true_for_all_or_nothing(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    """It is one per process and keeps the id that it read first: there is one table, which no tenant may write."""
    with context.owner():
        ids = {ContentType.objects.get_for_model(Category).pk}
    for tenant in two_tenants:
        ContentType.objects.clear_cache()
        with context.use(tenant):
            ids.add(ContentType.objects.get_for_model(Category).pk)
    assert len(ids) == 1
    with pytest.raises(DatabaseError, match="permission denied"), context.use(two_tenants[0]):
        ContentType.objects.create(app_label="commerce", model="unheard_of")
