"""Take a backup of a tenant now."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import context, lifecycle
from tenants.backups import ledger, take
from tenants.management.console import OperatorCommand
from tenants.models import Backup


class Command(OperatorCommand):
    help = "Take a backup of a tenant here and now, without a worker."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.operator():
            backup = ledger.request(lifecycle.find(options["slug"]), by=self.actor)
        take.take(backup.id, backup.tenant_id)
        with context.operator():
            backup = Backup.objects.get(id=backup.id)
        return {"id": backup.id, "state": backup.state, "rows": backup.rows, "bytes": backup.bytes}
