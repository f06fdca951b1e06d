"""Create an operator."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import context
from tenants.management.commands.tenant_create import person
from tenants.management.console import OperatorCommand
from tenants.models import Operator


class Command(OperatorCommand):
    help = "Let a person into the operators' console; a new person gets a one-time password."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email")

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.owner():
            user, password = person(options["email"])
            operator, _ = Operator.objects.update_or_create(user=user, defaults={"ended_at": None})
        return {
            "email": user.email,
            "operator_since": operator.created_at,
            **({"password": password} if password else {}),
        }
