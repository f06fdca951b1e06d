"""Act as a member of a tenant."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from tenants import context, lifecycle, links
from tenants.management.console import OperatorCommand
from tenants.models import LIVE, Membership, User
from tenants.people import exceptions as errors
from tenants.people import impersonation


class Command(OperatorCommand):
    help = "Let an operator act as a member of a tenant; prints the address to open within a minute."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("member", metavar="MEMBER", help="The e-mail address of the member.")
        parser.add_argument("--operator", required=True, metavar="EMAIL", help="Who acts: an operator.")
        parser.add_argument("--reason", required=True, help="The tenant reads it.")
        parser.add_argument("--minutes", type=int, default=impersonation.USUAL // timedelta(minutes=1))
        parser.add_argument("--write", action="store_true", help="Allow changes. Default: read-only.")

    def perform(self, **options: Any) -> dict[str, Any]:
        with context.operator():
            tenant = lifecycle.find(options["slug"])
            operator = User.objects.filter(email__iexact=options["operator"]).first()
            members = Membership.objects.filter(LIVE, tenant=tenant).select_related("user")
            member = members.filter(user__email__iexact=options["member"]).first()
            if operator is None:
                raise errors.NoOperator()
            if member is None:
                raise errors.ImpersonationRefused(f"{options['member']!r} is no member of {tenant.slug}.")
            made = impersonation.grant(
                operator,
                member,
                reason=options["reason"],
                length=timedelta(minutes=options["minutes"]),
                write=options["write"],
            )
            address = links.absolute(f"/impersonation?code={made.code}", tenant)
        return {"address": address, "read_only": made.grant.read_only, "expires_at": made.grant.expires_at}
