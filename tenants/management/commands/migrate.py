"""Django's migrate, as the owner: the tables in `public`. Tenants' schemas are built from the schema script."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate


class Command(migrate.Command):
    help = "Migrate the shared tables in `public` with the owner's login."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.TENANT_DB_ALIAS not in settings.DATABASES:
            raise CommandError("DATABASE_URL_OWNER is not set; only the owner's login can migrate.")
        options["database"] = settings.TENANT_DB_ALIAS
        super().handle(*args, **options)
