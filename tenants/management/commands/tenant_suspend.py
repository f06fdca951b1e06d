"""Suspend a tenant."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import lifecycle
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = "Suspend a tenant: its host answers 403 until it is resumed. Its data stays."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--reason", default="", help="Kept in the record.")

    def perform(self, **options: Any) -> dict[str, Any]:
        tenant = lifecycle.suspend(options["slug"], by=self.actor, reason=options["reason"])
        return {"slug": tenant.slug, "state": tenant.state, "suspended_at": tenant.suspended_at}
