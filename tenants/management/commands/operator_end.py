"""End an operator."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import context
from tenants.management.console import OperatorCommand
from tenants.models import User
from tenants.people import exceptions as errors
from tenants.people import operators


class Command(OperatorCommand):
    help = "Let an operator into the console no more; the last admin stays."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email")

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.operator():
            user = User.objects.filter(email__iexact=options["email"]).first()
            if user is None:
                raise errors.NoOperator()
            operators.end(user, by=self.actor)
        return {"email": user.email, "operator": False}
