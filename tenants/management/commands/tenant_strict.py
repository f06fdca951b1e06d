"""Give a tenant a login of its own, or take it away."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import lifecycle
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Let a tenant's role log in by itself (strict mode), so that no other session can become it. For one that is"
        " strict already: give it a new password. Needs LEASEHOLD_STRICT_KEY."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--off", action="store_true", help="Take the login away again.")

    def perform(self, **options: Any) -> dict[str, Any]:
        change = lifecycle.relax if options["off"] else lifecycle.make_strict
        tenant = change(options["slug"], by=self.actor)
        return {"slug": tenant.slug, "strict_since": tenant.strict_since}
