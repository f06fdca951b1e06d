"""Repair what provisioning and destroying left behind."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants import repair
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = "Repair what was left half done. No row is deleted: a schema with rows of no tenant is put aside."
    final = "Schemas and roles that belong to no tenant will be gone."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="Only show what is left.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.steps: list[repair.Step] = []
        super().handle(*args, **{**options, "yes": options["yes"] or options["dry_run"]})
        if left := sum(step.left for step in self.steps):
            raise CommandError(f"{left} of {len(self.steps)} need a person.")

    def perform(self, **options: Any) -> list[dict[str, Any]]:
        if options["dry_run"]:
            found = [leftover.finding() for leftover in repair.look()]
            return [asdict(finding) for finding in found]
        self.steps = repair.run(by=self.actor)
        return [asdict(step) for step in self.steps]

    def show(self, result: Any) -> None:
        if not result:
            self.stdout.write("Nothing is left.")
        for row in result:
            self.stdout.write(f"{row['object']}: {row.get('done') or row['problem']}")
            if row["repair"]:
                self.stdout.write(f"    repair: {row['repair']}")
