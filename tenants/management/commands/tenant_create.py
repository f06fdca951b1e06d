"""Create a tenant."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email

from tenants import context, lifecycle
from tenants.management.console import ALLOW_LOOKALIKE, OperatorCommand
from tenants.models import User


class Command(OperatorCommand):
    help = "Create a tenant with its schema, role and host, and its first owner."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--name", default="", help="The name that people see.")
        parser.add_argument(
            "--owner", metavar="EMAIL", help="Its first owner; a new person gets a one-time password."
        )
        parser.add_argument("--allow-lookalike", action="store_true", help=ALLOW_LOOKALIKE)

    def options_of_tenant(self, options: dict[str, Any]) -> dict[str, str]:
        """Return what the floors above asked for; they override this."""
        return {}

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.owner():
            owner, password = person(options["owner"]) if options["owner"] else (None, None)
            tenant = lifecycle.create(
                options["slug"],
                name=options["name"],
                owner=owner,
                options=self.options_of_tenant(options),
                by=self.actor,
                allow_lookalike=options["allow_lookalike"],
            )
            host = tenant.domains.get(is_primary=True).hostname
        created = {"id": tenant.id, "slug": tenant.slug, "schema": tenant.schema_name, "host": host}
        return {**created, "owner": options["owner"], **({"password": password} if password else {})}


def person(email: str) -> tuple[User, str | None]:
    """Return the person of this address, and the password of one that was just made. Runs in the owner's context."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"{email!r} is no e-mail address.") from error
    if found := User.objects.filter(email__iexact=email).first():
        return found, None
    password = secrets.token_urlsafe(12)
    return User.objects.create_user(email, password=password), password
