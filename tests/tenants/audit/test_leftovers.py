"""Whatever can be left of a tenant is found by name; a whole fleet shows nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from billing.models import Subscription
from tenants import context, ddl, ids, lifecycle, names
from tenants.audit import leftovers
from tenants.audit.findings import Finding, Severity
from tenants.models import ApiKey, Backup, Domain, Membership, Session, Tenant
from tests import databases, factories

pytestmark = pytest.mark.usefixtures("fresh_db")


def found() -> list[Finding]:
    with context.owner(), ddl.cursor() as cursor:
        return list(leftovers.find(cursor))


def rules() -> list[str]:
    return [finding.rule for finding in found()]


def as_admin(*statements: str) -> None:
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(databases.servers().admin_url(name), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def schema_of(slug: str) -> str:
    with context.operator():
        return lifecycle.find(slug).schema_name


def test_a_fleet_that_is_whole_shows_nothing() -> None:
    lifecycle.create("umbrella", by="test")
    lifecycle.destroy("umbrella", by="test")
    assert found() == []


def test_a_creation_that_is_under_way_shows_nothing() -> None:
    with context.owner():
        tenant = lifecycle.add_rows("umbrella", name="Umbrella")
        ddl.build(tenant.id)
        name = connections["owner"].settings_dict["NAME"]
        with psycopg.connect(databases.servers().admin_url(name)) as other:
            row = {"digest": ddl.script().digest, "objects": list(leftovers.expected())}
            assert other.execute(leftovers.SQL["leftovers"].encode(), row).fetchall() == []
        context.roll_back()


def test_a_role_of_another_database_of_the_cluster_is_that_one_s() -> None:
    schema = schema_of("acme")
    lifecycle.destroy("acme", by="test")
    assert schema in databases.roles()  # the template has the same tenant
    assert found() == []


def test_a_schema_and_a_role_without_a_tenant_are_found() -> None:
    with context.owner():
        ddl.build(alone := ids.new())
        ddl.create_empty(role := ids.new())
    schema = names.schema_of(alone)
    as_admin(f"DROP SCHEMA {names.schema_of(role)}")
    told = {finding.object: finding for finding in found()}
    assert told.keys() == {f"schema {schema}", f"role {names.schema_of(role)}"}
    assert {finding.repair for finding in told.values()} == {"manage.py tenant_repair"}
    assert "no tenant has its id" in told[f"schema {schema}"].problem


def test_a_schema_of_a_destroyed_tenant_is_found() -> None:
    schema = schema_of("acme")
    with context.owner():
        Domain.objects.filter(tenant__slug="acme").delete()
        Membership.objects.filter(tenant__slug="acme").update(ended_at=timezone.now())
        Subscription.objects.filter(tenant__slug="acme").update(ended_at=timezone.now())
        Tenant.objects.filter(slug="acme").update(destroyed_at=timezone.now())
    (finding,) = found()
    assert (finding.rule, finding.object) == ("schema-without-tenant", f"schema {schema}")
    assert "destroyed" in finding.problem


@pytest.mark.parametrize("also_role", [False, True])
def test_a_live_tenant_without_its_schema_is_found(also_role: bool) -> None:
    schema = schema_of("acme")
    as_admin(f"DROP SCHEMA {schema} CASCADE")
    if also_role:
        as_admin(f"ALTER ROLE {schema} RENAME TO former", "ALTER ROLE former RENAME TO t_former")
    try:
        (finding,) = found()
    finally:
        if also_role:
            as_admin(f"ALTER ROLE t_former RENAME TO {schema}")
    assert (finding.rule, finding.object) == ("tenant-without-schema", f"tenant acme ({schema})")
    assert "backup_restore" in finding.repair
    assert "tenant_destroy acme" in finding.repair


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("DROP TABLE {}.commerce_pastprice", "commerce_pastprice"),
        ("DROP INDEX {}.commerce_product_newest", "commerce_product_newest"),
        (
            "ALTER TABLE {}.commerce_category DROP CONSTRAINT commerce_category_slug_unique",
            "commerce_category_slug_unique",
        ),
        ("DROP TRIGGER commerce_category_acyclic ON {}.commerce_category", "commerce_category_acyclic"),
        ("DROP FUNCTION {}.commerce_refuse_category_cycle CASCADE", "commerce_refuse_category_cycle"),
        ("DROP POLICY own_rows ON {}.visitors_visitor", "own_rows ON visitors_visitor"),
    ],
)
def test_a_schema_that_lacks_a_part_is_half_built(statement: str, missing: str) -> None:
    as_admin(statement.format(schema_of("acme")))
    (finding,) = found()
    assert (finding.rule, finding.severity) == ("tenant-half-built", Severity.ERROR)
    assert missing in finding.problem


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SET ROLE owner; REVOKE tenant FROM {0}", "not in the group tenant"),
        ("SET ROLE owner; REVOKE {0} FROM app", "app may not become the role"),
        ("REVOKE USAGE ON SCHEMA {0} FROM {0}", "the role may not use the schema"),
        ("REVOKE USAGE ON SCHEMA {0} FROM backup", "backup may not use the schema"),
        ("REVOKE DELETE ON {0}.commerce_product FROM {0}", "may not use table commerce_product"),
        ("REVOKE SELECT ON {0}.commerce_product FROM backup", "backup may not read table commerce_product"),
        (
            "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {0} REVOKE ALL ON TABLES FROM {0}",
            "would not be the tenant's",
        ),
        (
            "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {0} REVOKE ALL ON TABLES FROM backup",
            "would not be backed up",
        ),
    ],
)
def test_a_missing_grant_is_found(statement: str, reason: str) -> None:
    schema = lifecycle.create("umbrella", by="test").schema_name
    as_admin(statement.format(schema))
    (finding,) = found()
    assert (finding.rule, finding.object) == ("tenant-without-grants", f"tenant umbrella ({schema})")
    assert reason in finding.problem


def open_again(slug: str) -> dict[str, Callable[[], object]]:
    """What a destroyed tenant must not have, each put back by hand."""
    tenant = Tenant.objects.filter(slug=slug).get()
    rows = {"tenant_id": tenant.id}
    return {
        "tenants_domain": lambda: Domain.objects.create(hostname="left.example", **rows),
        "tenants_session": lambda: Session.objects.create(
            session_key="k", expire_date=timezone.now(), **rows
        ),
        "tenants_membership": lambda: Membership.objects.filter(**rows).update(ended_at=None),
        "tenants_apikey": lambda: ApiKey.objects.filter(**rows).update(revoked_at=None),
        "billing_subscription": lambda: Subscription.objects.filter(**rows).update(ended_at=None),
    }


@pytest.mark.parametrize(
    "table",
    ["tenants_domain", "tenants_session", "tenants_membership", "tenants_apikey", "billing_subscription"],
)
def test_what_a_destroyed_tenant_still_has_is_found(table: str, globex: Any) -> None:
    factories.api_key(globex)
    lifecycle.destroy("globex", by="test")
    assert found() == []
    with context.owner():
        open_again("globex")[table]()
    (finding,) = found()
    assert (finding.rule, finding.object.split()[3]) == ("rows-of-destroyed-tenant", "globex")
    assert table in finding.problem


def test_a_tenant_without_a_primary_host_is_found() -> None:
    with context.owner():
        Domain.objects.filter(tenant__slug="acme").update(is_primary=False)
    assert rules() == ["tenant-without-host"]


def test_a_tenant_of_another_schema_script_is_a_warning_and_not_half_built() -> None:
    as_admin(f"DROP TABLE {schema_of('acme')}.commerce_pastprice")
    with context.owner():
        Tenant.objects.filter(slug="acme").update(script_digest="0" * 64)
    assert [(finding.rule, finding.severity) for finding in found()] == [
        ("tenant-of-another-script", Severity.WARNING)
    ]


def test_files_of_a_failed_backup_and_of_none_are_found(settings: Any, tmp_path: Path) -> None:
    settings.LEASEHOLD_BACKUP_DIR = tmp_path
    with context.operator():
        acme = lifecycle.find("acme")
        failed, running = (
            Backup.objects.create(tenant=acme, requested_by="test", failed_at=at)
            for at in (timezone.now(), None)
        )
    for backup_id in (failed.id, running.id, stranger := ids.new()):
        place = tmp_path / acme.id.hex / backup_id.hex
        place.mkdir(parents=True)
        (place / "tables.commerce_product.zst").write_bytes(b"half")
    assert {(finding.rule, finding.object.rsplit("/", 1)[1]) for finding in found()} == {
        ("files-of-failed-backup", failed.id.hex),
        ("files-without-backup", stranger.hex),
    }


def test_every_part_that_the_script_makes_is_expected() -> None:
    expected = leftovers.expected()
    assert {
        "commerce_variant",
        "commerce_variant_pkey",
        "commerce_product_newest",
        "commerce_category_acyclic",
        "own_rows ON visitors_visitor",
    } <= expected
    made = [
        line
        for line in (*ddl.script().before, *ddl.script().after)
        if line.startswith(("CREATE", "ALTER")) and not line.endswith(" ENABLE ROW LEVEL SECURITY")
    ]
    assert len(expected) == len(made)


def test_the_number_of_statements_does_not_grow_with_the_fleet(server_log: Any) -> None:
    connections.close_all()
    server_log.forget()
    found()
    few = len(server_log.messages("owner"))
    for number in range(5):
        lifecycle.create(f"umbrella-{number}x", by="test")
    connections.close_all()
    server_log.forget()
    found()
    assert len(server_log.messages("owner")) == few
