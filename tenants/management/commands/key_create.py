"""Create an API key for a member."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants import context, lifecycle
from tenants.management.console import OperatorCommand
from tenants.models import User
from tenants.people import keys, memberships


class Command(OperatorCommand):
    help = "Create an API key that acts as a member of a tenant. The secret is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("email", help="Of a member of the tenant; the key may do what they may.")
        parser.add_argument("--name", default="command line", help="What the list of keys calls it.")

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.identity():
            tenant = lifecycle.find(options["slug"])
            user = User.objects.filter(email__iexact=options["email"]).first()
            member = memberships.by_user(user.pk, tenant) if user else None
            if member is None:
                raise CommandError(
                    f"{options['email']} is no member of {options['slug']}. The console lists the members."
                )
            made = keys.create(member, tenant, name=options["name"])
        return {"id": made.key.id, "tenant": tenant.slug, "prefix": made.key.prefix, "secret": made.secret}
