"""What the commands share: people or --json, clear errors with exit code 1, and a question before what is final."""

import getpass
import json
import sys
from datetime import datetime
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tenants import audit_log, exceptions

PIPE_WIDTH = 500  # a program or a file has no edge at which a table would have to break
ALLOW_LOOKALIKE = "Although it looks like the name of another tenant."


class OperatorCommand(BaseCommand):
    """A command for operators: `perform` does one verb and returns what to report."""

    requires_system_checks: list[str] = []
    final = ""  # What cannot be undone, in words; asks for --yes.
    errors: tuple[type[Exception], ...] = (exceptions.TenancyError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON for programs.")
        if self.final:
            parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        if self.final and not options["yes"]:
            self._ask(options)
        token = audit_log.source.set(f"manage.py {self.__module__.rsplit('.', 1)[-1]}")
        try:
            result = self.perform(**options)
        except self.errors as error:
            raise CommandError(str(error)) from error
        finally:
            audit_log.source.reset(token)
        if options["json"]:
            self.stdout.write(json.dumps(result, default=_as_json, indent=1))
        else:
            self.show(result)

    def perform(self, **options: Any) -> Any:
        raise NotImplementedError

    def show(self, result: Any) -> None:
        """Print the result for people: a mapping as lines, a list of mappings as a table."""
        if isinstance(result, list):
            self._show_table(result)
            return
        for name, value in result.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {_as_text(value) or '-'}")

    @property
    def actor(self) -> str:
        """Who runs this, for the record."""
        return f"{getpass.getuser()} (command)"

    def _show_table(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            self.stdout.write("None.")
            return
        table = Table()
        for name in rows[0]:
            table.add_column(name.replace("_", " "), overflow="fold")
        for row in rows:
            # As Text: what people typed may look like a style of rich.
            table.add_row(*(Text(_as_text(value)) for value in row.values()))
        out = cast(IO[str], self.stdout)
        Console(file=out, width=None if out.isatty() else PIPE_WIDTH).print(table)

    def _ask(self, options: dict[str, Any]) -> None:
        if not sys.stdin.isatty():
            raise CommandError(f"{self.final.format(**options)} Repeat with --yes.")
        if input(f"{self.final.format(**options)} Type yes to go on: ") != "yes":
            raise CommandError("Nothing was changed.")


def _as_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "" if value is None else str(value)
