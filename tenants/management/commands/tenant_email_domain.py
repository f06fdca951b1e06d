"""A tenant's domains of mail addresses."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants import context, lifecycle
from tenants.management.console import OperatorCommand
from tenants.models import EmailDomain
from tenants.people import email_domains


class Command(OperatorCommand):
    help = "Add, verify, remove or list the domains whose mail addresses are a tenant's."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("verb", choices=["add", "verify", "remove", "list"])
        parser.add_argument("domain", nargs="?", default="", help="For every verb but `list`.")

    def perform(self, **options: Any) -> list[dict[str, Any]]:
        slug, verb, domain = options["slug"], options["verb"], options["domain"]
        if bool(domain) == (verb == "list"):
            raise CommandError("`list` takes no domain, and every other verb takes one.")
        with context.owner():
            tenant = lifecycle.find(slug)
        if verb == "verify":  # asks the DNS, so in no context
            email_domains.verify(tenant, domain, by=self.actor, enter=context.owner)
        with context.owner():
            if verb == "add":
                email_domains.claim(tenant, domain, by=self.actor)
            elif verb == "remove":
                email_domains.remove(tenant, domain, by=self.actor)
            return [self._row(row) for row in email_domains.of(tenant)]

    def _row(self, row: EmailDomain) -> dict[str, Any]:
        return {
            "domain": row.domain,
            "verified": row.verified_at,
            "lost": row.lost_at,
            "record": row.record,
            "value": f"{email_domains.PREFIX}{row.token}",
        }
