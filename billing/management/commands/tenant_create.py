"""Create a tenant on a plan."""

from typing import Any

from django.core.management.base import CommandParser

from billing import exceptions, plans
from tenants.management.commands import tenant_create


class Command(tenant_create.Command):
    errors = (*tenant_create.Command.errors, exceptions.BillingError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--plan", default=plans.DEFAULT, help=f"Code of its plan ({plans.DEFAULT}).")

    def options_of_tenant(self, options: dict[str, Any]) -> dict[str, str]:
        return {"plan": options["plan"]}
