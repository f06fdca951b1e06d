"""Invitations: the token of one tenant, shown on the host of another."""

import json
import random
import threading
import uuid
from typing import Any
from unittest import mock
from uuid import UUID

from tenants import context, mail
from tenants.models import Role, Tenant
from tenants.people import invitations, memberships
from tests.bench.harness import OURS, Passes, Run, attack
from tests.bench.harness import Tenant as BenchTenant
from tests.bench.leasehold.side import PASSWORD
from tests.bench.web import site
from tests.bench.web.client import Reply
from tests.bench.web.site import Site

_one_at_a_time = threading.Lock()  # the door of the mails is replaced for all threads


@attack("invitation of A on B, by page and API", tries=200, quick=16, sides=(OURS,), passes=Passes.REFUSED)
def invited_elsewhere(run: Run) -> None:
    """Whoever is invited to A shall be nobody at B, also as B's member; at A the token is good, and once."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        with run.tally.attempt(a) as found:
            token = _token(a)
            headers = rng.choice(([], site.bearer(b), site.cookie(b)))
            page = web.ask(b, invitations.PATH + token, headers=headers)
            # It shows B's public name, as the sign-in page does; what counts is the status.
            if page.status != 410:
                found.leaks.append(f"status {page.status} for A's token")
            site.saw(found, _accept(web, b, token, headers), "A's token")
            assert _accept(web, a, token).status == 200
            assert _accept(web, a, token).status == 410
            found.saw(bytes(web.ask(a, "/api/v1/products", headers=site.bearer(a))), "its own host")

    site.each(run, 4, work)


def _token(tenant: BenchTenant) -> str:
    """Have the tenant's member invite somebody new; return what the mail holds."""
    sent: list[dict[str, Any]] = []

    def take(_purpose: str, _to: str, values: dict[str, Any], **_: Any) -> None:
        sent.append(values)

    with _one_at_a_time, mock.patch.object(mail, "send", take), context.identity():
        row = Tenant.objects.get(id=tenant.id)
        member = memberships.by_user(UUID(tenant.facts["user"]), row)
        assert member is not None
        invitations.invite(row, f"{uuid.uuid4()}@guests.example", Role.VIEWER, by=member)
    link: str = sent[0]["link"]
    return link.partition(invitations.PATH)[2]


def _accept(web: Site, tenant: BenchTenant, token: str, headers: list[tuple[str, str]] = []) -> Reply:  # noqa: B006
    body = json.dumps({"token": token, "password": PASSWORD}).encode()
    kind = ("Content-Type", "application/json")
    return web.ask(tenant, "/api/v1/invitations/accept", method="POST", headers=[kind, *headers], body=body)
