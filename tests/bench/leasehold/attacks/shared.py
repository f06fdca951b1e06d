"""Attacks on tables in `public` that hold rows of every tenant, as the role of one of them."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import FlagOverride, Subscription, UsageEvent, UsageHour
from tenants import context
from tenants.models import (
    ApiKey,
    ApiKeyDigest,
    AuditCheckpoint,
    AuditEntry,
    AuditSeal,
    AuditSealedEntry,
    Backup,
    Domain,
    Membership,
    ServiceAccount,
    Tenant,
    User,
)
from tests.bench import doors
from tests.bench.harness import OURS, Passes, Run, attack
from tests.bench.harness import Tenant as BenchTenant
from tests.bench.tally import Try

MODELS: list[Any] = [
    Tenant,
    Domain,
    User,
    Membership,
    ApiKey,
    ServiceAccount,
    AuditEntry,
    Backup,
    Subscription,
    UsageEvent,
    UsageHour,
    FlagOverride,
]
WITH_CANARY: list[Any] = [Tenant, User, ApiKey, AuditEntry, Backup, UsageEvent, UsageHour]
# A column whose text holds the canary, of each table that has one.
TEXTS = {
    "tenants_tenant": "name",
    "tenants_user": "email",
    "tenants_apikey": "name",
    "tenants_auditentry": "actor",
    "tenants_backup": "requested_by",
    "billing_usageevent": "event_id",
    "billing_usagehour": "meter",
}
# Conditions that fail on a row that they see, show it, or look at it before a policy could.
LEAKY = [
    "{column}::int = 0",
    "1 / (CASE WHEN {column} LIKE '%canary-%' THEN 0 ELSE 1 END) = 1",
    "{column}::date > now()",
    "{column}::uuid IS NOT NULL",
    "('[' || {column} || ']')::jsonb IS NOT NULL",
    "{column} ~ ('(' || {column})",
    "to_number({column}, '9') > 0 AND {column}::xml IS NOT NULL",
    "(SELECT count(*) FROM ts_stat('SELECT array_to_tsvector(ARRAY[{column}::text]) FROM public.{table}')) > 0 AND {column}::int = 0",
]
QUERIES = [
    "SELECT t::text FROM public.{table} t",
    "TABLE public.{table}",
    "SELECT * FROM public.{table} WHERE {column} LIKE 'canary%' OR {column} ILIKE '%CANARY%'",
    "SELECT * FROM public.{table} WHERE true OR tenant_id IS NULL",
    "SELECT string_agg(word, ' ') FROM ts_stat('SELECT array_to_tsvector(ARRAY[{column}::text]) FROM public.{table}')",
    "WITH x AS (SELECT * FROM public.{table}) SELECT * FROM x a, x b",
    "SELECT min({column}), max({column}), count(*) FROM public.{table}",
    "SELECT a.* FROM public.{table} a FULL JOIN public.{table} b ON a.ctid <> b.ctid",
    "SELECT * FROM public.{table} WHERE ctid = ANY (ARRAY(SELECT format('(%s,%s)', p, i)::tid FROM generate_series(0, 9) p, generate_series(1, 90) i))",
    "SELECT {column} FROM public.{table} TABLESAMPLE SYSTEM (100)",
    'SELECT DISTINCT {column} COLLATE "C" FROM public.{table} ORDER BY 1 DESC',
    "SELECT row_to_json(t) FROM public.{table} t",
    "SELECT * FROM ONLY public.{table}",
    "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE tablename = '{table}'",
]


@attack("shared tables without a filter, ORM", tries=4_000, quick=44, sides=(OURS,))
def read_by_orm(run: Run) -> None:
    for n in range(run.tries):
        tenant, other = run.pair()
        model = WITH_CANARY[n % len(WITH_CANARY)]
        with run.tally.attempt(tenant) as found, run.enter(tenant):
            found.saw(_rows(model.objects.all()), model.__name__)
            plain = MODELS[n % len(MODELS)]
            found.saw(_rows(plain.objects.all()), plain.__name__)
            column = "id" if plain is Tenant else "pk" if plain is User else "tenant_id"
            wanted = other.facts["user"] if plain is User else other.id
            # A row of the other one may hold no canary, and is one too many all the same.
            assert not plain.objects.filter(**{column: wanted}).exists(), plain.__name__


@attack("shared tables without a filter, SQL", tries=2_000, quick=98, sides=(OURS,), passes=Passes.EITHER)
def read_by_sql(run: Run) -> None:
    _query(run, QUERIES)


@attack("leaky functions in front of a policy", tries=1_120, quick=56, sides=(OURS,), passes=Passes.EITHER)
def read_by_errors(run: Run) -> None:
    """An error that shows a value shows the attacker's own at most."""
    _query(run, [f"SELECT {{column}} FROM public.{{table}} WHERE {text}" for text in LEAKY])


@attack("tables of credentials and sessions", tries=400, quick=8, sides=(OURS,), passes=Passes.REFUSED)
def read_credentials(run: Run) -> None:
    names = [
        "tenants_signingkey",
        "tenants_credential",
        "tenants_session",
        "tenants_apikeydigest",
        "tenants_invitationdigest",
        "tenants_operator",
        "tenants_operatorsession",
        "billing_usagecount",
    ]
    for n in range(run.tries):
        tenant = run.rng.choice(run.side.tenants)
        with run.tally.attempt(tenant) as found:
            with found.hostile("credentials"), run.enter(tenant):
                found.saw(
                    doors.execute(f"SELECT t::text FROM public.{names[n % len(names)]} t"),
                    names[n % len(names)],
                )
            run.look(found, tenant)


def _tie_usage(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return UsageEvent.objects.create(tenant_id=victim.id, meter="x", event_id=str(uuid.uuid4()), quantity=1)


def _tie_audit(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return AuditEntry.objects.bulk_create(
        [AuditEntry(tenant_id=victim.id, actor=attacker.canary, action="x")]
    )


def _move_usage(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return UsageEvent.objects.update(tenant_id=victim.id)


def _move_audit(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return AuditEntry.objects.update(tenant_id=victim.id)


def _rename(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return Tenant.objects.filter(pk=victim.id).update(name=attacker.canary)


def _add_domain(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return Domain.objects.create(tenant_id=victim.id, hostname=f"{attacker.canary}.example.com")


def _join(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return Membership.objects.create(tenant_id=victim.id, user_id=attacker.facts["user"], role="owner")


def _subscribe(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return Subscription.objects.filter(tenant_id=victim.id).update(ended_at=timezone.now())


def _erase(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return AuditEntry.objects.all()._raw_delete("default")


def _seal(attacker: BenchTenant, victim: BenchTenant) -> Any:
    now = timezone.now()
    forged = AuditSeal(tenant_id=victim.id, number=1, format=1, entry_count=0, first_at=now, last_at=now)
    return AuditSeal.objects.bulk_create([forged])


def _reseal(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return AuditSeal.objects.update(hash=attacker.canary)


def _unseal(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return AuditSealedEntry.objects.filter(tenant_id=victim.id)._raw_delete("default")


def _move_checkpoint(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return AuditCheckpoint.objects.bulk_create([AuditCheckpoint(tenant_id=victim.id, number=9, hash="0")])


def _rewrite_own(attacker: BenchTenant, victim: BenchTenant) -> Any:
    return AuditEntry.objects.filter(tenant_id=attacker.id).update(actor="nobody")


TIES: list[Callable[[BenchTenant, BenchTenant], Any]] = [
    _tie_usage, _tie_audit, _move_usage, _move_audit, _rename, _add_domain, _join, _subscribe, _erase,
    _seal, _reseal, _unseal, _move_checkpoint, _rewrite_own,
]  # fmt: skip


@attack("rows written for another tenant", tries=900, quick=14, sides=(OURS,), passes=Passes.REFUSED)
def write_for_another(run: Run) -> None:
    for n in range(run.tries):
        attacker, victim = run.pair()
        with run.tally.attempt(victim) as found:
            with found.hostile(read=False), run.enter(attacker):
                TIES[n % len(TIES)](attacker, victim)
            with run.enter(victim):
                found.saw(
                    [_rows(model.objects.all()) for model in (Tenant, AuditEntry, UsageEvent)], "its rows"
                )


@attack("keys that join rows of two tenants", tries=400, quick=4, sides=(OURS,), passes=Passes.REFUSED)
def tie_two_tenants(run: Run) -> None:
    """As `identity`, which may write both: only a composite key stands between."""
    for n in range(run.tries):
        attacker, victim = run.pair()
        with run.tally.attempt(attacker) as found:
            with found.hostile("tie"), context.identity():
                if n % 2:
                    ApiKey.objects.create(
                        tenant_id=attacker.id, membership_id=victim.facts["membership"], name="x", prefix="x"
                    )
                else:
                    key = ApiKey.objects.filter(tenant_id=victim.id)[0]
                    ApiKeyDigest.objects.create(
                        key_id=key.pk, tenant_id=attacker.id, digest=uuid.uuid4().bytes
                    )
            run.look(found, attacker)


@attack("unique values as an oracle", tries=900, quick=9, sides=(OURS,), writes=True)
def ask_the_oracle(run: Run) -> None:
    """What another tenant has, and what nobody has, are accepted or refused alike."""
    for n in range(run.tries):
        attacker, victim = run.pair()
        with run.tally.attempt(attacker) as found:
            probe = PROBES[n % len(PROBES)]
            taken, free = (_outcome(run, found, attacker, probe, of) for of in (victim, None))
            assert taken == free, (
                f"{probe.__name__}: {taken} when another tenant has it, {free} when nobody has"
            )
            run.look(found, attacker)


def _usage_event(value: BenchTenant | None, attacker: BenchTenant) -> Any:
    event_id = value.canary if value else f"canary-{uuid.uuid4()}"
    return UsageEvent(tenant_id=attacker.id, meter="x", event_id=event_id, quantity=1)


def _slug(value: BenchTenant | None, attacker: BenchTenant) -> Any:
    from saas.commerce.models import Category

    return Category(name="x", slug=value.canary if value else str(uuid.uuid4()))


def _sku(value: BenchTenant | None, attacker: BenchTenant) -> Any:
    from saas.commerce.models import Variant

    sku = f"{value.canary}-v0" if value else str(uuid.uuid4())
    return Variant(product_id=attacker.facts["products"][1], name=sku, sku=sku)


PROBES = [_usage_event, _slug, _sku]


def _outcome(run: Run, found: Try, attacker: BenchTenant, probe: Any, value: BenchTenant | None) -> str:
    """Write what would collide, take it back, and return all that the caller could tell apart."""
    with suppress(ZeroDivisionError), run.enter(attacker):
        row = probe(value, attacker)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
                number = type(row).objects.filter(pk=row.pk).count()
        except IntegrityError as error:
            found.saw(error, "oracle")
            outcome = f"{type(error).__name__} {getattr(error.__cause__, 'sqlstate', '')}"
        else:
            outcome = f"saved {number}"
        context.roll_back()
        return outcome
    return "nothing"


def _query(run: Run, texts: list[str]) -> None:
    cases = [(text, table, column) for text in texts for table, column in TEXTS.items()]
    for n in range(run.tries):
        tenant = run.rng.choice(run.side.tenants)
        text, table, column = cases[n % len(cases)]
        query = text.format(table=table, column=column)
        with run.tally.attempt(tenant) as found:
            with found.hostile(query), run.enter(tenant):
                found.saw(doors.execute(query), query)
            run.look(found, tenant)


def _rows(found: Any) -> list[Any]:
    return list(found.values())
