"""tenants.db.powers: a login that could bypass isolation serves nothing, whichever connection it comes over."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from django.core.checks import run_checks
from django.db import OperationalError, connections

from tenants import context, exceptions
from tenants.db import powers
from tenants.directory import Entry
from tenants.models import Tenant
from tests import databases

TwoTenants = tuple[Entry, Entry]
ALIASES = ["default", "console", "owner", "backup"]
SKIPS = [
    ("SUPERUSER", "is a superuser"),
    ("BYPASSRLS", "has BYPASSRLS"),
    ("REPLICATION", "has REPLICATION"),
]
# What is done to `app`, what it is told, and what is undone.
REACHES = [
    ("GRANT console TO app", "can act as console", "REVOKE console FROM app"),
    ("GRANT owner TO app", "can act as owner", "REVOKE owner FROM app"),
    ("GRANT backup TO app", "can act as backup", "REVOKE backup FROM app"),
    (
        "CREATE ROLE between; GRANT console TO between; GRANT between TO app",
        "can act as console",
        "DROP ROLE between",
    ),
    ("GRANT console TO identity", "can act as console", "REVOKE console FROM identity"),
    ("GRANT owner TO console; GRANT console TO app", "can act as console, owner", "REVOKE owner FROM console; REVOKE console FROM app"),
    ("ALTER ROLE app CREATEROLE", "has CREATEROLE", "ALTER ROLE app NOCREATEROLE"),
]  # fmt: skip


@pytest.fixture
def undo(module_db: str) -> Iterator[ExitStack]:
    """What is pushed here is undone at the end, and every connection that has seen it is closed."""
    with ExitStack() as stack:
        yield stack
        connections.close_all()
    connections.close_all()


@pytest.mark.parametrize("alias", ALIASES)
def test_our_logins_have_nothing_too_much(module_db: str, alias: str) -> None:
    connections[alias].ensure_connection()
    assert powers.excess(connections[alias].connection.pgconn, alias) == ""


@pytest.mark.parametrize("alias", ALIASES)
@pytest.mark.parametrize(("attribute", "words"), SKIPS)
def test_no_login_of_ours_may_skip_policies(undo: ExitStack, alias: str, attribute: str, words: str) -> None:
    login = connections.settings[alias]["USER"]
    connections.close_all()
    databases.run_as_admin(f"ALTER ROLE {login} {attribute}")
    undo.callback(databases.run_as_admin, f"ALTER ROLE {login} NO{attribute}")
    with pytest.raises(exceptions.UnsafeLogin, match=f"alias '{alias}' {words}"):
        connections[alias].ensure_connection()


@pytest.mark.parametrize(("statement", "words", "revert"), REACHES)
def test_a_tenant_facing_login_may_not_leave_its_contexts(
    undo: ExitStack, statement: Any, words: str, revert: Any
) -> None:
    connections.close_all()
    databases.run_as_admin(statement)
    undo.callback(databases.run_as_admin, revert)
    with pytest.raises(exceptions.UnsafeLogin, match=words):
        connections["default"].ensure_connection()


def test_a_tenant_facing_login_may_own_nothing(module_db: str, undo: ExitStack) -> None:
    connections.close_all()
    admin = undo.enter_context(psycopg.connect(databases.servers().admin_url(module_db), autocommit=True))
    admin.execute("CREATE TABLE public.own (); ALTER TABLE public.own OWNER TO app")
    undo.callback(admin.execute, "DROP TABLE public.own")
    with pytest.raises(exceptions.UnsafeLogin, match="owns objects"):
        connections["default"].ensure_connection()


def test_nothing_is_served_over_a_refused_connection_however_often_it_is_tried(
    module_db: str, undo: ExitStack, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.close_all()
    monkeypatch.setitem(connections["default"].settings_dict, "USER", "postgres")
    for _ in range(3):
        with pytest.raises(exceptions.UnsafeLogin), context.use(two_tenants[0]):
            Tenant.objects.count()
        with pytest.raises(exceptions.UnsafeLogin), context.public():
            Tenant.objects.count()
        assert connections["default"].connection is None


def test_a_pool_hands_out_no_connection_of_such_a_login(
    module_db: str, undo: ExitStack, monkeypatch: pytest.MonkeyPatch, two_tenants: TwoTenants
) -> None:
    connections.close_all()
    wrapper: Any = connections["default"]
    for name, value in (
        ("USER", "postgres"),
        ("CONN_MAX_AGE", 0),
        ("OPTIONS", {"pool": {"min_size": 0, "max_size": 1, "timeout": 0.5}}),
    ):
        monkeypatch.setitem(wrapper.settings_dict, name, value)
    undo.callback(wrapper.close_pool)
    with (
        pytest.raises(OperationalError, match="couldn't get a connection"),
        context.use(two_tenants[0]),
    ):
        Tenant.objects.count()


def test_a_session_that_does_not_answer_is_refused(module_db: str) -> None:
    with psycopg.connect(databases.servers().admin_url(module_db)) as connection:
        connection.pgconn.exec_(b"BEGIN; SELECT 1/0")
        with pytest.raises(exceptions.UnsafeLogin, match="could not be examined"):
            powers.refuse(connection.pgconn, "default")


def test_the_check_says_so_with_its_id(
    module_db: str, undo: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.close_all()
    monkeypatch.setitem(connections["default"].settings_dict, "USER", "postgres")
    found = [one for one in run_checks(databases=["default"]) if one.id == "tenants.E003"]
    assert ["is a superuser" in one.msg for one in found] == [True]
