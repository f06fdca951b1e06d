"""A tenant's host names."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants import domains
from tenants.management.console import ALLOW_LOOKALIKE, OperatorCommand
from tenants.models import Domain


class Command(OperatorCommand):
    help = "Add, remove or list the host names of a tenant, or make one primary. Point its DNS here first."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("verb", choices=["add", "remove", "primary", "list"])
        parser.add_argument("host", nargs="?", default="", help="For every verb but `list`.")
        parser.add_argument("--allow-lookalike", action="store_true", help=ALLOW_LOOKALIKE)

    def perform(self, **options: Any) -> list[dict[str, Any]]:
        slug, verb, host = options["slug"], options["verb"], options["host"]
        if bool(host) == (verb == "list"):
            raise CommandError("`list` takes no host name, and every other verb takes one.")
        if verb == "add":
            domains.add(slug, host, by=self.actor, allow_lookalike=options["allow_lookalike"])
        elif verb == "remove":
            domains.remove(slug, host, by=self.actor)
        elif verb == "primary":
            domains.make_primary(slug, host, by=self.actor)
        return [self._row(domain) for domain in domains.of(slug)]

    def _row(self, domain: Domain) -> dict[str, Any]:
        return {"host": domain.hostname, "primary": domain.is_primary, "since": domain.created_at}
