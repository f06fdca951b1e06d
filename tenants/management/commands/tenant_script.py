"""Write, or check, the script that builds a tenant's schema."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from tenants import ids
from tenants.fleet import script, template


class Command(BaseCommand):
    help = "Derive the schema script from the migrations. Run it after makemigrations, and commit the file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; exit 1 when the file is outdated."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.LEASEHOLD_SCHEMA_SCRIPT)
        with template.schema(ids.new()) as name:
            text = script.derive(connections[settings.TENANT_DB_ALIAS], name).dump()
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        if options["check"] and text != current:
            raise CommandError(f"{path.name} is not what the migrations make. Run `manage.py tenant_script`.")
        if text != current:
            path.write_text(text, encoding="utf-8")
        self.stdout.write(
            f"{path.name}: {text.count(chr(10))} lines, {'unchanged' if text == current else 'written'}"
        )
