"""Take the lost second factors of a person away."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import context
from tenants.management.console import OperatorCommand
from tenants.models import User
from tenants.people import exceptions as errors
from tenants.people import factor_resets


class Command(OperatorCommand):
    help = "Take the lost second factors of a person away: their password lets them in to set up new ones."
    final = "{email} loses every authenticator app, passkey and recovery code, and is signed out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email")
        parser.add_argument("--operator", required=True, metavar="EMAIL", help="Who does it: an operator.")
        parser.add_argument("--reason", required=True, help="The person's tenants read it.")

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.operator():
            operator = User.objects.filter(email__iexact=options["operator"]).first()
            person = User.objects.filter(email__iexact=options["email"]).first()
            if operator is None:
                raise errors.NoOperator()
            if person is None:
                raise errors.FactorResetRefused(f"There is nobody with the address {options['email']!r}.")
            granted = factor_resets.grant(operator, person, reason=options["reason"])
        with context.identity():
            removed = factor_resets.perform(granted)
        return {"email": person.email, "removed": ", ".join(removed)}
