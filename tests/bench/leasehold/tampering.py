"""Tampers with the record in every way that is known, and says which of them `record_verify` named. It undoes them all."""

import io
import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management import CommandError, call_command
from psycopg import sql

from tenants import audit_log, context
from tenants.models import AuditSeal, AuditSealedEntry, Tenant
from tenants.record import sealing
from tests.bench.harness import SEED
from tests.bench.leasehold.tampering_ways import TABLES, WAYS, Place, Way
from tests.bench.tally import Try

SEALS, PER_SEAL = 4, 4
LOGINS = ("superuser", "owner")
Findings = list[dict[str, Any]]
Verify = Callable[[str, str], Findings]


def by_command(slug: str, head: str) -> Findings:
    """Return what `record_verify` names, as programs read it. Findings with exit code 0 would be none."""
    said = io.StringIO()
    try:
        call_command("record_verify", slug, json=True, head=head, stdout=said)
    except CommandError:
        (found,) = json.loads(said.getvalue())
        findings: Findings = found["findings"]
        return findings
    return []


def play(
    slugs: list[str], tries: int, urls: Sequence[str], verify: Verify = by_command
) -> list[dict[str, Any]]:
    """Tamper so often, tenants, ways and logins in turn; return for each try what it was and whether it was named.

    urls: of the superuser and of the owner. The superuser's puts back what was there. clean: whether nothing is found
    once it is there again; a verifier that always finds something has found nothing.
    """
    rng, tenants = random.Random(SEED), _sealed(slugs)
    turns = itertools.cycle(WAYS.items())
    made = []
    with psycopg.connect(urls[0], autocommit=True) as admin:
        _keep(admin)
        for n in range(tries):
            what, way = next(turns)
            login = 1 if way.run else (n + n // len(WAYS)) % len(urls)  # in the end each way by each login
            place = _place(tenants[n % len(tenants)], tenants[(n + 1) % len(tenants)], rng)
            with _undone(admin):
                _tamper(way, place, urls[login])
                findings = verify(place.slug, place.head if way.keeps_head else "")
            made.append(
                {
                    "tenant": place.slug,
                    "what": f"{what}, as {LOGINS[login]}",
                    "named": is_named(way, place, findings),
                    "found": sorted({finding["rule"] for finding in findings}),
                    "clean": not verify(place.slug, place.head),
                }
            )
    return made


def is_named(way: Way, place: Place, findings: Findings) -> bool:
    """Whether one of the findings says what was done, and where."""
    at = way.at(place)
    return any(
        finding["rule"] in way.rules
        and (at is None or (finding["seal"] == at if isinstance(at, int) else finding["entry"] == str(at)))
        for finding in findings
    )


def judge(found: Try, one: dict[str, Any]) -> None:
    """Count what was named as refused, and what was not named, or was named where nothing was done, as a leak."""
    if not one["clean"]:
        found.leaks.append(f"{one['what']}: something is found where nobody tampers")
    elif one["named"]:
        with found.hostile():
            raise Named(", ".join(one["found"]))
    else:
        found.leaks.append(f"{one['what']}: not named, found {one['found']}")


class Named(Exception):
    """What was done to the record was named."""


def _sealed(slugs: Sequence[str]) -> list[Tenant]:
    """Give each tenant a chain of some seals with some entries each."""
    with context.operator():
        tenants = list(Tenant.objects.filter(slug__in=slugs, destroyed_at=None).order_by("slug"))
    sealing.seal_all()
    for _ in range(SEALS):
        for tenant in tenants:
            with context.use(tenant):
                for n in range(PER_SEAL):
                    audit_log.record(tenant.id, "bench.kept", by="bench", subject=n, after={"price": n})
        sealing.seal_all()
    return tenants


def _place(tenant: Tenant, other: Tenant, rng: random.Random) -> Place:
    with context.owner():
        seals = list(AuditSeal.objects.filter(tenant_id=tenant.id).order_by("number"))
        number = rng.choice(seals[-SEALS:-1]).number
        named = {
            found: list(
                AuditSealedEntry.objects.filter(tenant_id=tenant.id, number=found).values_list(
                    "entry_id", flat=True
                )
            )
            for found in (number, number + 1)
        }
    entry, neighbour = rng.sample(named[number], 2)
    return Place(
        tenant=tenant.id,
        slug=tenant.slug,
        other=other.id,
        number=number,
        last=seals[-1].number,
        entry=entry,
        neighbour=neighbour,
        elsewhere=rng.choice(named[number + 1]),
        head=seals[-1].hash,
    )


def _tamper(way: Way, place: Place, url: str) -> None:
    if way.run is not None:
        way.run(place)
        return
    values = {name: getattr(place, name) for name in Place.__slots__}
    with psycopg.connect(url) as server:
        for text in way.statements:
            changed = server.execute(text.encode(), values).rowcount
            assert changed or text.startswith("TRUNCATE"), f"changed nothing: {text}"


def _keep(admin: psycopg.Connection[Any]) -> None:
    for table in TABLES:
        admin.execute(
            sql.SQL("CREATE TEMP TABLE {} AS TABLE public.{}").format(
                sql.Identifier(f"kept_{table}"), sql.Identifier(table)
            )
        )


@contextmanager
def _undone(admin: psycopg.Connection[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        with admin.transaction():
            for table in TABLES:
                admin.execute(sql.SQL("TRUNCATE public.{}").format(sql.Identifier(table)))
                admin.execute(
                    sql.SQL("INSERT INTO public.{} TABLE {}").format(
                        sql.Identifier(table), sql.Identifier(f"kept_{table}")
                    )
                )
