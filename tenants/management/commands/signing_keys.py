"""Rotate, list and retire the keys that sign tokens."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tenants import context
from tenants.management.console import OperatorCommand
from tenants.models import SigningKey
from tenants.people import signers


class Command(OperatorCommand):
    help = (
        "The keys that sign short-lived tokens (JWT). `rotate` publishes a new one, which signs ten minutes later;"
        " the old one verifies until its last token has expired. `retire KID --now` voids the tokens of a leaked key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["rotate", "list", "retire"])
        parser.add_argument("kid", nargs="?", help="Of the key to retire.")
        parser.add_argument("--now", action="store_true", help="Its tokens are void within ten seconds.")

    def perform(self, **options: Any) -> Any:
        verb, kid = options["verb"], options["kid"]
        if (verb == "retire") != bool(kid):
            raise CommandError("Name the key to retire, and only then: signing_keys retire KID.")
        with context.identity():
            if verb == "rotate":
                return _row(signers.rotate(), timezone.now())
            if verb == "retire":
                return _row(signers.retire(kid, at_once=options["now"]), timezone.now())
            return [_row(key, timezone.now()) for key in signers.in_use()]


def _row(key: SigningKey, now: datetime) -> dict[str, Any]:
    signs = key.signs_from <= now and (key.signs_until is None or key.signs_until > now)
    state = "signs" if signs else "waits" if key.signs_from > now and key.signs_until is None else "verifies"
    return {
        "kid": key.kid,
        "state": state,
        "signs_from": key.signs_from,
        "signs_until": key.signs_until,
        "verifies_until": key.verifies_until,
    }
