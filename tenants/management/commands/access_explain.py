"""Say whether a person may do something in a tenant, and why."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants import context, exceptions
from tenants.management.console import OperatorCommand
from tenants.models import Tenant
from tenants.people import access


class Command(OperatorCommand):
    help = "Say whether a person may do something in a tenant, and why. Exits 0 if they may, 1 if not, 2 at an error."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="The person's e-mail address.")
        parser.add_argument("tenant", help="Its slug.")
        parser.add_argument("permission", help="For example products.write.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except CommandError as error:
            error.returncode = 2
            raise
        if not self.allowed:
            sys.exit(1)

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.identity():
            # Not `lifecycle.find`: that a tenant is destroyed is an answer as well.
            tenant = Tenant.objects.filter(slug=options["tenant"]).order_by("destroyed_at").last()
            if tenant is None:
                raise exceptions.UnknownTenant(f"There is no tenant {options['tenant']!r}.")
            try:
                decision = access.explain(options["user"], tenant, options["permission"])
            except ValueError as error:
                raise CommandError(str(error)) from error
        self.allowed = decision.allowed
        return {
            "user": options["user"],
            "tenant": tenant.slug,
            "permission": options["permission"],
            "allowed": decision.allowed,
            "reasons": list(decision.reasons),
        }

    def show(self, result: Any) -> None:
        self.stdout.write("allowed" if result["allowed"] else "refused")
        for reason in result["reasons"]:
            self.stdout.write(f"- {reason}")
