"""What a newcomer reads when everything runs: hosts, logins, three lines to paste, what to try next."""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from rich.console import Console
from rich.table import Table

from saas.demo import cast, programs
from saas.demo.cast import Shop
from saas.demo.place import Logins, Place


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo."""

    where: Place
    ports: dict[str, int]
    logins: Logins
    pids: dict[str, int]

    @property
    def console_url(self) -> str:
        return f"http://localhost:{self.ports['console']}/"

    @property
    def mail_url(self) -> str:
        return f"http://localhost:{self.ports['mail']}/"

    def url(self, shop: Shop) -> str:
        return f"http://{shop.slug}.{settings.LEASEHOLD_APEX_HOST}:{self.ports['web']}/"


def show(demo: Demo, out: Console) -> None:
    """Print the tables; secrets only when no start before has shown them."""
    kept = f"they are kept in {near(demo.where.logins)}"
    out.print()
    out.print(_hosts(demo))
    out.print(_people(demo))
    if demo.logins.shown:
        out.print(f"Passwords and API keys were shown at the first start; {kept}.")
    else:
        out.print(_keys(demo))
        out.print(f"Passwords and API keys are shown this once; {kept}.")
    _say(
        out, "Paste into a second terminal: list products, create one, see the key fail elsewhere", curl(demo)
    )
    if not programs.asks_factor():
        out.print(
            "The console of this demo asks for a password alone; anywhere else operators need a second factor."
        )
    _say(out, "What next", _next(demo))
    out.print("\nCtrl-C stops everything.")


def as_json(demo: Demo) -> dict[str, Any]:
    """Return the same for programs; secrets only where the tables would show them."""
    hidden = demo.logins.shown
    return {
        "directory": str(demo.where.directory),
        "tenants": [
            {
                "slug": shop.slug,
                "name": shop.name,
                "plan": shop.plan,
                "url": demo.url(shop),
                "key": None if hidden else demo.logins.keys.get(shop.slug),
            }
            for shop in cast.SHOPS
        ],
        "console": demo.console_url,
        "mail": demo.mail_url,
        "people": [
            {
                "email": person.email,
                "roles": person.roles,
                "password": None if hidden else demo.logins.passwords[person.email],
            }
            for person in (*cast.PEOPLE, cast.OPERATOR)
        ],
        "logins": str(demo.where.logins),
        "curl": curl(demo),
        "processes": demo.pids,
        "ports": demo.ports,
    }


def curl(demo: Demo) -> list[str]:
    """Return the three lines; after the first start they read the key from a file instead of showing it."""
    shop, other = cast.SHOPS[:2]
    header = f"Authorization: Bearer {demo.logins.keys.get(shop.slug)}"
    if demo.logins.shown:
        header = f"@{near(demo.where.header(shop.slug))}"
    key, path = shlex.quote(header), "api/v1/products"
    product = """'{"name": "Trail lamp", "price": 3900, "currency": "EUR"}'"""
    return [
        f"curl -sS -H {key} '{demo.url(shop)}{path}?limit=2'; echo",
        f"curl -sS -H {key} --json {product} {demo.url(shop)}{path}; echo",
        f"curl -sS -i -H {key} {demo.url(other)}{path}; echo",
    ]


def near(path: Path) -> str:
    """Return the path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _say(out: Console, title: str, lines: list[str]) -> None:
    out.print(f"\n[bold]{title}[/]")
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _hosts(demo: Demo) -> Table:
    table = Table("tenant", "address", "plan", title="Hosts", title_justify="left")
    for shop in cast.SHOPS:
        table.add_row(shop.name, demo.url(shop), shop.plan)
    table.add_row("operators' console", demo.console_url, "")
    table.add_row("mails that were sent", demo.mail_url, "")
    return _whole(table)


def _people(demo: Demo) -> Table:
    table = Table("person", "role", title="Logins", title_justify="left")
    if not demo.logins.shown:
        table.add_column("password")
    for person in (*cast.PEOPLE, cast.OPERATOR):
        roles = ", ".join(f"{role} at {slug}" for slug, role in person.roles.items()) or "operator"
        table.add_row(
            person.email, roles, *([] if demo.logins.shown else [demo.logins.passwords[person.email]])
        )
    return _whole(table)


def _keys(demo: Demo) -> Table:
    table = Table("API key of the owner of", "key", title="Keys", title_justify="left")
    for slug, key in demo.logins.keys.items():
        table.add_row(slug, key)
    return _whole(table)


def _whole(table: Table) -> Table:
    """Never cut or break a cell: addresses and secrets are copied."""
    for column in table.columns:
        column.no_wrap, column.overflow = True, "ignore"
    return table


def _next(demo: Demo) -> list[str]:
    shop = cast.SHOPS[0]
    python = os.path.relpath(sys.executable)
    elsewhere = demo.where.directory != Path(settings.BASE_DIR) / ".local"
    variable = f"LEASEHOLD_LOCAL_DIR={shlex.quote(str(demo.where.directory))} " if elsewhere else ""
    manage = f"{variable}{python} manage.py"
    return [
        f"{demo.url(shop)}api/v1/docs",
        f"{manage} tenant_list",
        f"{manage} tenant_create umbrella --plan pro --owner you@umbrella.example",
        f"{manage} tenant_run {shop.slug} dbshell",
        f"tail -f {shlex.quote(near(demo.where.logs))}/*.log",
    ]
