"""Destroy a tenant."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import OperationalError

from tenants import exceptions, lifecycle
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = "Destroy a tenant: drop its schema and role. Its backups and its record stay."
    final = "All data of {slug} in the database will be gone."
    errors = (exceptions.TenancyError, OperationalError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")

    def perform(self, **options: Any) -> dict[str, Any]:
        tenant = lifecycle.destroy(options["slug"], by=self.actor)
        return {"slug": tenant.slug, "state": tenant.state, "destroyed_at": tenant.destroyed_at}
