"""Run a management command inside a tenant's context."""

import argparse
import os
import subprocess
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from tenants import context, lifecycle, names, strict
from tenants.management.console import OperatorCommand
from tenants.models import Tenant


class Command(OperatorCommand):
    help = "Run any management command as one tenant, in one transaction: tenant_run acme shell."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("command")
        parser.add_argument("arguments", nargs=argparse.REMAINDER)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **{**options, "json": False})

    def perform(self, **options: Any) -> Any:
        with context.public():
            tenant = lifecycle.find(options["slug"])
        if options["command"] == "dbshell":
            self._psql(tenant, options["arguments"])
        else:
            command = _found(options["command"])
            with context.use(tenant):
                call_command(command, *options["arguments"])

    def show(self, result: Any) -> None:
        """The command itself has printed."""

    def _psql(self, tenant: Tenant, arguments: list[str]) -> None:
        """Open psql with the tenant's role and path as the session's own; a psql session has no context to enter."""
        connection = connections[context.ALIAS[context.Kind.TENANT]]
        login, schema = strict.login_of(tenant.id), names.schema_of(tenant.id)
        own = {"USER": login.role, "PASSWORD": login.password} if login else {}
        command, environment = connection.client.settings_to_cmd_args_env(
            {**connection.settings_dict, **own}, arguments
        )
        environment = {**os.environ, **(environment or {})}
        environment["PGOPTIONS"] = f"-c role={schema} -c search_path={schema},public"
        if bindir := os.environ.get("LEASEHOLD_PG_BINDIR", getattr(settings, "LEASEHOLD_PG_BINDIR", "")):
            environment["PATH"] = f"{bindir}:{environment['PATH']}"
        try:
            ended = subprocess.run(command, env=environment, check=False)
        except FileNotFoundError as error:
            raise CommandError(
                "There is no psql on the PATH. Install it, or name its folder in LEASEHOLD_PG_BINDIR."
            ) from error
        if ended.returncode:
            # It has said what was wrong.
            raise SystemExit(ended.returncode)


def _found(name: str) -> BaseCommand:
    """Return the command of this name. Raises CommandError for those that enter contexts of their own."""
    app = get_commands().get(name)
    if app is None:
        raise CommandError(f"There is no command '{name}'. `manage.py help` shows all.")
    command = load_command_class(app, name) if isinstance(app, str) else app
    if name == "migrate" or isinstance(command, OperatorCommand):
        raise CommandError(f"`{name}` works on the whole installation: run `manage.py {name}` by itself.")
    return command
