"""The main job without a person, step by step. Runs in a child of `demo --check` that holds every login."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import call_command

from billing.middleware import API_CALLS
from billing.tasks import roll_up
from saas.celery import app
from saas.demo.client import Answer, Client
from tenants import context, lifecycle, tasks
from tenants.backups import ledger, restore
from tenants.models import Backup

PORT = "LEASEHOLD_CHECK_PORT"
BY = "demo --check"
PRODUCTS = "/api/v1/products"
CREATED, PAGE = 23, 5  # products, and how many of them one page holds
METER_SECONDS, BACKUP_SECONDS, SUSPEND_SECONDS = 30.0, 60.0, 2.0
POLL_SECONDS = 0.1


class Failed(Exception):
    """A step saw something else than it had to."""


@dataclass(slots=True)
class Shop:
    """A tenant of the job, called with its owner's session and with a key."""

    slug: str
    email: str
    password: str
    session: Client
    keyed: Client
    products: dict[str, Any] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return self.session.calls + self.keyed.calls


class Job:
    """The steps in the order of STEPS, each named for what it shows; it returns what it saw or raises."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.backup_id = UUID(int=0)

    def create_tenants(self) -> str:
        """Two tenants on two plans, by the operators' command."""
        self.ours, self.other = self._create("harbor", "pro"), self._create("meadow", "free")
        return f"{self.ours.session.host} on pro, {self.other.session.host} on free"

    def sign_in(self) -> str:
        """Their owners sign in with the one-time passwords and make API keys."""
        for shop in (self.ours, self.other):
            self._sign_in(shop.session, shop)
            key = _expect(shop.session.post("/api/v1/keys", {"name": "check"}), 201, "POST /api/v1/keys")
            shop.keyed.key = key["secret"]
        me = _expect(self.ours.keyed.get("/api/v1/me"), 200, "GET /api/v1/me")
        _same(me["tenant"]["slug"], self.ours.slug, "the tenant of /api/v1/me")
        return f"{me['email']} is {me['role']}; a key for each tenant"

    def call_api(self) -> str:
        """Products are listed, created and read back."""
        page = _expect(self.ours.keyed.get(PRODUCTS), 200, "the empty list")
        _same(page, {"items": [], "next": None}, "the empty list")
        for number in range(CREATED):
            body: dict[str, Any] = {"name": f"Lamp {number}", "slug": f"lamp-{number}", "sku": f"L-{number}"}
            body |= {"price": 1_000 + number, "currency": "EUR"}
            made = _expect(self.ours.keyed.post(PRODUCTS, body), 201, f"POST {PRODUCTS}")
            _same({name: made[name] for name in body}, body, "the created product")
            read = _expect(self.ours.keyed.get(f"{PRODUCTS}/{made['id']}"), 200, "reading it back")
            _same(read, made, "the product that was read back")
            self.ours.products[made["id"]] = made
        return f"{CREATED} products created and read back alike"

    def page_through(self) -> str:
        """Pages by cursor show each product exactly once."""
        seen, pages = _all_pages(self.ours.keyed)
        _same(len(seen), len({item["id"] for item in seen}), "products seen, each once")
        _same({item["id"]: item for item in seen}, self.ours.products, "the products of all pages")
        return f"{len(seen)} products on {pages} pages of {PAGE}, each once"

    def show_isolation(self) -> str:
        """Another tenant's host, key, session, cursor and product id get nothing."""
        ours, other = self.ours, self.other
        stranger = next(iter(ours.products))
        cursor = _expect(ours.keyed.get(f"{PRODUCTS}?limit=1"), 200, "a page")["next"]
        at_other = Client(other.keyed.host, self.port, key=ours.keyed.key)
        browser = Client(other.keyed.host, self.port, cookies=dict(ours.session.cookies))
        nowhere = Client(f"nowhere.{settings.LEASEHOLD_APEX_HOST}", self.port, key=ours.keyed.key)
        refused = [
            (at_other.get(PRODUCTS), 401, "our key at the other host"),
            (at_other.get(f"{PRODUCTS}/{stranger}"), 401, "our key and our product at the other host"),
            (browser.get(PRODUCTS), 401, "our session at the other host"),
            (other.keyed.get(f"{PRODUCTS}/{stranger}"), 404, "our product with the other's key"),
            (other.keyed.call("DELETE", f"{PRODUCTS}/{stranger}"), 404, "deleting it with the other's key"),
            (other.keyed.get(f"{PRODUCTS}?cursor={cursor}"), 400, "our cursor with the other's key"),
            (nowhere.get(PRODUCTS), 404, "a host without a tenant"),
        ]
        for answer, status, what in refused:
            _expect(answer, status, what)
        page = _expect(other.keyed.get(PRODUCTS), 200, "the other's list")
        _same(page["items"], [], "the other's products")
        _expect(ours.keyed.get(f"{PRODUCTS}/{stranger}"), 200, "our product, which is still there")
        return f"{len(refused)} tries with key, session, id and cursor of the other: all refused"

    def meter(self) -> str:
        """The workers add up the calls that the web processes counted."""
        calls = self.ours.calls
        start = time.monotonic()
        counted = -1
        while counted < calls:
            if time.monotonic() - start > METER_SECONDS:
                raise Failed(f"after {METER_SECONDS:.0f} s {counted} of {calls} calls were metered")
            with context.operator():
                roll_up.delay()
            time.sleep(5 * POLL_SECONDS)
            hours = _expect(self.ours.keyed.get("/api/v1/usage"), 200, "GET /api/v1/usage")["items"]
            counted = sum(hour["quantity"] for hour in hours if hour["meter"] == API_CALLS)
        return f"{counted} API calls metered, {calls} had been made"

    def back_up(self) -> str:
        """The worker takes a backup that an operator asks for."""
        with context.operator():
            backup = ledger.request(lifecycle.find(self.ours.slug), by=BY)
            tasks.send(backup)
        self.backup_id = backup.id
        _until(lambda: self._backup().state in ("finished", "failed"), BACKUP_SECONDS, "no finished backup")
        backup = self._backup()
        if backup.error:
            raise Failed(f"the backup failed: {backup.error}")
        return f"{backup.rows} rows in {backup.bytes} bytes"

    def restore(self) -> str:
        """The backup becomes a new tenant, whose members and products are there."""
        slug = f"{self.ours.slug}-restored"
        self.restored = restore.as_new_tenant(self.backup_id, slug, by=BY)
        browser = self._client(slug)
        self._sign_in(browser, self.ours)
        seen, _ = _all_pages(browser)
        _same({item["id"] for item in seen}, set(self.ours.products), "the restored products")
        return f"{browser.host} lists {len(seen)} products to the same owner"

    def compare(self) -> str:
        """Every table holds the same rows in both tenants."""
        with context.owner():
            source = restore.row_hashes(context.Kind.OWNER, lifecycle.find(self.ours.slug))
            found = restore.row_hashes(context.Kind.OWNER, self.restored)
        _same(found, source, "SHA-256 of the rows of each table")
        return f"{len(source)} tables, all hashes equal"

    def suspend(self) -> str:
        """A suspended tenant is refused by every web process within 2 s; the others are not."""
        start = time.monotonic()
        _command("tenant_suspend", self.ours.slug)
        _until(lambda: self.ours.keyed.get(PRODUCTS).status == 403, SUSPEND_SECONDS, "no 403")
        first = time.monotonic() - start
        time.sleep(max(0.0, start + SUSPEND_SECONDS - time.monotonic()))
        for _ in range(10):  # more than there are web processes
            _expect(self.ours.keyed.get(PRODUCTS), 403, "the suspended tenant")
        _expect(self.other.keyed.get(PRODUCTS), 200, "the other tenant")
        return f"403 after {first:.1f} s, from all after {SUSPEND_SECONDS:.0f} s; the other tenant answers"

    def _create(self, slug: str, plan: str) -> Shop:
        email = f"owner@{slug}.example"
        made = _command("tenant_create", slug, "--plan", plan, "--owner", email)
        return Shop(slug, email, made["password"], self._client(slug), self._client(slug))

    def _client(self, slug: str) -> Client:
        return Client(f"{slug}.{settings.LEASEHOLD_APEX_HOST}", self.port)

    def _sign_in(self, client: Client, shop: Shop) -> None:
        credentials = {"email": shop.email, "password": shop.password}
        session = _expect(client.post("/api/v1/session", credentials), 200, "POST /api/v1/session")
        client.csrf_token = session["csrf_token"]

    def _backup(self) -> Backup:
        with context.operator():
            return Backup.objects.get(id=self.backup_id)


STEPS: tuple[tuple[str, Callable[[Job], str]], ...] = (
    ("create two tenants", Job.create_tenants),
    ("sign in, make keys", Job.sign_in),
    ("call the API", Job.call_api),
    ("page by cursor", Job.page_through),
    ("show isolation", Job.show_isolation),
    ("meter the calls", Job.meter),
    ("take a backup", Job.back_up),
    ("restore it as a new tenant", Job.restore),
    ("compare row hashes", Job.compare),
    ("suspend the tenant", Job.suspend),
)


def main() -> None:
    """Do the steps and tell the parent of each; exit 1 after one that failed."""
    app.set_current()  # the tasks' messages go to its broker
    job = Job(int(os.environ[PORT]))
    for title, step in STEPS:
        _tell(begin=title)
        start = time.monotonic()
        try:
            seen = step(job)
        except Exception as error:  # noqa: BLE001 # the border of this process: the parent reports it
            _tell(failed=title, why=f"{type(error).__name__}: {error}")
            sys.exit(1)
        _tell(end=title, seen=seen, seconds=time.monotonic() - start)


def _tell(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def _command(name: str, *arguments: str) -> Any:
    out = StringIO()
    call_command(name, *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def _expect(answer: Answer, status: int, what: str) -> Any:
    if answer.status != status:
        raise Failed(f"{what}: expected {status}, got {answer.status} {str(answer.body)[:500]}")
    return answer.body


def _same(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise Failed(f"{what}: expected {str(expected)[:300]}, got {str(found)[:300]}")


def _until(done: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise Failed(f"{otherwise} within {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def _all_pages(client: Client) -> tuple[list[dict[str, Any]], int]:
    """Return the products of all pages and the number of pages."""
    found: list[dict[str, Any]] = []
    pages, more = 0, ""
    while True:
        page = _expect(client.get(f"{PRODUCTS}?limit={PAGE}{more}"), 200, "a page")
        found, pages = found + page["items"], pages + 1
        if page["next"] is None:
            return found, pages
        more = f"&cursor={page['next']}"
