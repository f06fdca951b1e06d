"""Every operation of the API that takes an id, called with another tenant's: the answer is that for an id of nobody."""

import itertools
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from saas.api.site import api
from tenants import ids
from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import timing
from tests.bench.web import site
from tests.bench.web.client import Reply
from tests.bench.web.site import Site

# Which of a tenant's facts are the ids of a parameter or field. An operation with an id that is missing here is
# without cover, and test_operations says so.
# What another system calls us; what a session alone may name (tests/saas/api/test_sessions.py tries another tenant's).
ELSEWHERE = ("client_id", "device_id")
HOLDERS = {
    "product_id": "products",
    "category_id": "category",
    "key_id": "keys",
    "member_id": "membership",
    "role_id": "role",
    "custom_role_id": "role",
    "group_id": "group",
    "invitation_id": "invitation",
    "account_id": "account",
    "service_account_id": "account",
}
BODIES: dict[str, dict[str, Any]] = {
    "create_product": {"name": "Lamp", "price": 1, "currency": "EUR"},
    "create_group": {"name": "Others"},
    "update_group": {"name": "Others"},
    "create_key": {"name": "of others"},
}
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "role": ("/api/v1/roles", {"name": "Packer", "permissions": ["products.read"]}),
    "group": ("/api/v1/groups", {"name": "Packers"}),
    "account": ("/api/v1/service-accounts", {"name": "importer", "role": "viewer"}),
    "invitation": ("/api/v1/invitations", {"email": "guest@example.com", "role": "viewer"}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One id that an operation takes: in its path, its query or its body."""

    operation: str
    method: str
    path: str
    field: str
    where: str  # path, query or body

    def __str__(self) -> str:
        return f"{self.operation} {self.where}.{self.field}"


def places(document: dict[str, Any]) -> Iterator[Place]:
    """Yield every id that the OpenAPI document knows as input."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            for parameter in operation.get("parameters", []):
                if _is_id(parameter["name"], parameter["schema"]):
                    yield Place(name, method.upper(), path, parameter["name"], parameter["in"])
            for field, schema in _body(document, operation).items():
                if _is_id(field, schema):
                    yield Place(name, method.upper(), path, field, "body")


def _body(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = schema.get("properties", {})
    return found


def _is_id(name: str, schema: dict[str, Any]) -> bool:
    """Whether this is an id: by its format, or by its name."""
    if name in ELSEWHERE:
        return False
    kinds = [schema, *schema.get("anyOf", []), schema.get("items", {})]
    return (
        name in ("id", "ids")
        or name.endswith(("_id", "_ids"))
        or any(k.get("format") == "uuid" for k in kinds)
    )


def known(tenant: Tenant, field: str) -> list[str]:
    """Return the ids of a tenant that this field could hold."""
    found = tenant.facts[HOLDERS[field]]
    return found if isinstance(found, list) else [found]


def ask(web: Site, caller: Tenant, place: Place, value: str) -> Reply:
    """Call an operation as a member of the caller; ids beside the one that is tried are the caller's own."""
    own = {field: known(caller, field)[0] for field in HOLDERS}
    values = {**own, place.field: value} if place.where == "path" else own
    target = place.path.format(**{name: values[name] for name in values if f"{{{name}}}" in place.path})
    target += f"?{place.field}={value}" if place.where == "query" else ""
    body = {**BODIES.get(place.operation, {}), **({place.field: value} if place.where == "body" else {})}
    sent = json.dumps(body).encode() if place.method in ("POST", "PUT", "PATCH") else None
    kind = [("Content-Type", "application/json")] if sent is not None else []
    return web.ask(caller, target, method=place.method, headers=[*site.bearer(caller), *kind], body=sent)


@attack(
    "every route with every foreign id (OpenAPI)", tries=3_600, quick=60, sides=(OURS,), passes=Passes.REFUSED
)
def foreign_ids(run: Run) -> None:
    """As B's member, ask with ids of A and with ids that nobody has, in turn; compare every byte, and the times."""
    web = site.of(run)
    for tenant in run.side.tenants:
        keys = web.ask(tenant, "/api/v1/keys", headers=site.bearer(tenant)).json()["items"]
        tenant.facts["keys"] = [key["id"] for key in keys]
        for name, (path, body) in MADE.items():
            tenant.facts[name] = _make(web, tenant, path, body)
    times: dict[Place, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    turns = itertools.cycle(places(api.get_openapi_schema()))
    for _ in range(run.tries // 2):
        place, (a, b) = next(turns), run.pair()
        pair = [run.rng.choice(known(a, place.field)), str(ids.new())]
        order = [0, 1] if run.rng.random() < 0.5 else [1, 0]  # neither is always the first
        answers = {}
        for n in order:
            answers[n], seconds = _try(run, b, place, pair[n])
            times[place][n].append(seconds)
        if answers[0] != answers[1]:
            with run.tally.attempt(b) as found:
                found.leaks.append(f"{place} tells a foreign id from a missing one: {answers}"[:400])
    _intact(run, web)
    for place, (one, other) in times.items():
        run.tally.note(timing.compare(f"{place}, A's id to nobody's", one, other))


def _make(web: Site, tenant: Tenant, path: str, body: dict[str, Any]) -> str:
    kind = ("Content-Type", "application/json")
    sent = json.dumps(body).encode()
    made = web.ask(tenant, path, method="POST", headers=[*site.bearer(tenant), kind], body=sent)
    assert made.status == 201, made
    return str(made.json()["id"])


def _try(run: Run, caller: Tenant, place: Place, value: str) -> tuple[bytes, float]:
    web = site.of(run)
    with run.tally.attempt(caller) as found:
        began = time.perf_counter()
        reply = ask(web, caller, place, value)
        seconds = time.perf_counter() - began
        site.saw(found, reply, str(place))
        found.saw(bytes(web.ask(caller, "/api/v1/products?limit=1", headers=site.bearer(caller))), "its own")
    return timing.comparable(reply, value), seconds


def _intact(run: Run, web: Site) -> None:
    """What others named is as it was: nothing was archived, revoked or moved."""
    for tenant in run.side.tenants:
        pages = [f"/api/v1/products/{pk}" for pk in tenant.facts["products"]]
        pages.append(f"/api/v1/groups/{tenant.facts['group']}/members")
        if any(web.ask(tenant, page, headers=site.bearer(tenant)).status != 200 for page in pages):
            with run.tally.attempt(tenant) as found:
                found.leaks.append(f"a row of {tenant.slug} was changed from outside")
