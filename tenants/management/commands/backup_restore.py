"""Restore a backup as a new tenant."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from tenants.backups import restore
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = "Restore a backup as a new tenant, compared with the backup row by row before it counts."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("backup_id", type=UUID, help="As `backup_take` or the console shows it.")
        parser.add_argument("slug", help="Of the new tenant.")
        parser.add_argument("--name", default="")

    def perform(self, **options: Any) -> dict[str, Any]:
        columns = TextColumn("{task.description}"), TextColumn("{task.completed} rows"), TimeElapsedColumn()
        with Progress(*columns, console=Console(stderr=True), disable=options["json"]) as bar:
            task = bar.add_task("reading and verifying", total=None)

            def progress(table: str, rows: int) -> None:
                bar.update(task, description=table, advance=rows)

            tenant = restore.as_new_tenant(
                options["backup_id"], options["slug"], name=options["name"], by=self.actor, progress=progress
            )
        return {"id": tenant.id, "slug": tenant.slug, "schema": tenant.schema_name}
