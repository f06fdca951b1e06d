"""List tenants."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import context
from tenants.management.console import OperatorCommand
from tenants.models import Domain, Tenant


class Command(OperatorCommand):
    help = "List tenants with their state and host."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="Destroyed ones too.")

    def perform(self, **options: Any) -> list[dict[str, Any]]:
        with context.operator():
            tenants = Tenant.objects.order_by("slug", "created_at")
            hosts = dict(Domain.objects.filter(is_primary=True).values_list("tenant_id", "hostname"))
            return [
                {
                    "slug": tenant.slug,
                    "name": tenant.name,
                    "state": tenant.state,
                    "host": hosts.get(tenant.id),
                    "strict_since": tenant.strict_since,
                    "id": tenant.id,
                    "created": tenant.created_at.isoformat(timespec="seconds"),
                }
                for tenant in (tenants if options["all"] else tenants.filter(destroyed_at__isnull=True))
            ]

    def show(self, result: Any) -> None:
        """Leave out of the table what is long and only for programs."""
        super().show([self._row(row) for row in result])

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "slug": row["slug"],
            "name": row["name"],
            "state": f"{row['state']}, strict" if row["strict_since"] else row["state"],
            "host": row["host"],
            "created": row["created"][:10],
        }
