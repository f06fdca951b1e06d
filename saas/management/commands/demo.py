"""Run the whole product on this machine."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from saas import local
from saas.demo import check, exceptions, running

PORT, CONSOLE_PORT, MAIL_PORT = 8000, 8001, 8002
LAST_PORT = 65_535


class Command(BaseCommand):
    help = "Start the product on this machine, with servers of its own and three tenants; Ctrl-C stops everything."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dir", type=Path, default=settings.LEASEHOLD_LOCAL_DIR, help="Where its data stands (.local)."
        )
        parser.add_argument("--port", type=_port, default=PORT, help=f"Port of the tenants' hosts ({PORT}).")
        parser.add_argument(
            "--console-port", type=_port, default=CONSOLE_PORT, help=f"Port of the console ({CONSOLE_PORT})."
        )
        parser.add_argument(
            "--mail-port",
            type=_port,
            default=MAIL_PORT,
            help=f"Port of the page with all mails ({MAIL_PORT}).",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Do the main job without a person, on servers and data of its own; exit 1 when a step fails.",
        )
        parser.add_argument("--json", action="store_true", help="Print JSON for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                check.run(as_json=options["json"])
            else:
                running.run(
                    options["dir"],
                    port=options["port"],
                    console_port=options["console_port"],
                    mail_port=options["mail_port"],
                    as_json=options["json"],
                )
        except (exceptions.DemoError, local.LocalError) as error:
            raise CommandError(str(error)) from error


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > LAST_PORT:
        raise ArgumentTypeError(
            f"{text!r} is no port: give a number from 1 to {LAST_PORT}, or 0 for any that is free"
        )
    return int(text)
