"""Help members who are locked out by their tenant's own security policy."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants import context, lifecycle
from tenants.management.console import OperatorCommand
from tenants.people import policy


class Command(OperatorCommand):
    help = "Let members in again whom their tenant's security policy locks out. The tenant sees it in its record."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--networks", action="store_true", help="Drop the list of networks.")
        parser.add_argument("--mfa", action="store_true", help="Ask for no second factor any more.")

    def perform(self, **options: Any) -> dict[str, Any]:
        if not (options["networks"] or options["mfa"]):
            raise CommandError("Say what to drop: --networks, --mfa or both.")
        with context.operator():
            tenant = lifecycle.find(options["slug"])
            now = policy.unlock(tenant, by=self.actor, networks=options["networks"], mfa=options["mfa"])
        return {
            "slug": tenant.slug,
            "mfa_required": now.mfa_required,
            "session_minutes": now.session_minutes,
            "networks": list(now.networks),
        }
