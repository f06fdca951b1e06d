"""Migrations are complete, linear per app, and go back as well as forward."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from pytest_django.plugin import DjangoDbBlocker

from saas import local
from tests import databases, environment

OURS = ("tenants", "billing", "saas", "commerce", "social")


def test_every_change_of_a_model_has_its_migration() -> None:
    variables = {"PATH": os.environ["PATH"], "LEASEHOLD_ENV": "development", "LEASEHOLD_ENV_FILE": "none"}
    command = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("app", OURS)
def test_the_migrations_of_an_app_are_one_line(app: str) -> None:
    graph = MigrationLoader(None).graph
    assert len(graph.leaf_nodes(app)) == 1
    for node in (key for key in graph.nodes if key[0] == app):
        assert len([parent for parent in graph.node_map[node].parents if parent.key[0] == app]) <= 1


def test_the_shared_tables_go_back_to_nothing_and_forward_again(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> None:
    name = f"{environment.DATABASE}_empty"
    databases.drop(name)
    local.create_database(databases.servers().admin_url(), name)
    local.apply_roles(databases.servers(), name)
    with django_db_blocker.unblock(), databases.pointing_at(name):
        call_command("migrate", verbosity=0)
        before = tables()
        call_command("migrate", "tenants", "zero", verbosity=0)
        assert not {table for table in tables() if table.startswith(("tenants_", "billing_"))}
        call_command("migrate", verbosity=0)
        assert tables() == before
    databases.drop(name)


def tables() -> set[str]:
    with connections[settings.TENANT_DB_ALIAS].cursor() as cursor:
        return set(connections[settings.TENANT_DB_ALIAS].introspection.table_names(cursor))
