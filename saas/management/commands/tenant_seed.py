"""Fill a tenant with believable rows."""

from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from saas import exceptions, seeding
from tenants import context, lifecycle
from tenants.exceptions import TenancyError
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = "Fill an app of a tenant with believable rows; killed in the middle, it leaves nothing of them."
    errors = (TenancyError, exceptions.SiteError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--app", required=True, choices=sorted(seeding.APPS), help="Whose tables.")
        sizes = ", ".join(f"{name} ({rows:,} rows)" for name, rows in seeding.SIZES.items())
        parser.add_argument(
            "--size", default="small", help=f"{sizes}, or a number of rows; small by default."
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="The same makes the same rows on the same day (1)."
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="Remove every row of the app first, in the same transaction; without it such a tenant is refused.",
        )

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.owner():
            tenant = lifecycle.find(options["slug"])
        with _bar() as bar:
            task = bar.add_task(f"{options['app']} of {tenant.slug}", total=None)
            made = seeding.seed(
                tenant,
                options["app"],
                options["size"],
                seed=options["seed"],
                force=options["force"],
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        return {
            "slug": tenant.slug,
            "app": made.app,
            "rows": made.rows,
            "visitors": made.visitors,
            **made.tables,
        }


def _bar() -> Progress:
    """Shown to people alone, on stderr: what the command prints stays JSON where that was asked for."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, disable=not console.is_terminal)
