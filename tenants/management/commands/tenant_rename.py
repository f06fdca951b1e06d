"""Rename a tenant."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import context, lifecycle
from tenants.management.console import ALLOW_LOOKALIKE, OperatorCommand


class Command(OperatorCommand):
    help = "Give a tenant another slug and host. Its data does not move; its old host answers 404."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("new_slug")
        parser.add_argument("--allow-lookalike", action="store_true", help=ALLOW_LOOKALIKE)

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.owner():
            tenant = lifecycle.rename(
                options["slug"],
                options["new_slug"],
                by=self.actor,
                allow_lookalike=options["allow_lookalike"],
            )
            return {"slug": tenant.slug, "host": tenant.domains.get(is_primary=True).hostname}
