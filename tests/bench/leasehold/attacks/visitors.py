"""A visitor of a tenant's own site after the rows of another visitor of the same tenant: SQL of their own, and verbs."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction

from saas.visitors.models import Visitor
from tenants import context
from tenants.context import Who
from tests.bench import canaries, doors
from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold.attacks.shared import LEAKY, QUERIES
from tests.bench.leasehold.side import Entry

# {other} is the victim's id.
STATEMENTS = [
    "SELECT * FROM visitors_visitor WHERE id = '{other}'",
    "SELECT v::text FROM visitors_visitor v, set_config('leasehold.actor', 'staff', true)",
    "SELECT v::text FROM (SELECT set_config('leasehold.actor', '{other}', false) OFFSET 0) s, visitors_visitor v",
    "SET LOCAL leasehold.actor = 'staff'",
    "RESET leasehold.actor",
    "SELECT 1; SET LOCAL leasehold.actor = '{other}'; SELECT * FROM visitors_visitor",
    "UPDATE pg_settings SET setting = 'staff' WHERE name = 'leasehold.actor'",
    "UPDATE visitors_visitor SET email = email WHERE id = '{other}' RETURNING *",
    "UPDATE visitors_visitor SET id = '{other}' RETURNING *",
    "DELETE FROM visitors_visitor WHERE id = '{other}' RETURNING *",
    "INSERT INTO visitors_visitor (id, epoch, created_at, password) VALUES ('{other}', '{other}', now(), '')"
    " ON CONFLICT (id) DO UPDATE SET password = '' RETURNING *",
    "INSERT INTO visitors_visitor (id, epoch, created_at, password, email)"
    " SELECT gen_random_uuid(), '{other}', now(), '', email FROM visitors_visitor",
    "MERGE INTO visitors_visitor v USING (VALUES ('{other}'::uuid)) AS x (id) ON v.id = x.id"
    " WHEN MATCHED THEN UPDATE SET password = ''",
    "SELECT * FROM visitors_visitor FOR UPDATE",
    *(text.replace("public.", "") for text in QUERIES),
    *(f"SELECT email FROM visitors_visitor WHERE {text}".replace("public.", "") for text in LEAKY),
]


@contextmanager
def _two(run: Run) -> Iterator[dict[str, tuple[UUID, UUID]]]:
    """Give each tenant a visitor with its own canary and one with a canary that is nobody's else."""
    made: dict[str, tuple[UUID, UUID]] = {}
    for tenant in run.side.tenants:
        with run.enter(tenant):
            own = Visitor.objects.create(email=f"{tenant.canary}@example.com")
            made[tenant.id] = own.pk, Visitor.objects.create(email=f"{canaries.new()}@example.com").pk
    try:
        yield made
    finally:
        for tenant in run.side.tenants:
            with run.enter(tenant):
                Visitor.objects.filter(pk__in=made[tenant.id]).delete()


@attack(
    "visitors of one tenant, by SQL",
    tries=len(STATEMENTS) * 12,
    quick=len(STATEMENTS),
    sides=(OURS,),
    passes=Passes.EITHER,
)
def read_another_visitor(run: Run) -> None:
    """What a visitor's own statements read of another one; and that the own row is there afterwards."""
    with _two(run) as made:
        statements = _statements(run)
        for n in range(run.tries):
            tenant, _ = run.pair()
            own, other = made[tenant.id]
            text = statements[n % len(statements)]
            text = text.replace("{table}", "visitors_visitor").replace("{column}", "email")
            text = text.replace("{other}", str(other))
            with run.tally.attempt(tenant) as found:
                with found.hostile(text), _as(tenant, own):
                    found.saw(doors.STATEMENTS[n % len(doors.STATEMENTS)](text), text)
                with _as(tenant, own):
                    found.saw(list(Visitor.objects.values()), "the own row")


@attack("visitors of one tenant, by the ORM", tries=400, quick=8, sides=(OURS,))
def read_by_orm(run: Run) -> None:
    """Ask for everything as one visitor, as nobody and as a visitor of another tenant; change what can be found."""
    with _two(run) as made:
        for _ in range(run.tries):
            tenant, stranger = run.pair()
            own, other = made[tenant.id]
            with run.tally.attempt(tenant) as found:
                for actor in (Who.NOBODY, made[stranger.id][0]):
                    with _as(tenant, actor):
                        found.saw(list(Visitor.objects.values()), f"as {actor}")
                        assert not Visitor.objects.exists()
                with _as(tenant, own):
                    assert Visitor.objects.filter(pk=other).update(password="") == 0
                    with suppress(DatabaseError), transaction.atomic():
                        found.saw(Visitor.objects.create(email=f"{other}@example.com"), "made")
                    found.saw(list(Visitor.objects.values()), "the own row")


def _statements(run: Run) -> list[str]:
    """Return the statements, without those that a managed server leaves open: who acts is a setting there."""
    with run.enter(run.side.tenants[0]):
        asked = "SELECT has_function_privilege('set_config(text, text, boolean)', 'EXECUTE')"
        if doors.execute(asked) == [(False,)]:
            return STATEMENTS
    run.tally.note("set_config is open here: whoever injects SQL can say that staff acts (docs/support.md)")
    return [text for text in STATEMENTS if "set_config" not in text and "pg_settings" not in text]


def _as(tenant: Tenant, actor: context.Actor) -> AbstractContextManager[Any]:
    return context.use(Entry(tenant), actor=actor)
