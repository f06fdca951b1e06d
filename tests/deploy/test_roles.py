"""deploy/roles.sql as an administrator runs it who is no superuser: everything works, and it says what stays open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from saas import local
from saas.commerce.models import Category
from tenants import context, directory, lifecycle
from tenants.backups import ledger, restore, store, take
from tenants.models import Backup, Tenant
from tests import managed


@pytest.fixture(scope="module", params=managed.VERSIONS)
def server(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[local.Postgres]:
    with django_db_blocker.unblock(), managed.installation("acme", "globex", bindir=request.param) as started:
        yield started


def tenant(slug: str) -> directory.Entry:
    with context.public():
        return directory.entry_of(Tenant.objects.get(slug=slug))


def ask(server: local.Postgres, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.url("postgres", managed.DATABASE), autocommit=True) as superuser:
        return superuser.execute(statement.encode(), parameters).fetchall()


def test_the_administrator_is_what_a_managed_service_gives(server: local.Postgres) -> None:
    attributes = "SELECT rolsuper, rolbypassrls, rolreplication, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s"
    assert ask(server, attributes, managed.ADMINISTRATOR) == [(False, False, False, True, True)]
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    assert ask(server, owner) == [(managed.ADMINISTRATOR,)]
    assert {connections[alias].settings_dict["HOST"] for alias in connections} == {str(server.socket_dir)}


def test_it_says_what_stays_open_and_may_run_again(server: local.Postgres) -> None:
    before = ask(server, "SELECT rolname, rolinherit, rolcreaterole FROM pg_roles ORDER BY 1")
    (warning,) = managed.apply_roles(server)
    assert warning.startswith("managed_admin is no superuser, so these stay open to tenant roles: ")
    assert {"set_config", "plpgsql", "pg_class.reltuples", "lo_create"} <= set(
        warning.partition(": ")[2].split(", ")
    )
    assert ask(server, "SELECT rolname, rolinherit, rolcreaterole FROM pg_roles ORDER BY 1") == before


def test_a_superuser_s_run_warns_of_nothing(server: local.Postgres) -> None:
    notices: list[str | None] = []
    local.create_database(server.url("postgres", "postgres"), "beside")
    with psycopg.connect(server.url("postgres", "beside"), autocommit=True) as superuser:
        superuser.add_notice_handler(lambda notice: notices.append(notice.message_primary))
        superuser.execute((local.PROJECT / "deploy" / "roles.sql").read_bytes())
        superuser.execute("CREATE TEMP TABLE the_superuser_still_may (x int)")
    assert notices == []


def test_what_a_database_s_owner_can_take_is_taken(server: local.Postgres) -> None:
    rights = (
        "SELECT has_database_privilege(r, current_database(), 'TEMP'), has_database_privilege(r, current_database(), 'CREATE'),"
        " has_schema_privilege(r, 'public', 'CREATE') FROM unnest(%s::text[]) AS r"
    )
    assert set(ask(server, rights, ["app", "tenant", "identity", "console", "backup"])) == {
        (False, False, False)
    }


def test_a_tenant_s_rows_stay_its_own(server: local.Postgres) -> None:
    acme, globex = tenant("acme"), tenant("globex")
    with context.use(acme):
        Category.objects.create(name="Lamps", slug="lamps")
    with context.use(globex):
        assert not Category.objects.exists()
    with context.use(acme):
        Category.objects.filter(slug="lamps").update(name="Lights")
        assert Category.objects.get(slug="lamps").name == "Lights"


def test_a_backup_is_taken_and_restored(server: local.Postgres, settings: Any, tmp_path: Path) -> None:
    settings.LEASEHOLD_BACKUP_DIR = tmp_path
    acme = tenant("acme")
    with context.use(acme):
        Category.objects.get_or_create(slug="saved", defaults={"name": "Saved"})
    with context.operator():
        asked = ledger.request(acme, by="test")
    assert take.take(asked.id, acme.id)
    with context.operator():
        finished = Backup.objects.get(id=asked.id)
    assert store.verify(store.directory(acme.id, finished.id))[1] == finished.manifest_sha256
    copy = restore.as_new_tenant(finished.id, "copy", by="test")
    with context.use(copy):
        assert Category.objects.filter(slug="saved").exists()


def test_a_tenant_is_destroyed_with_its_role(server: local.Postgres) -> None:
    made = managed.add_tenant("brief")
    name = f"t_{made.id.hex}"
    assert ask(server, "SELECT 1 FROM pg_roles WHERE rolname = %s", name) == [(1,)]
    lifecycle.destroy("brief", by="test")
    assert ask(server, "SELECT 1 FROM pg_roles WHERE rolname = %s", name) == []
