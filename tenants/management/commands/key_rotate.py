"""Make the successor of an API key."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from tenants import context, lifecycle
from tenants.management.console import OperatorCommand
from tenants.models import ApiKey
from tenants.people import keys


class Command(OperatorCommand):
    help = "Make the successor of an API key, shown once; the old secret stays valid for a while."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("key", type=UUID, help="The id of the key.")
        parser.add_argument(
            "--overlap-hours", type=int, default=24, help="How long the old secret stays valid."
        )

    def perform(self, **options: Any) -> dict[str, Any]:
        overlap = timedelta(hours=options["overlap_hours"])
        with context.identity():
            tenant = lifecycle.find(options["slug"])
            try:
                made = keys.rotate(options["key"], tenant, by=self.actor, overlap=overlap)
            except ApiKey.DoesNotExist as error:
                raise CommandError(f"{options['slug']} has no such key.") from error
            old = ApiKey.objects.get(id=options["key"], tenant_id=tenant.id)
        return {
            "id": made.key.id,
            "tenant": tenant.slug,
            "prefix": made.key.prefix,
            "secret": made.secret,
            "old_key_ends": old.expires_at,
        }
