"""Void everything that a tenant has signed."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import lifecycle
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Give a tenant a new epoch: its sessions, short-lived and reset tokens, cursors, file links, cached values"
        " and waiting tasks are void. For a copy of a whole database, and after a leak. API keys stay."
    )
    final = "This signs everybody out of {slug} and voids its links."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")

    def perform(self, **options: Any) -> dict[str, Any]:
        tenant = lifecycle.rotate_epoch(options["slug"], by=self.actor)
        return {"slug": tenant.slug, "void": "all that was signed until now; API keys stay"}
