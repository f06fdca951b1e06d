"""Create an operator."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import context
from tenants.management.commands.tenant_create import person
from tenants.management.console import OperatorCommand
from tenants.models import Operator, OperatorRole


class Command(OperatorCommand):
    help = "Let a person into the operators' console; a new person gets a one-time password."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email")
        parser.add_argument(
            "--role",
            choices=OperatorRole.values,
            default=OperatorRole.SUPPORT,
            help="What they may do there. The first operator should be an admin. Default: %(default)s.",
        )

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.owner():
            user, password = person(options["email"])
            operator, _ = Operator.objects.update_or_create(
                user=user, defaults={"ended_at": None, "role": options["role"]}
            )
        return {
            "email": user.email,
            "role": str(operator.role),
            "operator_since": operator.created_at,
            **({"password": password} if password else {}),
        }
