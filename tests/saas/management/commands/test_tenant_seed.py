"""tenant_seed: one command for people and programs; what it refuses, and what a kill leaves."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from saas import seeding
from saas.visitors.models import Visitor
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("fresh_db")


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("tenant_seed", *arguments, stdout=out, **options)
    return out.getvalue()


def visitors(slug: str) -> int:
    with context.public():
        tenant = Tenant.objects.get(slug=slug)
    with context.use(tenant):
        return Visitor.objects.count()


def test_it_fills_one_tenant_and_says_how_many_rows(tenant: object) -> None:
    told = json.loads(run("acme", "--app", "visitors", "--size", "37", "--seed", "4", "--json"))
    assert told == {"slug": "acme", "app": "visitors", "rows": 37, "visitors": 0, "visitors_visitor": 37}
    assert (visitors("acme"), visitors("globex")) == (37, 0)


def test_it_talks_to_people_as_well(tenant: object) -> None:
    assert "rows: 37" in run("acme", "--app", "visitors", "--size", "37")


def test_it_refuses_a_tenant_with_rows_unless_forced(tenant: object) -> None:
    run("acme", "--app", "visitors", "--size", "37")
    with pytest.raises(CommandError, match="--force"):
        run("acme", "--app", "visitors", "--size", "20")
    assert visitors("acme") == 37
    run("acme", "--app", "visitors", "--size", "20", "--force")
    assert visitors("acme") == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody", "--app", "visitors"), "nobody"),
        (("acme", "--app", "visitors", "--size", "enormous"), "small, medium, large"),
        (("acme", "--app", "billing"), "invalid choice"),
    ],
)
def test_it_says_what_there_is(tenant: object, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_sizes_are_what_the_help_says() -> None:
    assert (seeding.SIZES["medium"], seeding.SIZES["large"]) == (50_000, 2_000_000)
