"""The databases of a test run: one template, the copy that tests roll back in, and fresh copies for one test each."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import LiteralString, cast

import psycopg
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from saas import local
from tenants import context, directory, lifecycle, strict
from tenants.db import logins
from tenants.db.base import DatabaseWrapper
from tenants.models import User
from tests import environment

PASSWORD = "correct horse battery"
# Committed in every database: slug and plan.
TENANTS = {"acme": "pro", "globex": "free", "initech": "enterprise"}


def servers() -> local.Servers:
    assert environment.running is not None, "the plugin tests.environment did not start the servers"
    return environment.running.servers


def create(name: str) -> None:
    """Make a database as an installation does: roles, then migrations as owner."""
    drop(name)
    local.create_database(servers().admin_url(), name)
    local.apply_roles(servers(), name)
    with pointing_at(name):
        call_command("migrate", verbosity=0, interactive=False)


def build(name: str) -> None:
    """Make a database with three tenants, and an owner of each."""
    create(name)
    with pointing_at(name):
        for slug, plan in TENANTS.items():
            with context.owner():
                owner = User.objects.create_user(
                    f"owner@{slug}.example", name=f"Owner of {slug}", password=PASSWORD
                )
            lifecycle.create(slug, name=slug.title(), by="tests", owner=owner, options={"plan": plan})


def copy(template: str, name: str) -> None:
    """Copy a database, with the grants and settings that belong to a database and are lost in a copy."""
    _run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    local.apply_roles(servers(), name)


def drop(name: str) -> None:
    _run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def run_as_admin(statement: LiteralString) -> None:
    _run(sql.SQL(statement))


def roles() -> set[str]:
    """Return the names of the tenants' roles, which belong to the cluster and outlive a database."""
    with psycopg.connect(servers().admin_url(), autocommit=True) as admin:
        return {
            name
            for (name,) in admin.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^t_[0-9a-f]{32}$'")
        }


def drop_roles(names: set[str]) -> None:
    for name in names:
        with suppress(psycopg.errors.DependentObjectsStillExist):  # of a database of another worker
            _run(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def pointing_at(name: str) -> Iterator[None]:
    """Have every alias of every thread connect to the database of this name until the block ends."""
    former = _point_at(name)
    try:
        yield
    finally:
        _point_at(former)


def _point_at(name: str) -> str:
    connections.close_all()
    cast(DatabaseWrapper, connections["default"]).close_pool()
    logins.close_all()
    strict.clear()
    former = str(connections.settings["default"]["NAME"])
    for database in connections.settings.values():
        database["NAME"] = name
    cache.clear()
    directory.clear()
    return former


def _run(statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(servers().admin_url(), autocommit=True) as admin:
        admin.execute(statement)


def read_as_admin(statement: LiteralString) -> list[tuple[object, ...]]:
    """Return rows that only a superuser sees, from outside of every context."""
    with psycopg.connect(servers().admin_url(), autocommit=True) as admin:
        return admin.execute(statement).fetchall()
