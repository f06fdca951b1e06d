"""The record of who did what, changed by those who own the database, and by those who do not."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import staff, tampering
from tests.bench.leasehold.tampering_ways import TABLES, WAYS
from tests.bench.tally import Try


@attack(
    "the record, tampered with by who owns the database",
    tries=len(WAYS) * 4,
    quick=len(WAYS),
    sides=(OURS,),
    passes=Passes.REFUSED,
)
def tamper(run: Run) -> None:
    """Every way to change what was sealed; a try is refused when `record_verify` names what was done, and where."""
    tenants = {tenant.slug: tenant for tenant in run.side.tenants}
    for one in staff.call("tamper", slugs=list(tenants)[:4], tries=run.tries):
        tenant = tenants[one["tenant"]]
        with run.tally.attempt(tenant) as found:
            tampering.judge(found, one)
            run.look(found, tenant)


# Who is not its owner: the tenant's own role, and everybody who logs in.
BECOME = ("tenant", "identity")  # by SET ROLE; no login
ROLES = (*BECOME, "app", "console", "backup")
STATEMENTS = [
    "UPDATE public.{} SET tenant_id = tenant_id",
    "UPDATE public.{} SET id = gen_random_uuid() WHERE tenant_id = %(tenant)s",
    "DELETE FROM public.{}",
    "DELETE FROM public.{} WHERE tenant_id = %(tenant)s",
    "WITH gone AS (DELETE FROM public.{} RETURNING 1) SELECT count(*) FROM gone",
    "MERGE INTO public.{} t USING (SELECT %(tenant)s::uuid AS id) s ON t.tenant_id = s.id WHEN MATCHED THEN DELETE",
    "SELECT 1 FROM public.{} FOR UPDATE",
    "TRUNCATE public.{}",
    "TRUNCATE public.{} CASCADE",
    "LOCK TABLE public.{} IN ACCESS EXCLUSIVE MODE",
    "ALTER TABLE public.{} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE public.{} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE public.{} DISABLE TRIGGER USER",
    "CREATE RULE gone AS ON INSERT TO public.{} DO INSTEAD NOTHING",
    "CREATE POLICY everything ON public.{} USING (true)",
    "DROP TABLE public.{}",
]


@dataclass(frozen=True)
class Change:
    """A statement that somebody sends who is not the owner."""

    role: str
    table: str
    text: str

    def __str__(self) -> str:
        return f"{self.role}: {self.text.format(self.table)}"


CHANGES = [Change(*one) for one in itertools.product(ROLES, TABLES, STATEMENTS)]


@attack(
    "the record, changed by SQL of tenants and logins",
    tries=len(CHANGES) * 2,
    quick=len(CHANGES),
    sides=(OURS,),
    passes=Passes.REFUSED,
)
def change(run: Run) -> None:
    """Past our cursor and its list of first words: PostgreSQL itself has to refuse, for want of a privilege."""
    tries = itertools.islice(itertools.cycle(CHANGES), run.tries)
    for role, changes in itertools.groupby(tries, key=lambda one: one.role):
        tenant, _ = run.pair()
        with _connection(role) as server:
            for one in changes:
                with run.tally.attempt(tenant) as found:
                    send(found, server, tenant, one)
                    run.look(found, tenant)


def send(found: Try, server: psycopg.Connection[Any], tenant: Tenant, change: Change) -> None:
    """Send the statement; whatever else comes of it than a missing privilege is a leak. Nothing is kept."""
    query = sql.SQL(change.text).format(sql.Identifier(change.table))
    with found.hostile(str(change)):
        try:
            with server.transaction(force_rollback=True):
                if change.role in BECOME:
                    name = tenant.schema if change.role == "tenant" else change.role
                    server.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(name)))
                server.execute(query, {"tenant": tenant.id} if "%(" in change.text else None)
        except psycopg.errors.InsufficientPrivilege:
            raise
        except psycopg.Error as error:
            found.leaks.append(f"{change}: refused, but not for want of a privilege: {error}")
            raise
        found.leaks.append(f"{change}: it was done")


@contextmanager
def _connection(role: str) -> Iterator[psycopg.Connection[Any]]:
    """Log in as the role; for what is no login as `app`, or where `app` may not become it (strict) as who may."""
    login = "app" if role in BECOME else role
    if role == "tenant" and os.environ.get("BENCH_STRICT"):
        login = "postgres"
    url = os.environ["BENCH_ADMIN_URL"].replace("//postgres@", f"//{login}@")
    with psycopg.connect(url, autocommit=True) as server:
        yield server
