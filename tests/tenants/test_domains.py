"""Host names of a tenant: one form, one tenant each, nothing that looks like another's, and a record of each change."""

import json
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from tenants import context, directory, domains, exceptions, lifecycle
from tenants.models import AuditEntry, Domain, Tenant
from tests import databases

pytestmark = pytest.mark.usefixtures("fresh_db")


def hosts(slug: str) -> dict[str, bool]:
    return {domain.hostname: domain.is_primary for domain in domains.of(slug)}


def record(slug: str) -> list[tuple[str, str, str]]:
    with context.operator():
        rows = AuditEntry.objects.filter(tenant__slug=slug, action__startswith="domain.").order_by("at", "id")
        return list(rows.values_list("action", "subject", "actor"))


def answer(host: str) -> tuple[int, str]:
    directory.clear()
    page = Client(headers={"host": host}).get("/")
    return page.status_code, page.content.decode()


def test_a_tenant_answers_on_a_host_that_was_added_and_on_its_own() -> None:
    assert answer("shop.acme.example")[0] == 404
    domains.add("acme", "Shop.Acme.Example.", by="test")
    assert hosts("acme") == {"acme.localhost": True, "shop.acme.example": False}
    status, page = answer("shop.acme.example")
    assert (status, "Acme" in page) == (200, True)
    assert record("acme") == [("domain.added", "shop.acme.example", "test")]


def test_a_host_in_other_letters_is_stored_as_it_is_sent() -> None:
    domains.add("acme", "bücher.example", by="test")
    assert "xn--bcher-kva.example" in hosts("acme")
    assert answer("xn--bcher-kva.example")[0] == 200
    domains.remove("acme", "BÜCHER.example", by="test")
    assert hosts("acme") == {"acme.localhost": True}


def test_a_removed_host_answers_no_longer_and_is_free() -> None:
    domains.add("acme", "shop.example", by="test")
    domains.remove("acme", "shop.example", by="test")
    assert answer("shop.example")[0] == 404
    domains.add("globex", "shop.example", by="test")
    assert record("acme")[-1] == ("domain.removed", "shop.example", "test")


def test_the_primary_host_changes_hands_and_is_not_removed() -> None:
    domains.add("acme", "shop.example", by="test")
    with pytest.raises(exceptions.PrimaryDomain):
        domains.remove("acme", "acme.localhost", by="test")
    domains.make_primary("acme", "shop.example", by="test")
    domains.make_primary("acme", "shop.example", by="test")
    assert hosts("acme") == {"acme.localhost": False, "shop.example": True}
    with context.operator():
        entry = AuditEntry.objects.get(action="domain.made_primary")
    assert (entry.before, entry.after) == ({"primary": "acme.localhost"}, {"primary": "shop.example"})
    domains.remove("acme", "acme.localhost", by="test")
    domains.add("acme", "acme.localhost", by="test")
    assert hosts("acme") == {"acme.localhost": False, "shop.example": True}


def test_a_rename_leaves_the_hosts_that_a_customer_brought() -> None:
    domains.add("acme", "shop.example", by="test")
    domains.make_primary("acme", "shop.example", by="test")
    lifecycle.rename("acme", "wile", by="test")
    assert hosts("wile") == {"wile.localhost": False, "shop.example": True}


def test_a_host_of_another_tenant_is_taken_in_any_spelling() -> None:
    domains.add("globex", "shop.example", by="test")
    for spelling in ("shop.example", "SHOP.example", "shop.example.", "ｓｈｏｐ.example"):
        with pytest.raises(exceptions.HostnameTaken):
            domains.add("acme", spelling, by="test")
    with pytest.raises(exceptions.UnknownDomain, match="tenant_domain acme list"):
        domains.remove("acme", "shop.example", by="test")
    with pytest.raises(exceptions.UnknownDomain):
        domains.make_primary("acme", "globex.localhost", by="test")


@pytest.mark.parametrize(
    "host",
    [
        "globex.shop.example",
        "admin.shop.example",
        "x.acme.shop.example",
        "shop.example",
        "free.shop.example",
        "console.example",
    ],
)
def test_hosts_of_the_product_are_not_a_customer_s(host: str, settings: object) -> None:
    settings.LEASEHOLD_APEX_HOST = "shop.example"  # type: ignore[attr-defined]
    settings.LEASEHOLD_CONSOLE_HOSTS = ["console.example"]  # type: ignore[attr-defined]
    with pytest.raises(exceptions.HostnameTaken, match="belongs to the product"):
        domains.add("acme", host, by="test", allow_lookalike=True)
    domains.add("acme", "acme.shop.example", by="test")


@pytest.mark.parametrize(
    "host", ["globex.localhost", "admin.localhost", "localhost", "127.0.0.1", "acme", "shop_1.example"]
)
def test_what_no_customer_can_own_is_refused(host: str) -> None:
    with pytest.raises((exceptions.InvalidHostname, exceptions.HostnameTaken)):
        domains.add("acme", host, by="test")
    assert hosts("acme") == {"acme.localhost": True}
    assert record("acme") == []


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("cop.example", "сор.example"),
        ("сор.example", "cop.example"),
        ("сор.example", "СОР.example."),
        ("modern.example", "rnodern.example"),
        ("bücher.example", "bucher.example"),
        ("shop10.example", "shoplo.example"),
    ],
)
def test_a_host_that_looks_like_another_tenant_s_is_refused(theirs: str, ours: str) -> None:
    domains.add("globex", theirs, by="test")
    with pytest.raises(exceptions.HostnameTaken):
        domains.add("acme", ours, by="test")


def test_a_host_that_looks_like_the_apex_is_refused(settings: object) -> None:
    settings.LEASEHOLD_APEX_HOST = "scope.example"  # type: ignore[attr-defined]
    for host in ("ѕсоре.example", "globex.ѕсоре.example", "sc0pe.example"):
        with pytest.raises(exceptions.HostnameLooksTaken, match="of the product"):
            domains.add("acme", host, by="test")


def test_an_operator_may_allow_a_look_alike_and_a_tenant_its_own() -> None:
    domains.add("globex", "modern.example", by="test")
    domains.add("acme", "rnodern.example", by="test", allow_lookalike=True)
    domains.add("globex", "m0dern.example", by="test", allow_lookalike=True)
    domains.add("initech", "hail.example", by="test")
    domains.add("initech", "hai1.example", by="test")


@pytest.mark.parametrize(
    "host",
    [
        "Shop.example",
        "shop",
        "shop.example.",
        "bücher.example",
        "a_b.example",
        "-a.example",
        "a..b",
        "shop example",
        "",
    ],
)
def test_the_database_refuses_a_host_in_another_form_whoever_inserts_it(host: str) -> None:
    with (
        context.owner(),
        pytest.raises(IntegrityError, match="tenants_domain"),
        transaction.atomic(using="owner"),
    ):
        Domain.objects.create(tenant=Tenant.objects.get(slug="acme"), hostname=host)


def test_looking_for_look_alikes_uses_an_index(fresh_db: str) -> None:
    with psycopg.connect(databases.servers().admin_url(fresh_db)) as admin:
        admin.execute("SET enable_seqscan = off")
        for table, column in (("tenants_domain", "hostname"), ("tenants_tenant", "slug")):
            shape = f"translate(replace(replace({column}, 'rn', 'm'), 'vv', 'w'), '01', 'ol')"
            plan = admin.execute(f"EXPLAIN SELECT 1 FROM {table} WHERE {shape} = 'acme'".encode()).fetchall()
            assert f"{table}_looks" in str(plan)


# Slugs.


def test_a_slug_that_looks_like_a_live_tenant_s_is_refused_unless_allowed() -> None:
    for verb in (
        lambda slug, **more: lifecycle.create(slug, by="test", **more),
        lambda slug, **more: lifecycle.rename("globex", slug, by="test", **more),
    ):
        with pytest.raises(exceptions.LooksTaken, match="looks like 'acme'"):
            verb("acrne")
    assert lifecycle.create("acrne", by="test", allow_lookalike=True).slug == "acrne"
    lifecycle.rename("acrne", "rnyacme", by="test")
    lifecycle.rename("rnyacme", "myacme", by="test")  # its own former slug keeps nobody out


def test_a_destroyed_tenant_s_slug_and_what_looks_like_it_are_free() -> None:
    lifecycle.destroy("acme", by="test")
    lifecycle.create("acrne", by="test")
    with pytest.raises(exceptions.LooksTaken):
        lifecycle.create("acme", by="test")


# The commands.


def run(*arguments: str) -> Any:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_adds_lists_chooses_and_removes() -> None:
    assert [row["host"] for row in run("tenant_domain", "acme", "list")] == ["acme.localhost"]
    assert len(run("tenant_domain", "acme", "add", "Shop.Example")) == 2
    rows = run("tenant_domain", "acme", "primary", "shop.example")
    assert {row["host"]: row["primary"] for row in rows} == {"shop.example": True, "acme.localhost": False}
    assert len(run("tenant_domain", "acme", "remove", "acme.localhost")) == 1
    assert record("acme")[0][0] == "domain.added"
    assert record("acme")[0][2].endswith("(command)")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["umbrella", "list"], "tenant_list"),
        (["acme", "list", "shop.example"], "takes no host name"),
        (["acme", "add"], "takes one"),
        (["acme", "add", "globex.localhost"], "no name of the public DNS"),
        (["acme", "add", "a b.example"], "no host name"),
        (["acme", "remove", "globex.localhost"], "tenant_domain acme list"),
        (["acme", "remove", "acme.localhost"], "Make another one primary first"),
    ],
)
def test_the_command_says_why_not(arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run("tenant_domain", *arguments)
    assert hosts("acme") == {"acme.localhost": True}


def test_commands_refuse_look_alikes_until_they_are_told() -> None:
    with pytest.raises(CommandError, match="--allow-lookalike"):
        run("tenant_create", "acrne")
    assert run("tenant_create", "acrne", "--allow-lookalike")["slug"] == "acrne"
    with pytest.raises(CommandError, match="looks like"):
        run("tenant_rename", "initech", "g1obex")
    assert run("tenant_rename", "initech", "g1obex", "--allow-lookalike")["slug"] == "g1obex"
    run("tenant_domain", "acme", "add", "modern.example")
    with pytest.raises(CommandError, match="looks like"):
        run("tenant_domain", "globex", "add", "rnodern.example")
    assert len(run("tenant_domain", "globex", "add", "rnodern.example", "--allow-lookalike")) == 2
