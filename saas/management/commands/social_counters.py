"""Compare the community's denormalised counters with what they count, and repair them."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from saas.social import counters
from tenants import context, lifecycle
from tenants.management.console import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Count again what the counters of a tenant's community say (followers, likes, ...), set those that are wrong,"
        " and show what they were. --check sets none, and exits with 1 when one is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--check", action="store_true", help="Only look.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.wrong = 0
        super().handle(*args, **options)
        if options["check"] and self.wrong:
            raise CommandError(f"{self.wrong} counters are wrong, see above. Run it without --check.")

    def perform(self, **options: Any) -> list[dict[str, Any]]:
        with context.public():
            tenant = lifecycle.find(options["slug"])
        with context.use(tenant):
            found = counters.check() if options["check"] else counters.repair()
        self.wrong = len(found)
        return [asdict(wrong) for wrong in found]
