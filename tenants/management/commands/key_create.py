"""Create an API key for a member."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

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
        parser.add_argument("--scope", action="append", dest="scopes", help="A permission; may be repeated.")
        parser.add_argument("--days", type=int, help="After how many days it expires; left out: never.")

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.identity():
            tenant = lifecycle.find(options["slug"])
            user = User.objects.filter(email__iexact=options["email"]).first()
            member = memberships.by_user(user.pk, tenant) if user else None
            if member is None:
                raise CommandError(
                    f"{options['email']} is no member of {options['slug']}. The console lists the members."
                )
            days = options["days"]
            made = keys.create(
                member,
                tenant,
                name=options["name"],
                scopes=options["scopes"],
                expires_at=None if days is None else timezone.now() + timedelta(days=days),
            )
        return {
            "id": made.key.id,
            "tenant": tenant.slug,
            "prefix": made.key.prefix,
            "scopes": ", ".join(made.key.scopes or ["*"]),
            "expires_at": made.key.expires_at,
            "secret": made.secret,
        }
