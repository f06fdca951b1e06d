"""Resume a suspended tenant."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import lifecycle
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = "Resume a suspended tenant."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")

    def perform(self, **options: Any) -> dict[str, Any]:
        tenant = lifecycle.resume(options["slug"], by=self.actor)
        return {"slug": tenant.slug, "state": tenant.state}
